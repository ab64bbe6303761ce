"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
import enum
import json
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

E = TypeVar("E", bound=enum.StrEnum)

_ISO_LENGTH = len("2026-11-23T10:00:00.000000Z")


class UtcDateTime(sa.types.TypeDecorator[dt.datetime]):
    """An instant. Aware datetimes only; kept in UTC to the microsecond.

    SQLite keeps fixed-width text, so that text order is time order and one instant has
    exactly one spelling (the audit trail depends on it).
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(_ISO_LENGTH))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone: take it from app.kernel.clock")
        value = value.astimezone(dt.UTC)
        return instant_text(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, _dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            if len(value) != _ISO_LENGTH or (value[10], value[19], value[26]) != ("T", ".", "Z"):
                raise ValueError(f"not an instant as this column keeps it: {value!r}")
            return dt.datetime.fromisoformat(value)
        assert isinstance(value, dt.datetime)
        return value.astimezone(dt.UTC)


def instant_text(value: dt.datetime) -> str:
    """Return the one spelling of an instant: 2026-11-23T10:00:00.000000Z."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def canonical_json(value: object) -> str:
    """Return the one spelling of a JSON value: sorted keys, no spaces, plain ASCII."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


class CanonicalJson(sa.types.TypeDecorator[Any]):
    """A JSON value kept as canonical text, so that its hash can be taken from the column."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def state_column(kind: type[E], length: int = 32) -> sa.Enum:
    """Return a column type for a StrEnum: its text with a CHECK, on both databases."""
    return sa.Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=length,
        validate_strings=True,
        name=_snake(kind.__name__),
    )


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
