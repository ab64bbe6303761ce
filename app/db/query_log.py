"""Counts statements, so that tests can hold a page to a fixed number of them."""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

_active: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar(
    "assay_query_log", default=None
)
_NOISE = ("PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


def install(engine: Engine) -> None:
    """Watch every statement of an engine; costs nothing while nobody counts."""
    sa.event.listen(engine, "before_cursor_execute", _note)


def _note(
    _connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
) -> None:
    log = _active.get()
    if log is not None and not statement.startswith(_NOISE):
        log.append(statement)


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Yield a list that fills with the statements of this work, BEGIN and PRAGMA left out."""
    log: list[str] = []
    token = _active.set(log)
    try:
        yield log
    finally:
        _active.reset(token)
