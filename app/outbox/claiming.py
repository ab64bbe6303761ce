"""What a worker does to a job's row: claim it, keep it, and make its last move.

Every move after the claim asks for the lease token of that claim: a worker that was taken
over, because it was silent for longer than its lease, changes nothing any more. Instants
come from the clock of the worker's machine; machines whose clocks differ by more than a
lease repeat outside effects, under the same id, and still never one in the database.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel import clock, ids
from app.outbox.lifecycle import TRANSITIONS, JobAction, JobState
from app.outbox.models import Job, Priority
from app.outbox.retry import Failure, JsonObject

_job = cast(sa.Table, Job.__table__)
_READY: sa.ColumnElement[str] = sa.literal_column("'ready'")
_RUNNING: sa.ColumnElement[str] = sa.literal_column("'running'")
# Texts, not parameters: a partial index is used only where its condition can be seen.


class LeaseLost(Exception):
    """Another worker took the job over, or a person ended it; nothing of ours may count."""


class JobCancelled(Exception):
    """A person asked the job to stop."""


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job as its worker holds it. `attempt` is 1 the first time; `id` is the same each time."""

    id: uuid.UUID
    topic: str
    payload: Mapping[str, Any]
    attempt: int
    lease_token: uuid.UUID
    cancel_requested: bool
    owner_id: uuid.UUID | None
    title: str | None
    progress_done: int
    created_at: dt.datetime


def _ready_lane(priority: Priority, now: dt.datetime) -> sa.Select[tuple[uuid.UUID]]:
    return (
        sa.select(_job.c.id)
        .where(
            _job.c.state == _READY,
            _job.c.priority == int(priority),
            _job.c.available_at <= now,
        )
        .order_by(_job.c.available_at, _job.c.id)
        .limit(1)
    )


def _expired_lane(now: dt.datetime) -> sa.Select[tuple[uuid.UUID]]:
    return (
        sa.select(_job.c.id)
        .where(_job.c.state == _RUNNING, _job.c.lease_until <= now)
        .order_by(_job.c.lease_until, _job.c.id)
        .limit(1)
    )


def _lanes(now: dt.datetime) -> list[sa.Select[tuple[uuid.UUID]]]:
    """Return where a job may be found, best first; each reads one entry of a partial index."""
    return [_expired_lane(now), *(_ready_lane(priority, now) for priority in Priority)]


def is_anything_due(session: Session) -> bool:
    """Return whether a claim would find a job; reads only, so that idle workers hold no lock."""
    found = sa.or_(*(sa.exists(lane) for lane in _lanes(clock.now())))
    return bool(session.execute(sa.select(found)).scalar_one())


def claim_statement(
    now: dt.datetime, lease: dt.timedelta
) -> sa.sql.dml.ReturningUpdate[tuple[Any, ...]]:
    """Return the one statement that takes the next due job, the same on both databases.

    PostgreSQL skips rows that others are claiming; on SQLite the session holds the write
    lock. The lanes are read in order and only until one has a job.
    """
    found = [
        lane.with_for_update(skip_locked=True).subquery(f"lane_{number}")
        for number, lane in enumerate(_lanes(now))
    ]
    chosen = sa.union_all(*(sa.select(lane.c.id) for lane in found)).limit(1).scalar_subquery()
    return (
        sa.update(_job)
        .where(_job.c.id == chosen)
        .values(
            state=JobState.RUNNING,
            attempts=_job.c.attempts + 1,
            lease_until=now + lease,
            lease_token=ids.new_id(),
            started_at=now,
        )
        .returning(*_job.c)
    )


def claim(session: Session, lease: dt.timedelta) -> ClaimedJob | None:
    """Take the next due job for the length of `lease`; None when nothing is due.

    A job whose lease ran out comes first. The attempt is counted here, so that a job that
    kills its worker each time comes to an end too.
    """
    row = session.execute(claim_statement(clock.now(), lease)).mappings().first()
    if row is None:
        return None
    return ClaimedJob(
        id=row["id"],
        topic=row["topic"],
        payload=row["payload"],
        attempt=row["attempts"],
        lease_token=row["lease_token"],
        cancel_requested=row["cancel_requested"],
        owner_id=row["owner_id"],
        title=row["title"],
        progress_done=row["progress_done"] or 0,
        created_at=row["created_at"],
    )


def keep(
    session: Session,
    job: ClaimedJob,
    lease: dt.timedelta,
    progress: tuple[int, int | None] | None = None,
) -> None:
    """Extend the lease from now on, and note progress as (done, total).

    Raises LeaseLost, or JobCancelled when a person asked for it.
    """
    values: dict[str, Any] = {"lease_until": clock.now() + lease}
    if progress is not None:
        values["progress_done"], values["progress_total"] = progress
    cancel_requested = session.execute(
        _mine(job).values(values).returning(_job.c.cancel_requested)
    ).scalar()
    if cancel_requested is None:
        raise LeaseLost
    if cancel_requested:
        raise JobCancelled


def finish(session: Session, job: ClaimedJob, result: JsonObject | None) -> None:
    """Mark the job done with its result; raises LeaseLost when it is not ours any more."""
    _last_move(
        session,
        job,
        JobAction.FINISH,
        result=None if result is None else dict(result),
        last_error=None,
        finished_at=clock.now(),
    )


def stop(session: Session, job: ClaimedJob) -> None:
    """Mark the job cancelled; raises LeaseLost when it is not ours any more."""
    _last_move(session, job, JobAction.STOP, finished_at=clock.now())


def put_back_or_park(session: Session, job: ClaimedJob, failure: Failure) -> JobState:
    """Write down a failure: ready for its next attempt, or parked; return the new state.

    A job that was asked to stop is cancelled instead of tried again. Raises LeaseLost.
    """
    cancel_requested = session.execute(
        sa.select(_job.c.cancel_requested)
        .where(_job.c.id == job.id, _job.c.lease_token == job.lease_token)
        .with_for_update()
    ).scalar()
    if cancel_requested is None:
        raise LeaseLost
    if cancel_requested:
        stop(session, job)
        return JobState.CANCELLED
    if failure.next_attempt_at is None:
        return _last_move(session, job, JobAction.PARK, last_error=failure.reason)
    return _last_move(
        session,
        job,
        JobAction.PUT_BACK,
        last_error=failure.reason,
        available_at=failure.next_attempt_at,
    )


def _mine(job: ClaimedJob) -> sa.Update:
    # The token alone would do: it is cleared with the running state. The id makes it cheap.
    return sa.update(_job).where(_job.c.id == job.id, _job.c.lease_token == job.lease_token)


def _last_move(session: Session, job: ClaimedJob, action: JobAction, **values: Any) -> JobState:
    after = TRANSITIONS.after(JobState.RUNNING, action)
    moved = session.execute(
        _mine(job)
        .values(state=after, lease_until=None, lease_token=None, **values)
        .returning(_job.c.id)
    ).first()
    if moved is None:
        raise LeaseLost
    return after
