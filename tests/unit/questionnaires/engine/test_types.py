"""Every question type can do everything: this walks the registry, so none is half-supported."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import jsonschema
import pytest

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import NumberQuestion, Question, TableQuestion
from questionnaires.engine.localisation import localised
from questionnaires.engine.types.field_spec import Control
from questionnaires.engine.types.registry import TYPES, type_of
from questionnaires.engine.values import (
    AnswerValue,
    ChoicesValue,
    ChoiceValue,
    DateValue,
    FileReference,
    FilesValue,
    LevelValue,
    NumberValue,
    TextValue,
)
from tests.unit.questionnaires.engine.answering import EVERYTHING, SAMPLES, TODAY, Sample
from tests.unit.questionnaires.engine.documents import question

HALF = Fraction(1, 2)
GERMAN = localised(EVERYTHING, "de").questionnaire


def asked(key: str) -> Question:
    """Return a question of `everything`."""
    found = EVERYTHING.question(key)
    assert found is not None
    return found


def test_there_are_samples_for_every_type_and_no_others() -> None:
    assert set(SAMPLES) == set(TYPES)


@pytest.mark.parametrize("key", TYPES)
def test_a_type_belongs_to_its_key_class_and_schema(key: str) -> None:
    kind = TYPES[key]
    assert kind.key == key == kind.question_class.type
    assert kind.schema.made is kind.question_class
    assert type_of(SAMPLES[key].asked()) is kind
    assert isinstance(SAMPLES[key].asked(), kind.question_class)


def pairs() -> list[Any]:
    """Return every sample answer with its type's key."""
    return [
        pytest.param(key, raw, value, id=f"{key}-{number}")
        for key, sample in SAMPLES.items()
        for number, (raw, value) in enumerate(sample.taken)
    ]


@pytest.mark.parametrize(("key", "raw", "value"), pairs())
def test_an_answer_is_understood_and_kept_everywhere(
    key: str, raw: Any, value: AnswerValue
) -> None:
    kind, asks = TYPES[key], SAMPLES[key].asked()
    assert kind.parse(asks, raw, today=TODAY) == value
    assert isinstance(value, kind.value_class)
    kind.validate(asks, value, today=TODAY)
    # As JSON, and as its schema says.
    data = kind.to_json(asks, value)
    assert kind.from_json(asks, json.loads(json.dumps(data))) == value
    schema = kind.json_schema(asks)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(data)
    # As a cell and as words, in both languages.
    for language, questionnaire in (("en", EVERYTHING), ("de", GERMAN)):
        local = questionnaire.question(asks.key)
        cell = kind.cell_out(local, value, language)
        assert len(cell) <= 32_767
        assert kind.cell_in(local, cell, language) == value
        assert kind.display(local, value, language)
        assert all(isinstance(line, str) for line in kind.pdf_text(local, value, language))
        assert kind.pdf_text(local, value, language)


@pytest.mark.parametrize("key", TYPES)
@pytest.mark.parametrize("nothing", [None, "", "   "])
def test_nothing_is_no_answer(key: str, nothing: Any) -> None:
    kind, asks = TYPES[key], SAMPLES[key].asked()
    assert kind.parse(asks, nothing) is None
    assert kind.cell_in(asks, nothing, "en") is None


@pytest.mark.parametrize(
    ("key", "raw", "words"),
    [
        pytest.param(key, raw, words, id=f"{key}-{number}")
        for key, sample in SAMPLES.items()
        for number, (raw, words) in enumerate(sample.refused)
    ],
)
def test_what_is_not_understood_is_answered_in_words(key: str, raw: Any, words: str) -> None:
    with pytest.raises(AnswerError) as refused:
        TYPES[key].parse(SAMPLES[key].asked(), raw, today=TODAY)
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("key", "data"),
    [
        pytest.param(key, data, id=f"{key}-{number}")
        for key, sample in SAMPLES.items()
        for number, data in enumerate(sample.refused_json)
    ],
)
def test_json_that_is_no_answer_is_refused(key: str, data: Any) -> None:
    with pytest.raises(AnswerError):
        TYPES[key].from_json(SAMPLES[key].asked(), data)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_answers_are_shown_in_words(sample: Sample) -> None:
    asks = sample.asked()
    assert type_of(asks).display(asks, sample.taken[0][1], "en") == sample.shown


@pytest.mark.parametrize("key", TYPES)
def test_every_type_describes_its_control(key: str) -> None:
    asks = SAMPLES[key].asked()
    spec = TYPES[key].field(asks, "en")
    assert (spec.key, spec.label, spec.hint) == (asks.key, asks.text, asks.hint)
    assert spec.required == asks.required
    if spec.control in (Control.RADIOS, Control.CHECKBOXES):
        assert len(spec.choices) >= 3
        # What the control sends is understood.
        for choice in spec.choices:
            assert TYPES[key].parse(asks, choice.key) is not None


@pytest.mark.parametrize("key", TYPES)
def test_every_type_scores_and_takes_a_rating(key: str) -> None:
    kind, asks = TYPES[key], SAMPLES[key].asked()
    for _raw, value in SAMPLES[key].taken:
        score = kind.score(asks, value, today=TODAY)
        assert score is None or 0 <= score <= 1
        assert kind.score(asks, value, rating=Fraction(1, 3), today=TODAY) == Fraction(1, 3)
        assert kind.opens_gate(asks, value) <= kind.has_gate(asks)
        assert kind.opens_gate(asks, value) <= kind.is_risky(asks, value)
        assert kind.is_risky(asks, value) <= kind.is_risky_possible(asks)
    assert all(0 <= score <= 1 for score in kind.possible_scores(asks))


SCORES: list[tuple[str, AnswerValue, Fraction | None]] = [
    ("Q-yes", ChoiceValue("yes"), Fraction(0)),
    ("Q-yes", ChoiceValue("partial"), Fraction(1, 5)),
    ("Q-yes", ChoiceValue("no"), Fraction(1)),
    ("Q-single", ChoiceValue("us"), HALF),
    ("Q-multiple", ChoicesValue(("drift", "abuse")), Fraction(1)),
    ("Q-multiple", ChoicesValue(("drift", "cost")), HALF),
    ("Q-multiple", ChoicesValue(("drift", "abuse", "blind")), Fraction(0)),
    ("Q-multiple", ChoicesValue(("none",)), Fraction(0)),
    ("Q-maturity", LevelValue(3), Fraction(3, 4)),
    ("Q-text", TextValue("x"), None),
    ("Q-number", NumberValue(Decimal("24.4")), Fraction(1)),
    ("Q-number", NumberValue(Decimal("24.5")), HALF),
    ("Q-number", NumberValue(Decimal(72)), Fraction(0)),
    ("Q-number", NumberValue(None), Fraction(1, 20)),
    ("Q-date", DateValue(dt.date(2025, 8, 1)), Fraction(1)),
    ("Q-date", DateValue(dt.date(2025, 2, 1)), HALF),
    ("Q-date", DateValue(dt.date(2024, 8, 1)), Fraction(0)),
    ("Q-day-to-come", DateValue(dt.date(2027, 1, 1)), None),
    ("Q-file", FilesValue((FileReference("1", "a"),)), HALF),
    ("Q-table", SAMPLES["table"].taken[0][1], None),
]


@pytest.mark.parametrize(("key", "value", "score"), SCORES)
def test_answers_score_as_the_format_says(
    key: str, value: AnswerValue, score: Fraction | None
) -> None:
    asks = asked(key)
    assert type_of(asks).score(asks, value, today=TODAY) == score


WARNS: list[tuple[str, AnswerValue, bool, bool]] = [
    ("Q-yes", ChoiceValue("yes"), True, True),
    ("Q-yes", ChoiceValue("partial"), True, False),
    ("Q-yes", ChoiceValue("no"), False, False),
    ("Q-single", ChoiceValue("any"), False, False),
    ("Q-multiple", ChoicesValue(("drift", "blind")), True, False),
    ("Q-maturity", LevelValue(0), True, True),
    ("Q-maturity", LevelValue(1), True, False),
    ("Q-maturity", LevelValue(2), False, False),
    ("Q-number", NumberValue(Decimal(24)), False, False),
    ("Q-number", NumberValue(Decimal(25)), True, False),
    ("Q-number", NumberValue(Decimal(72)), True, True),
    ("Q-number", NumberValue(None), True, True),
]


@pytest.mark.parametrize(("key", "value", "risky", "gate"), WARNS)
def test_answers_warn_and_open_gates(key: str, value: AnswerValue, risky: bool, gate: bool) -> None:
    asks = asked(key)
    kind = type_of(asks)
    assert (kind.is_risky(asks, value), kind.opens_gate(asks, value)) == (risky, gate)


def test_numbers_are_read_in_the_language_in_which_they_are_written() -> None:
    asks = question({"key": "Q", "type": "number", "text": "x", "decimals": 3})
    kind = type_of(asks)

    def read(text: str, language: str) -> str:
        value = kind.parse(asks, text, language=language)
        assert isinstance(value, NumberValue)
        return str(value.amount)

    assert read("1,234.5", "en") == read("1.234,5", "de") == "1234.5"
    assert read("1,234", "en") == read("1.234", "de") == "1234"
    assert read("1.234", "en") == read("1,234", "de") == "1.234"
    assert read("72,5", "en") == read("72.5", "de") == "72.5"
    assert read("1 234,5", "de") == read("1’234.5", "en") == "1234.5"
    assert read("−3", "en") == read("-3", "de") == "-3"
    assert kind.display(asks, NumberValue(Decimal("1234.5")), "de") == "1.234,5"
    assert kind.cell_out(asks, NumberValue(Decimal("1234.5")), "de") == "1234,5"


def test_the_example_in_a_message_is_an_answer_that_could_be_given() -> None:
    asks = question({"key": "Q", "type": "number", "text": "x", "unit": "%", "max": 5})
    with pytest.raises(AnswerError) as refused:
        type_of(asks).parse(asks, "few")
    assert refused.value.message == "Enter the % as a number, for example 5."
    assert isinstance(asks, NumberQuestion)
    with pytest.raises(AnswerError, match="Enter a whole number"):
        type_of(asks).parse(asks, "4.5")
    with pytest.raises(AnswerError, match="Enter the % as a number"):
        type_of(asks).validate(asks, NumberValue(None))


def test_options_that_read_the_same_travel_by_key() -> None:
    options = [{"key": "a", "text": "Same"}, {"key": "b", "text": "same"},
               {"key": "c", "text": "a"}]  # fmt: skip
    asks = question({"key": "Q", "type": "single", "text": "x", "options": options})
    kind = type_of(asks)
    for option in "abc":
        cell = kind.cell_out(asks, ChoiceValue(option), "en")
        assert kind.cell_in(asks, cell, "en") == ChoiceValue(option)


def test_a_mistake_in_a_table_is_named_with_its_cell() -> None:
    asks = asked("Q-table")
    assert isinstance(asks, TableQuestion)
    with pytest.raises(AnswerError) as refused:
        type_of(asks).parse(asks, [{"name": "a"}, {"name": "b", "since": "soon"}])
    assert (refused.value.row, refused.value.column) == (1, "since")
    assert refused.value.details == {"row": 1, "column": "since"}


def test_days_are_written_with_the_month_as_a_word() -> None:
    asks = asked("Q-date")
    day = DateValue(dt.date(2026, 12, 3))
    assert type_of(asks).display(asks, day, "en") == "3 Dec 2026"
    assert type_of(asks).display(asks, day, "de") == "3. Dez. 2026"
    assert type_of(asks).display(asks, day, "xx") == "3 Dec 2026"


def test_days_to_come_are_right_where_they_are_asked_for() -> None:
    asks = asked("Q-day-to-come")
    kind = type_of(asks)
    assert kind.parse(asks, "2027-01-01", today=TODAY) == DateValue(dt.date(2027, 1, 1))
