"""Named constraints become sentences: the database has the last word, people read it in theirs."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.kernel.errors import Conflict, DomainError

_SENTENCES: dict[str, tuple[str, str | None]] = {}


def explain(constraint: str, sentence: str, *, field: str | None = None) -> None:
    """Give the sentence (and form field) for a constraint; features call it when imported."""
    _SENTENCES[constraint] = (sentence, field)


def constraint_name(error: IntegrityError, metadata: sa.MetaData) -> str | None:
    """Return the name of the constraint that refused, or None when the database does not say.

    PostgreSQL names it. SQLite names CHECKs, and for UNIQUE only the columns.
    """
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name) if diagnosis.constraint_name else None
    text = str(error.orig)
    if match := re.fullmatch(r"CHECK constraint failed: (\w+)", text):
        return match[1]
    if match := re.fullmatch(r"UNIQUE constraint failed: (.+)", text):
        pairs = [part.strip().split(".") for part in match[1].split(",")]
        table = metadata.tables.get(pairs[0][0])
        if table is not None:
            return _unique_name(table, {pair[1] for pair in pairs})
    if match := re.fullmatch(r"UNIQUE constraint failed: index '(\w+)'", text):
        return match[1]
    return None


def _unique_name(table: sa.Table, columns: set[str]) -> str | None:
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint | sa.PrimaryKeyConstraint) and (
            {column.name for column in constraint.columns} == columns
        ):
            return str(constraint.name)
    for index in table.indexes:
        if index.unique and {column.name for column in index.columns} == columns:
            return str(index.name)
    return None


def as_domain_error(error: IntegrityError, metadata: sa.MetaData) -> DomainError | None:
    """Return the error that people should see, or None when no feature explained the constraint."""
    name = constraint_name(error, metadata)
    if name is None or name not in _SENTENCES:
        return None
    sentence, field = _SENTENCES[name]
    return Conflict(sentence, code=name, field=field)
