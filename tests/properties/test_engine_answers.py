"""Whatever is answered: JSON, cells and schemas keep it, and nothing breaks a type."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.exact_numbers import exact_number
from questionnaires.engine.limits import NUMBER_DECIMALS, NUMBER_DIGITS
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
    RowsValue,
    TextValue,
)
from tests.unit.questionnaires.engine.answering import SAMPLES, TODAY
from tests.unit.questionnaires.engine.documents import question

LETTERS = st.characters(blacklist_categories=("Cc", "Cs"), blacklist_characters="\u202a\u202b"
                        "\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # fmt: skip
LINES = st.text(LETTERS | st.sampled_from("\n\t"), min_size=1, max_size=80)
TEXTS = LINES.filter(lambda text: text == text.strip() and bool(text))
NAMES = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), min_size=1, max_size=40
).filter(lambda text: text == text.strip())
IDS = st.from_regex(r"[A-Za-z0-9-]{1,64}", fullmatch=True)
NUMBERS = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places),
    st.integers(-(10**NUMBER_DIGITS) + 1, 10**NUMBER_DIGITS - 1),
    st.integers(0, NUMBER_DECIMALS),
).map(lambda number: exact_number(number) or Decimal(0))
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31))

OPTIONS = [
    {"key": "a", "text": "Yes; no"},
    {"key": "b", "text": "b"},
    {"key": "c", "text": "B"},
    {"key": "d", "text": "a"},
    {"key": "e", "text": " spaced  out "},
    {"key": "f", "text": "Alone", "exclusive": True},
]
KEYS = [option["key"] for option in OPTIONS if not option.get("exclusive")]
COLUMNS = [
    {"key": "words", "text": "Words, all"},
    {"key": "count", "text": "Count", "type": "number", "required": False},
    {"key": "day", "text": "Day", "type": "date", "required": False},
    {"key": "kind", "text": "Kind", "type": "single", "required": False,
     "options": [{"key": "x", "text": "X, or so"}, {"key": "y", "text": "x"}]},
]  # fmt: skip


def of_type(kind: str, **keys: Any) -> Any:
    """Return a question."""
    return question({"key": "Q", "type": kind, "text": "x", **keys})


ROWS = st.lists(
    st.tuples(
        TEXTS.map(TextValue),
        st.none() | NUMBERS.map(NumberValue),
        st.none() | DAYS.map(DateValue),
        st.none() | st.sampled_from(["x", "y"]).map(ChoiceValue),
    ),
    min_size=1,
    max_size=4,
).map(lambda rows: RowsValue(tuple(rows)))
FILES = st.lists(
    st.builds(FileReference, IDS, NAMES), min_size=1, max_size=4, unique_by=lambda file: file.id
).map(lambda files: FilesValue(tuple(files)))
CHOSEN = st.lists(st.sampled_from(KEYS), min_size=1, unique=True).map(
    lambda chosen: ChoicesValue(tuple(key for key in KEYS if key in chosen))
)

CASES: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "yes_no": (of_type("yes_no"), st.sampled_from(["yes", "partial", "no"]).map(ChoiceValue)),
    "single": (
        of_type("single", options=OPTIONS),
        st.sampled_from([*KEYS, "f"]).map(ChoiceValue),
    ),
    "multiple": (
        of_type("multiple", options=OPTIONS),
        st.one_of(CHOSEN, st.just(ChoicesValue(("f",)))),
    ),
    "maturity": (
        of_type("maturity", levels=["1", "one", "0", "x", "y"]),
        st.integers(0, 4).map(LevelValue),
    ),
    "text": (of_type("text", max_length=100), TEXTS.map(TextValue)),
    "number": (
        of_type("number", decimals=6, unit="km", unknown_option={"text": "No idea, 5"}),
        st.one_of(NUMBERS.map(NumberValue), st.just(NumberValue(None))),
    ),
    "date": (of_type("date", future=True), DAYS.map(DateValue)),
    "file": (of_type("file"), FILES),
    "table": (of_type("table", columns=COLUMNS), ROWS),
}


def test_every_type_is_tried() -> None:
    assert set(CASES) == set(TYPES)


@pytest.mark.parametrize("key", CASES)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_an_answer_is_the_same_after_every_way_out_and_in(key: str, data: st.DataObject) -> None:
    asks, values = CASES[key]
    value: AnswerValue = data.draw(values)
    kind = type_of(asks)
    kind.validate(asks, value)
    written = kind.to_json(asks, value)
    assert kind.from_json(asks, json.loads(json.dumps(written))) == value
    jsonschema.Draft202012Validator(kind.json_schema(asks)).validate(written)
    for language in ("en", "de", "fr"):
        cell = kind.cell_out(asks, value, language)
        assert kind.cell_in(asks, cell, language) == value, cell
        assert "\n".join(kind.pdf_text(asks, value, language)) == kind.display(
            asks, value, language
        )
    score = kind.score(asks, value, today=TODAY)
    assert score is None or 0 <= score <= 1


RAW = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["1.234,5", "1,2,3", "31.2.2026", "2026-13-01", "９", "1/2/2026", "[1]"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "amount", "unknown", "words", "count", "day", "kind"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def attempt(read: Callable[[], Any]) -> tuple[Any, str | None]:
    """Return what was read, or what was said instead."""
    try:
        return read(), None
    except AnswerError as refused:
        return None, refused.message


@pytest.mark.parametrize("key", CASES)
@settings(max_examples=100, deadline=None)
@given(raw=RAW)
def test_anything_is_understood_or_refused_in_words(key: str, raw: Any) -> None:
    asks, _values = CASES[key]
    kind = type_of(asks)
    for read in (
        lambda: kind.parse(asks, raw, today=TODAY),
        lambda: kind.cell_in(asks, raw, "de"),
        lambda: kind.from_json(asks, raw),
    ):
        value, refusal = attempt(read)
        assert refusal is None or refusal.endswith(".")
        if value is not None:
            kind.validate(asks, value)
            assert kind.from_json(asks, kind.to_json(asks, value)) == value


def test_the_samples_of_each_type_are_of_its_class() -> None:
    for key, sample in SAMPLES.items():
        assert isinstance(sample.asked(), TYPES[key].question_class)
