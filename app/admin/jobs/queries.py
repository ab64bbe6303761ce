"""What the Jobs page counts and names, each in one statement."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.access.actor import Actor, require
from app.access.permissions import Permission
from app.identity.models import StaffAccount
from app.kernel import clock
from app.outbox.lifecycle import JobState
from app.outbox.models import Job

COUNTED = 10_000
"""Ended jobs are counted up to here: more is said as "more than"."""


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs each state holds, counted up to `COUNTED` + 1, and since when one waits.

    `waiting_since` is when the oldest job that is due became due.
    """

    by_state: dict[JobState, int]
    waiting_since: dt.datetime | None


def count_jobs(session: Session, actor: Actor) -> JobCounts:
    """Return the counts, in one statement whose cost is bounded. Raises Forbidden."""
    require(actor, Permission.JOBS_READ)
    counts = [_counted(state) for state in JobState]
    oldest_due = (
        sa.select(sa.func.min(Job.available_at))
        # A text and no parameter, so that the partial index serves it.
        .where(Job.state == sa.literal_column("'ready'"), Job.available_at <= clock.now())
        .scalar_subquery()
    )
    row = session.execute(sa.select(oldest_due.label("oldest"), *counts)).one()
    by_state: dict[JobState, int] = dict(zip(JobState, row[1:], strict=True))
    return JobCounts(by_state, row.oldest)


def names_of_owners(session: Session, jobs: Iterable[Job]) -> dict[uuid.UUID, str]:
    """Return the names of the people who asked for these jobs."""
    wanted = {job.owner_id for job in jobs if job.owner_id is not None}
    if not wanted:
        return {}
    statement = sa.select(StaffAccount.id, StaffAccount.name).where(StaffAccount.id.in_(wanted))
    return {row.id: row.name for row in session.execute(statement)}


def count_parked(session: Session, topic: str | None) -> int:
    """Return how many jobs (of one topic) are parked: what "retry all" will move."""
    statement = sa.select(sa.func.count()).where(Job.state == JobState.PARKED)
    if topic is not None:
        statement = statement.where(Job.topic == topic)
    return session.execute(statement.select_from(Job)).scalar_one()


def parked_jobs(session: Session) -> tuple[int, dt.datetime | None]:
    """Return how many jobs are parked (up to `COUNTED` + 1), and when the oldest was asked for."""
    oldest = (
        sa.select(Job.created_at)
        .where(Job.state == JobState.PARKED)
        .order_by(Job.id)
        .limit(1)
        .scalar_subquery()
    )
    count, since = session.execute(sa.select(_counted(JobState.PARKED), oldest)).one()
    return count, since


def _counted(state: JobState) -> sa.ScalarSelect[int]:
    some = sa.select(Job.id).where(Job.state == state).limit(COUNTED + 1).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()
