"""Writes a job in the transaction of the change that wants it: both exist, or neither."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.db.types import canonical_json
from app.kernel import clock, ids
from app.outbox.lifecycle import JobState
from app.outbox.models import Job, PeriodicSlot, Priority
from app.outbox.retry import JsonObject

PAYLOAD_LENGTH = 100_000
"""Longest payload, in characters of JSON: a job names what it needs and does not carry it."""


def publish(
    session: Session,
    topic: str,
    payload: JsonObject | None = None,
    *,
    dedupe_key: str | None = None,
    available_at: dt.datetime | None = None,
    owner_id: uuid.UUID | None = None,
    title: str | None = None,
    priority: Priority = Priority.NORMAL,
    job_id: uuid.UUID | None = None,
) -> Job:
    """Write a job and return it; a worker runs it after the caller's commit.

    With a `dedupe_key` there is one job of this topic and key: a second call returns the
    first job, whatever its state, also when both come at the same moment. Keys are kept
    for a year after the job is done. `available_at` holds the job back until then. `owner_id`
    may watch the job under the words of `title` and gets its result. `job_id` is for a
    caller who wrote the id down before. The payload is plain JSON without secrets;
    ValueError when it is too long.
    """
    values = dict(payload or {})
    if len(canonical_json(values)) > PAYLOAD_LENGTH:
        raise ValueError(f"the payload of a {topic} job is too long: store it and publish its id")
    now = clock.now()
    row: dict[str, Any] = {
        "id": job_id or ids.new_id(),
        "topic": topic,
        "payload": values,
        "dedupe_key": dedupe_key,
        "state": JobState.READY,
        "priority": int(priority),
        "attempts": 0,
        "available_at": available_at or now,
        "cancel_requested": False,
        "owner_id": owner_id,
        "title": title,
        "created_at": now,
    }
    if dedupe_key is None or _insert_once(session, Job, row):
        if dedupe_key is None:
            session.execute(sa.insert(Job).values(row))
        condition = Job.id == row["id"]
    else:
        condition = sa.and_(Job.topic == topic, Job.dedupe_key == dedupe_key)
    return session.execute(sa.select(Job).where(condition)).scalar_one()


def open_slot(session: Session, name: str, start: dt.datetime, job_id: uuid.UUID) -> bool:
    """Write the slot of a periodic job; return False when another worker already did."""
    row = {"name": name, "slot_start": start, "job_id": job_id}
    return _insert_once(session, PeriodicSlot, row)


def _insert_once(session: Session, model: type[Job | PeriodicSlot], row: dict[str, Any]) -> bool:
    """Insert unless a unique key is taken; waits for one who is inserting the same key."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(model).values(row).on_conflict_do_nothing()
    return session.execute(statement.returning(sa.literal_column("1"))).first() is not None
