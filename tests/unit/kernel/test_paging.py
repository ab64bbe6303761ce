"""Cursors: what goes in comes out, and nonsense gives the first page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.paging import decode_cursor, encode_cursor, make_page

VALUES = st.lists(st.one_of(st.none(), st.text(max_size=40), st.integers()), min_size=1, max_size=4)


@given(VALUES)
def test_cursor_round_trip(values: list[str | int | None]) -> None:
    assert decode_cursor(encode_cursor(values), len(values)) == values


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_none(text: str) -> None:
    values = decode_cursor(text, 2)
    assert values is None or len(values) == 2


@pytest.mark.parametrize(
    "text",
    ["", "!!", "W10", "x" * 2_000, "WzEsMl0", "eyJhIjoxfQ", "W1tdXQ", "WzEuNV0", "W3RydWVd"],
    ids=[
        "empty",
        "not base64",
        "no values",
        "long",
        "two values",
        "object",
        "list",
        "float",
        "bool",
    ],
)
def test_broken_cursor_is_none(text: str) -> None:
    assert decode_cursor(text, 1) is None


def test_page_knows_whether_more_follow() -> None:
    full = make_page([1, 2, 3], size=2, cursor_of=lambda row: [row], is_first=True)
    assert full.items == [1, 2]
    assert decode_cursor(full.next_cursor, 1) == [2]
    last = make_page([3], size=2, cursor_of=lambda row: [row], is_first=False)
    assert (last.items, last.next_cursor, last.is_first) == ([3], None, False)
