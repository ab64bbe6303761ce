"""The outbox's own job: ended jobs do not stay for ever."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.kernel import clock
from app.outbox.claiming import ClaimedJob
from app.outbox.lifecycle import FINAL
from app.outbox.models import Job, PeriodicSlot, WorkerHeartbeat
from app.outbox.registry import JobRegistry
from app.outbox.retry import JsonObject
from app.outbox.running import RunningJob

PRUNE_TOPIC = "jobs.prune"

KEEP = dt.timedelta(days=30)
"""How long ended jobs stay. Parked ones stay until a person decides."""
KEEP_DEDUPE = dt.timedelta(days=400)
"""How long ended jobs with a dedupe key stay: while they do, the key cannot be used again."""

_LOOK = 10_000
_CHUNK = 500


def register(jobs: JobRegistry, database: Database) -> None:
    """Give the outbox its nightly clearance."""
    jobs.external(
        PRUNE_TOPIC,
        prepare=lambda _session, _job: None,
        perform=lambda _nothing, job: _prune(database, job),
        settle=_settle,
    )
    jobs.periodic(
        PRUNE_TOPIC, topic=PRUNE_TOPIC, every=dt.timedelta(days=1), offset=dt.timedelta(hours=2)
    )


def _prune(database: Database, work: RunningJob) -> int:
    """Remove what is old; looking for it is done apart, so that writers wait for moments only."""
    now = clock.now()
    removed = 0
    while True:
        with unit_of_work(database, write=False) as reading:
            old = _old_jobs(reading, now)
        for start in range(0, len(old), _CHUNK):
            chunk = old[start : start + _CHUNK]
            with work.step(removed + len(chunk)) as session:
                _remove_jobs(session, chunk)
            removed += len(chunk)
        if len(old) < _LOOK:
            break
    with work.step(removed) as session:
        _remove_traces(session, now)
    return removed


def _old_jobs(session: Session, now: dt.datetime) -> list[uuid.UUID]:
    statement = (
        sa.select(Job.id)
        .where(
            Job.state.in_(FINAL),
            Job.finished_at < now - KEEP,
            sa.or_(Job.dedupe_key.is_(None), Job.finished_at < now - KEEP_DEDUPE),
        )
        .limit(_LOOK)
    )
    return list(session.execute(statement).scalars())


def _remove_jobs(session: Session, chunk: list[uuid.UUID]) -> None:
    statement = sa.delete(Job).where(Job.id.in_(chunk))
    session.execute(statement.execution_options(synchronize_session=False))


def _remove_traces(session: Session, now: dt.datetime) -> None:
    newer = aliased(PeriodicSlot)
    # The latest slot of each name stays however old it is: it says that the slot was used.
    has_newer = sa.exists().where(
        newer.name == PeriodicSlot.name, newer.slot_start > PeriodicSlot.slot_start
    )
    for statement in (
        sa.delete(PeriodicSlot).where(PeriodicSlot.slot_start < now - KEEP, has_newer),
        sa.delete(WorkerHeartbeat).where(WorkerHeartbeat.seen_at < now - KEEP),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


def _settle(_session: Session, _job: ClaimedJob, removed: int) -> JsonObject:
    return {"removed": removed}
