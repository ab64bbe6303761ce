"""A questionnaire in another language, and what is missing in it."""

from __future__ import annotations

import copy
from typing import Any

from questionnaires.engine.definition import (
    FileQuestion,
    MaturityQuestion,
    NumberQuestion,
    Questionnaire,
    SingleQuestion,
    TableQuestion,
)
from questionnaires.engine.document import parse_document
from questionnaires.engine.localisation import localised
from questionnaires.engine.types.registry import type_of
from tests.unit.questionnaires.engine.documents import everything, german

SOURCE = parse_document(everything())


def with_german(texts: dict[str, Any]) -> Questionnaire:
    """Return `everything` with these German texts."""
    return parse_document({**everything(), "translations": {"de": texts}})


def test_all_texts_are_in_the_language() -> None:
    found = localised(SOURCE, "de")
    assert (found.language, found.missing) == ("de", ())
    made = found.questionnaire
    assert (made.title, made.modules[0].title) == ("Alles", "Trainieren")
    assert [section.title for section in made.sections] == ["Erstens", "Zweitens"]
    by_key = {question.key: question for question in made.questions}
    single, number, table = by_key["Q-single"], by_key["Q-number"], by_key["Q-table"]
    maturity, file, yes = by_key["Q-maturity"], by_key["Q-file"], by_key["Q-yes"]
    assert isinstance(single, SingleQuestion)
    assert (single.options[0].text, single.options[0].hint) == ("In der EU", "Auch EWR")
    assert single.options[0].score == 100
    assert isinstance(number, NumberQuestion)
    assert number.unit == "Stunden"
    assert number.unknown_option is not None
    assert number.unknown_option.text == "Es gibt keine Grenze"
    assert number.unknown_option.gate
    assert isinstance(table, TableQuestion)
    assert [column.text for column in table.columns] == ["Name", "Größe", "Seit", "Ort"]
    assert isinstance(maturity, MaturityQuestion)
    assert maturity.levels[4] == "Gemessen"
    assert isinstance(file, FileQuestion)
    assert file.kinds == ("Register", "Vertragsanlage")
    assert yes.evidence is not None
    assert yes.evidence.text == "Die Klausel"


def test_only_texts_change() -> None:
    made = localised(SOURCE, "de").questionnaire
    for before, after in zip(SOURCE.questions, made.questions, strict=True):
        assert type_of(before).possible_scores(before) == type_of(after).possible_scores(after)
        assert (before.key, before.weight, before.show_if) == (
            after.key,
            after.weight,
            after.show_if,
        )


def test_a_region_falls_back_to_its_language_and_then_to_the_source() -> None:
    assert localised(SOURCE, "de-AT").language == "de"
    assert localised(SOURCE, "en-GB").questionnaire is SOURCE
    french = localised(SOURCE, "fr")
    assert (french.language, french.missing) == ("en", ())
    assert french.questionnaire is SOURCE


def leaves(texts: Any, path: str = "") -> list[str]:
    """Return the path of every text; lists count as one."""
    if not isinstance(texts, dict):
        return [path]
    return [
        leaf
        for key, inner in texts.items()
        for leaf in leaves(inner, f"{path}.{key}" if path else key)
    ]


def without(texts: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the texts without one of them."""
    made = copy.deepcopy(texts)
    *above, last = path.split(".")
    inner = made
    for key in above:
        inner = inner[key]
    del inner[last]
    return made


def test_each_missing_text_is_named_and_shown_in_the_source_language() -> None:
    for path in leaves(german()):
        found = localised(with_german(without(german(), path)), "de")
        assert [text.place for text in found.missing] == [path]
        parts = path.split(".")
        assert found.missing[0].question == (parts[1] if parts[0] == "questions" else None)


def test_nothing_translated_is_all_source() -> None:
    source = with_german({})
    found = localised(source, "de")
    assert found.questionnaire.sections == source.sections
    assert len(found.missing) == len(leaves(german()))
