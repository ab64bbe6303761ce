"""Reads the trail: newest first, by keyset, with filters that each have an index."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.access.actor import Actor, require
from app.access.permissions import Permission
from app.audit.models import AuditEvent, AuditHead
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, make_page


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What to show; None leaves a side open. `since` and `until` are instants, `until` excluded."""

    actor_id: str | None = None
    verb: str | None = None
    subject_type: str | None = None
    subject_id: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Return whether everything is shown."""
        return self == EventFilter()


def list_events(
    session: Session,
    actor: Actor,
    wanted: EventFilter,
    *,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[AuditEvent]:
    """Return one page of events, newest first. Raises Forbidden without `audit.read`."""
    require(actor, Permission.AUDIT_READ)
    return _page(session, wanted, cursor, size)


def history_of(
    session: Session, subject_type: str, subject_id: object, *, cursor: str | None = None
) -> Page[AuditEvent]:
    """Return what happened to one object, newest first.

    The caller has found the object for its actor already: who may see a thing may see
    its history.
    """
    wanted = EventFilter(subject_type=subject_type, subject_id=str(subject_id))
    return _page(session, wanted, cursor, PAGE_SIZE)


def count_all(session: Session) -> int:
    """Return how many events there are, from the end of the chain."""
    return session.execute(sa.select(AuditHead.sequence)).scalar_one()


def _page(session: Session, wanted: EventFilter, cursor: str | None, size: int) -> Page[AuditEvent]:
    statement = sa.select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(size + 1)
    for column, value in (
        (AuditEvent.actor_id, wanted.actor_id),
        (AuditEvent.verb, wanted.verb),
        (AuditEvent.subject_type, wanted.subject_type),
        (AuditEvent.subject_id, wanted.subject_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.since is not None:
        statement = statement.where(AuditEvent.sequence >= _first_at(wanted.since))
    if wanted.until is not None:
        statement = statement.where(AuditEvent.sequence < _first_at(wanted.until))
    after = decode_cursor(cursor, 1)
    if after is not None and isinstance(after[0], int):
        statement = statement.where(AuditEvent.sequence < after[0])
    rows = session.scalars(statement).all()
    return make_page(
        rows, size=size, cursor_of=lambda event: [event.sequence], is_first=after is None
    )


def _first_at(instant: dt.datetime) -> sa.ColumnElement[int]:
    """Return the sequence of the first event at or after an instant, as a subquery.

    Time and sequence rise together, so a span of time is a span of the primary key: the
    filters above keep their own index for everything else.
    """
    found = (
        sa.select(AuditEvent.sequence)
        .where(AuditEvent.at >= instant)
        .order_by(AuditEvent.at, AuditEvent.sequence)
        .limit(1)
        .scalar_subquery()
    )
    return sa.func.coalesce(found, sa.literal(2**53))
