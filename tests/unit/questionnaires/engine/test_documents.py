"""The document: what is read is written back, and what is wrong is named with its place."""

from __future__ import annotations

import copy
import dataclasses
import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from questionnaires.engine.definition import NumberQuestion, Questionnaire
from questionnaires.engine.document import (
    canonical_json,
    fingerprint,
    json_schema,
    parse_document,
    serialise,
)
from questionnaires.engine.document_errors import DocumentErrors
from questionnaires.engine.reading import read_json
from questionnaires.engine.schema_base import DocumentSchema, defaults_of, shared
from questionnaires.engine.types.registry import TYPES
from tests.unit.questionnaires.engine.documents import everything, parsed, small, yes_no


def errors_of(data: Any, *, draft: bool = False) -> dict[str, str]:
    """Return the messages of a refused document by their place."""
    with pytest.raises(DocumentErrors) as refused:
        parse_document(data, draft=draft)
    return {error.path: error.message for error in refused.value.errors}


def test_what_was_read_is_written_back() -> None:
    questionnaire = parse_document(everything())
    assert serialise(questionnaire) == everything()
    assert parse_document(serialise(questionnaire)) == questionnaire


def test_canonical_bytes_stay_the_same_over_reading_and_writing() -> None:
    first = canonical_json(parse_document(everything()))
    again = parse_document(read_json(first))
    assert canonical_json(again) == first
    assert fingerprint(again) == fingerprint(parse_document(everything()))
    assert (
        first
        == json.dumps(
            everything(), sort_keys=True, ensure_ascii=False, separators=(",", ":")
        ).encode()
    )


def test_defaults_are_left_out_wherever_they_were_written() -> None:
    spelled = yes_no("Q", weight="standard", minutes=2, required=True, scores={"yes": 100})
    assert serialise(parsed(spelled)) == serialise(parsed(yes_no("Q")))


def test_a_changed_text_changes_the_fingerprint() -> None:
    questionnaire = parsed(yes_no("Q"))
    changed = dataclasses.replace(questionnaire, title="Another")
    assert fingerprint(changed) != fingerprint(questionnaire)


def test_numbers_keep_every_digit() -> None:
    bands = [{"below": 0.1, "score": 0}, {"from": 0.1, "below": 99999.123456, "score": 1},
             {"from": 99999.123456, "score": 2}]  # fmt: skip
    document = {"key": "Q", "type": "number", "text": "How many?", "decimals": 6, "bands": bands}
    question = parsed(document).questions[0]
    assert isinstance(question, NumberQuestion)
    assert question.bands[1].below == Decimal("99999.123456")
    text = canonical_json(parsed(document))
    assert b"99999.123456" in text
    assert parse_document(read_json(text)) == parsed(document)


def test_look_ups_know_keys_places_and_sections() -> None:
    questionnaire = parse_document(everything())
    assert [q.key for q in questionnaire.questions][:3] == ["Q-yes", "Q-single", "Q-multiple"]
    assert questionnaire.question("Q-table") is questionnaire.questions[-1]
    assert questionnaire.question("Q-none") is None
    assert questionnaire.position("Q-multiple") == 2
    assert questionnaire.section_of("Q-date").key == "second"
    section = questionnaire.section("second")
    assert section is not None
    assert section.title == "Second"
    assert questionnaire.section("third") is None
    assert [*questionnaire.languages()] == ["en", "de"]


def test_nothing_in_a_questionnaire_can_be_changed() -> None:
    questionnaire = parse_document(everything())
    with pytest.raises(TypeError):
        questionnaire.translations["fr"] = questionnaire.translations["de"]  # type: ignore[index]  # the test is that it is refused
    with pytest.raises(dataclasses.FrozenInstanceError):
        questionnaire.questions[0].text = "Other"  # type: ignore[misc]  # the test is that it is refused


BAD: list[tuple[dict[str, Any], str, str]] = [
    (yes_no("Q", text=""), "text", "Write a text here, or leave the key out."),
    (yes_no("Q", text="x" * 301), "text", "Shorten this text to 300 characters; it has 301."),
    (yes_no("Q", text=5), "text", "Write a text here, in quotes."),
    (yes_no("Q", text="a\nb"), "text", "one line"),
    (yes_no("Q", text="a\u202eb"), "text", "direction of writing"),
    (yes_no("Q", text="a\ud800b"), "text", "one line"),
    (yes_no("Q", looking_for="<b>x</b>"), "looking_for", "Write Markdown without HTML tags."),
    (yes_no("Q", minutes="3"), "minutes", "Write a whole number from 1 to 60, without quotes."),
    (yes_no("Q", minutes=True), "minutes", "whole number"),
    (yes_no("Q", minutes=3.0), "minutes", "whole number"),
    (yes_no("Q", minutes=0), "minutes", "whole number"),
    (yes_no("Q", required=1), "required", "Write true or false, without quotes."),
    (yes_no("Q", weight="heavy"), "weight", "critical, standard, minor, none"),
    (yes_no("Q", hint=None), "hint", "leave the key out"),
    (yes_no("Q", lookingfor="x"), "lookingfor", "Did you mean “looking_for”?"),
    (yes_no("Q", zzz="x"), "zzz", "There is no such key here: take it out."),
    (yes_no("Q", options=[]), "options", "There is no such key here"),
    (yes_no("Q", scores={"maybe": 1}), "scores.maybe", "There is no such key here"),
    (yes_no("Q", gate=["no", "no"]), "gate[1]", "This stands in the list already"),
    (
        yes_no("Q", controls=[{"framework": "X", "control": "1"}]),
        "controls[0].framework",
        "lower-case",
    ),
    (yes_no("Q", controls=[{"framework": "x"}]), "controls[0].control", "Add this key"),
    (yes_no("Q", controls=["A.7.2"]), "controls[0]", "Write keys with values here."),
    (yes_no("Q", risk_sources=["C34"]), "risk_sources[0]", "Write it like “C.3.4”."),
    (yes_no("Q", evidence={"ask": "please", "text": "x"}), "evidence.ask", "wanted, required"),
    (yes_no("Q", show_if=[]), "show_if", "Write one of these"),
    (yes_no("Q", show_if={"all": []}), "show_if.all", "1 to 30"),
    (yes_no("Q", show_if={"question": "A", "is": "equals"}), "show_if.value", "Write the value"),
    (
        yes_no("Q", show_if={"question": "A", "is": "answered", "value": "x"}),
        "show_if.value",
        "Take the value out",
    ),
    (
        yes_no("Q", show_if={"question": "A", "is": "equals", "value": True}),
        "show_if.value",
        "in quotes",
    ),
    (
        yes_no("Q", show_if={"not": {"not": {"not": {"not": {"not": {"all": []}}}}}}),
        "show_if.not.not.not.not.not",
        "at most 5 deep",
    ),
    (
        {"key": "Q", "type": "single", "text": "x", "options": [{"key": "a", "text": "A"}] * 2},
        "options[1].key",
        "a second time",
    ),
    (
        {"key": "Q", "type": "maturity", "text": "x", "levels": ["a", "b"]},
        "levels",
        "all 5 entries",
    ),
    (
        {"key": "Q", "type": "number", "text": "x", "bands": [{"score": 1, "below": "5"}]},
        "bands[0].below",
        "Write a number without quotes",
    ),
    (
        {"key": "Q", "type": "number", "text": "x", "max": 0.1234567},
        "max",
        "at most 15 digits",
    ),
    (
        {"key": "Q", "type": "table", "text": "x", "max_rows": 201},
        "max_rows",
        "from 1 to 200",
    ),
]


@pytest.mark.parametrize(("question", "place", "words"), BAD)
def test_a_mistake_is_named_with_its_place(
    question: dict[str, Any], place: str, words: str
) -> None:
    errors = errors_of(small(question))
    path = f"sections[0].questions[0].{place}"
    assert path in errors
    assert words in errors[path]
    assert len(errors) == 1


def test_all_mistakes_are_named_at_once() -> None:
    errors = errors_of(
        small(yes_no("Q", text=""), yes_no("R", minutes=0), titel="x", audience="all", title="")
    )
    assert set(errors) == {
        "titel",
        "title",
        "audience",
        "sections[0].questions[0].text",
        "sections[0].questions[1].minutes",
    }
    assert errors["titel"] == "There is no such key here. Did you mean “title”?"


def test_only_the_first_fifty_mistakes_are_shown() -> None:
    with pytest.raises(DocumentErrors) as refused:
        parse_document(small(*(yes_no(f"Q{n}", text="") for n in range(60))))
    assert len(refused.value.errors) == 50
    assert refused.value.more
    assert refused.value.message.startswith("The document has 50+ errors.")
    details = refused.value.details["errors"]
    assert isinstance(details, list)
    assert details[0] == {
        "path": "sections[0].questions[0].text",
        "message": "Write a text here, or leave the key out.",
    }


def test_keys_are_said_once_over_the_whole_document() -> None:
    section = {"key": "one", "title": "One", "questions": [yes_no("Q")]}
    other = {"key": "two", "title": "Two", "questions": [yes_no("Q")]}
    renamed = {**other, "key": "one", "questions": []}
    assert errors_of(small(sections=[section, renamed])) == {
        "sections[1].key": "“one” stands here a second time: choose another key."
    }
    assert errors_of(small(sections=[section, other])) == {
        "sections[1].questions[0].key": "“Q” stands in section “one” already: choose another key."
    }


def test_missing_parts_are_named() -> None:
    assert set(errors_of({})) == {
        "format", "key", "title", "audience", "purpose", "language", "sections",
    }  # fmt: skip
    assert errors_of(small(format="assay-questionnaire/2")) == {
        "format": "Write “assay-questionnaire/1” here."
    }
    assert list(errors_of(small({"key": "Q", "text": "x"}))) == ["sections[0].questions[0].type"]
    assert list(errors_of(small({"key": "Q", "type": [], "text": "x"}))) == [
        "sections[0].questions[0].type"
    ]


def test_a_key_in_a_path_that_is_no_plain_word_stands_in_quotes() -> None:
    errors = errors_of(small(translations={"de": {"questions": {"Q-A.7.2-1": {"text": ""}}}}))
    assert list(errors) == ['translations.de.questions["Q-A.7.2-1"].text']


RULES: list[tuple[dict[str, Any], str]] = [
    ({"question": "Q-none", "is": "answered"}, "There is no question “Q-none”"),
    ({"question": "Z", "is": "answered"}, "is not asked before this is decided"),
    ({"question": "Y", "is": "answered"}, "is not asked before this is decided"),
    ({"question": "A", "is": "includes", "value": "yes"}, "can be tested with answered, equals"),
    ({"question": "A", "is": "equals", "value": "maybe"}, "Write yes, partial or no"),
    ({"question": "A", "is": "equals", "value": 1}, "Write yes, partial or no"),
    ({"question": "S", "is": "equals", "value": "c"}, "has no option “c”. It has: a, b."),
    ({"question": "M", "is": "at_least", "value": 5}, "Write a level from 0 to 4"),
    ({"question": "M", "is": "at_least", "value": "3"}, "Write a level from 0 to 4"),
    ({"question": "N", "is": "at_most", "value": "3"}, "Write a number as the value"),
    ({"question": "D", "is": "equals", "value": "3 Dec 2026"}, "Write a day such as"),
    ({"question": "D", "is": "equals", "value": 5}, "Write a day such as"),
    ({"question": "T", "is": "equals", "value": "x"}, "can be tested with answered only"),
]
ASKED = (
    yes_no("A"),
    {"key": "S", "type": "single", "text": "s",
     "options": [{"key": "a", "text": "A"}, {"key": "b", "text": "B"}]},
    {"key": "M", "type": "maturity", "text": "m"},
    {"key": "N", "type": "number", "text": "n"},
    {"key": "D", "type": "date", "text": "d"},
    {"key": "T", "type": "text", "text": "t"},
)  # fmt: skip


@pytest.mark.parametrize(("rule", "words"), RULES)
def test_rules_name_earlier_questions_and_answers_they_can_have(
    rule: dict[str, Any], words: str
) -> None:
    document = small(*ASKED, yes_no("Y", show_if={"all": [rule]}), yes_no("Z"))
    errors = errors_of(document)
    assert list(errors) == ["sections[0].questions[6].show_if"]
    assert words in errors["sections[0].questions[6].show_if"]
    assert parse_document(document, draft=True).questions[6].key == "Y"


def test_modules_are_decided_before_their_first_question() -> None:
    rule = {"question": "B", "is": "answered"}
    module = {"key": "m", "title": "M", "show_if": rule}
    early = small(yes_no("A", module="m"), yes_no("B"), modules=[module])
    assert list(errors_of(early)) == ["modules[0].show_if"]
    late = small(yes_no("B"), yes_no("A", module="m"), modules=[module])
    assert parse_document(late).modules[0].key == "m"
    assert list(errors_of(small(yes_no("A", module="none")))) == ["sections[0].questions[0].module"]


def test_the_published_schema_is_a_schema_and_takes_what_the_parser_takes() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(everything())
    json.dumps(schema)


# JSON Schema has no words for these rules.
NOT_IN_SCHEMA = ("one line", "direction of writing", "HTML", "a second time", "digits", "deep",
                 "Take the value out", "Write the value")  # fmt: skip
SAYABLE = [
    case
    for case in BAD
    if not any(words in case[2] for words in NOT_IN_SCHEMA) and case[0].get("minutes") != 3.0
]


@pytest.mark.parametrize(("question", "place"), [case[:2] for case in SAYABLE])
def test_the_published_schema_refuses_what_the_parser_refuses(
    question: dict[str, Any], place: str
) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    assert not validator.is_valid(small(question)), place


def test_each_schema_has_the_keys_of_its_class() -> None:
    for kind in TYPES.values():
        schema: DocumentSchema = shared(kind.schema)
        made: Any = kind.question_class
        names = {field.attribute or name for name, field in schema.fields.items()}
        assert names == {field.name for field in dataclasses.fields(made)}
        required = {name for name, field in schema.fields.items() if field.required}
        assert required == names - set(defaults_of(made))


def test_reading_does_not_touch_what_it_reads() -> None:
    data = everything()
    before = copy.deepcopy(data)
    assert isinstance(parse_document(data), Questionnaire)
    assert data == before
