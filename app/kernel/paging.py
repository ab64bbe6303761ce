"""Keyset paging: a page is asked for by the last row seen, so each costs what the first costs."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

PAGE_SIZE = 50
_MAX_CURSOR = 1_000

CursorValue = str | int | None


def encode_cursor(values: Sequence[CursorValue]) -> str:
    """Return the sort values of a row as text for the address bar."""
    text = json.dumps(list(values), separators=(",", ":"), ensure_ascii=True)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str | None, length: int) -> list[CursorValue] | None:
    """Return the values of a cursor of `length` values; None for none and for a broken one.

    A broken cursor comes from an edited address: the first page is a good answer to it.
    """
    if not text or len(text) > _MAX_CURSOR:
        return None
    try:
        padded = text + "=" * (-len(text) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(values, list) or len(values) != length:
        return None
    if not all(value is None or type(value) in (str, int) for value in values):
        return None
    return values


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `next_cursor` is None on the last page; `is_first` on the first."""

    items: list[T]
    next_cursor: str | None
    is_first: bool


def make_page(
    rows: Sequence[T],
    *,
    size: int,
    cursor_of: Callable[[T], Sequence[CursorValue]],
    is_first: bool,
) -> Page[T]:
    """Return a page from up to `size` + 1 fetched rows; the extra row tells that more follow."""
    items = list(rows[:size])
    more = len(rows) > size
    return Page(
        items=items,
        next_cursor=encode_cursor(cursor_of(items[-1])) if more else None,
        is_first=is_first,
    )
