"""Reads the whole chain again and names the first row that does not follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.audit.chain import GENESIS, event_hash
from app.audit.models import TRIGGER_NAMES, AuditEvent, AuditHead
from app.audit.recorder import hashed_fields

_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found. `broken_at` is the sequence of the first bad row."""

    events: int
    head_hash: str
    broken_at: int | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Return whether the chain is whole."""
        return self.broken_at is None and not self.reason


def verify(session: Session, on_progress: Callable[[int, int], None] | None = None) -> Verdict:
    """Check each event's hash, the sequence, the end of the chain and the triggers.

    `on_progress` is told (events checked, events in all). Stops at the first broken row.
    """
    head = session.execute(sa.select(AuditHead.sequence, AuditHead.hash)).one_or_none()
    if head is None:
        return Verdict(0, "", reason="The end of the chain (table audit_head) is missing.")
    total = head.sequence
    previous, expected = GENESIS, 1
    while chunk := _chunk(session, expected):
        for row in chunk:
            reason = _flaw(row, expected, previous)
            if reason:
                broken = min(expected, row["sequence"])
                return Verdict(expected - 1, previous, broken_at=broken, reason=reason)
            previous, expected = str(row["hash"]), expected + 1
        if on_progress is not None:
            on_progress(expected - 1, total)
    checked = expected - 1
    if checked != total:
        return Verdict(
            checked,
            previous,
            broken_at=min(checked, total) + 1,
            reason=f"The chain ends at {checked}, and {total} events were recorded.",
        )
    if previous != head.hash:
        return Verdict(
            checked, previous, broken_at=total, reason="The end of the chain was changed."
        )
    missing = TRIGGER_NAMES[session.get_bind().dialect.name] - _triggers(session)
    if missing:
        names = ", ".join(sorted(missing))
        return Verdict(
            checked, previous, reason=f"Every event holds, but the database guard {names} is gone."
        )
    return Verdict(checked, previous)


def _chunk(session: Session, start: int) -> list[sa.RowMapping]:
    table = AuditEvent.__table__
    # JSON is read as the text that is stored: a changed byte counts even where it would
    # parse to the same value.
    columns = [
        sa.type_coerce(column, sa.Text).label(column.name)
        if column.name in ("before", "after")
        else column
        for column in table.columns
    ]
    statement = (
        sa.select(*columns)
        .where(table.c.sequence >= (start if start > 1 else sa.literal(-(2**62))))
        .order_by(table.c.sequence)
        .limit(_CHUNK)
    )
    return list(session.execute(statement).mappings())


def _flaw(row: sa.RowMapping, expected: int, previous: str) -> str:
    if row["sequence"] != expected:
        return f"Event {expected} is missing; the next one there is {row['sequence']}."
    if row["previous_hash"] != previous:
        return f"Event {expected} does not follow the one before it."
    if row["hash"] != event_hash(previous, hashed_fields(row)):
        return f"Event {expected} was changed after it was recorded."
    return ""


def _triggers(session: Session) -> set[str]:
    if session.get_bind().dialect.name == "sqlite":
        text = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        text = (
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_event'::regclass "
            "AND tgenabled <> 'D'"
        )
    return set(session.execute(sa.text(text)).scalars())
