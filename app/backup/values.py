"""One spelling of a row for both databases: the one that SQLite keeps, as a line of JSON. Pure.

PostgreSQL reads all of it back by itself when it is loaded as text; only bytes need a mark.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from app.db.types import instant_text

_BYTES = "$bytes"


def to_line(row: Sequence[Any]) -> bytes:
    """Return a row as one line of JSON; raise TypeError for a value of an unknown kind."""
    text = json.dumps(
        [_plain(value) for value in row],
        separators=(",", ":"),
        ensure_ascii=True,
        allow_nan=False,
    )
    return text.encode("ascii") + b"\n"


def from_line(line: bytes) -> list[Any]:
    """Return the row of a line; raise ValueError when it is none."""
    row = json.loads(line)
    if not isinstance(row, list):
        raise ValueError("a row is a list")
    return [_value(value) for value in row]


def _plain(value: Any) -> Any:
    if value is None or type(value) in (str, int, float):
        return value
    for kind, spell in _SPELLINGS:
        if isinstance(value, kind):
            return spell(value)
    raise TypeError(f"a value of kind {type(value).__name__} cannot be kept in a backup")


def _instant(value: dt.datetime) -> str:
    if value.tzinfo is None:
        raise TypeError("an instant without a zone cannot be kept in a backup")
    return instant_text(value)


_SPELLINGS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (bool, int),
    (uuid.UUID, lambda value: value.hex),
    (dt.datetime, _instant),  # before date, of which it is a kind
    (dt.date, lambda value: value.isoformat()),
    (decimal.Decimal, str),
    (bytes | memoryview, lambda value: {_BYTES: base64.b64encode(bytes(value)).decode("ascii")}),
)


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value[_BYTES], validate=True)
    if isinstance(value, list):
        raise ValueError("a list is no value of a column")
    return value
