"""JSON and YAML texts become the same plain data."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from questionnaires.engine.document import parse_document
from questionnaires.engine.document_errors import DocumentErrors
from questionnaires.engine.reading import read_json, read_yaml
from tests.unit.questionnaires.engine.documents import everything

TEXT = """
words: [yes, no, on, off, true, false, null, ~, "true"]
numbers: [5, -3, 0.5, 1e3, "5", 007, 1_000, 0x10]
keys: {yes: 1, 2026: 2, null: 3}
day: 2026-12-03
time: 12:30
lines: |
  one
  two
folded: >-
  three
  four
"""


def test_yaml_words_are_words_and_days_are_texts() -> None:
    assert read_yaml(TEXT) == {
        "words": ["yes", "no", "on", "off", True, False, None, None, "true"],
        "numbers": [5, -3, Decimal("0.5"), Decimal("1e3"), "5", 7, "1_000", "0x10"],
        "keys": {"yes": 1, "2026": 2, "null": 3},
        "day": "2026-12-03",
        "time": "12:30",
        "lines": "one\ntwo\n",
        "folded": "three four",
    }


def test_an_empty_text_is_nothing() -> None:
    assert read_yaml("") is None


def test_json_numbers_with_a_point_are_exact() -> None:
    assert read_json('{"a": 0.1, "b": 3}') == {"a": Decimal("0.1"), "b": 3}


def test_a_byte_order_mark_is_no_content() -> None:
    assert read_json(b"\xef\xbb\xbf{}") == {}
    assert read_yaml("\ufeffa: 1") == {"a": 1}


def test_json_and_yaml_of_a_document_are_the_same_questionnaire() -> None:
    text = json.dumps(everything())
    # JSON is YAML too; this reads it as such.
    assert parse_document(read_yaml(text)) == parse_document(read_json(text))


@pytest.mark.parametrize("read", [read_json, read_yaml])
def test_a_key_said_twice_is_named_with_its_place(read: object) -> None:
    assert callable(read)
    document = json.dumps(everything())
    twice = document.replace('"minutes": 3', '"minutes": 3, "minutes": 4')
    with pytest.raises(DocumentErrors) as refused:
        parse_document(read(twice))
    [error] = refused.value.errors
    assert error.path == "sections[0].questions[0].minutes"
    assert error.message == "This key stands here twice: take one of them out."
