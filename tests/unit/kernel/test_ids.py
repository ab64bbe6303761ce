"""Ids sort by time; tokens are long and random; hashes take any text."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from app.kernel.ids import new_id, new_token, parse_id, token_hash


def test_ids_are_ordered_and_unique() -> None:
    made = [new_id() for _ in range(2_000)]
    assert len(set(made)) == 2_000
    assert made == sorted(made)
    assert {value.version for value in made} == {7}


def test_tokens_have_256_bits() -> None:
    assert len({new_token() for _ in range(100)}) == 100
    assert len(new_token()) >= 43


@given(st.uuids())
def test_an_id_has_one_spelling(value: uuid.UUID) -> None:
    assert parse_id(str(value)) == value
    assert parse_id(value.hex) is None
    assert parse_id(f"{{{value}}}") is None


@given(st.text())
def test_any_text_has_a_hash(text: str) -> None:
    assert len(token_hash(text)) == 64
