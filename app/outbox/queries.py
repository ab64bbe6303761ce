"""Reads jobs: lists by keyset, what waits, what a person asked for, which workers live."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access.actor import Actor, require
from app.access.permissions import Permission
from app.kernel import clock, ids
from app.kernel.errors import NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, make_page
from app.outbox.lifecycle import FINAL, JobState
from app.outbox.models import Job, WorkerHeartbeat
from app.outbox.policies import may_see

ALIVE = dt.timedelta(seconds=60)
"""A worker that said nothing for longer counts as gone."""


@dataclass(frozen=True, slots=True)
class JobFilter:
    """What to show; None leaves a side open."""

    state: JobState | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much is open. `oldest_due_at` is since when the longest waiting due job waits."""

    ready: int
    running: int
    parked: int
    oldest_due_at: dt.datetime | None


def list_jobs(
    session: Session,
    actor: Actor,
    wanted: JobFilter,
    *,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[Job]:
    """Return one page of jobs, newest first. Raises Forbidden without `jobs.read`."""
    require(actor, Permission.JOBS_READ)
    statement = sa.select(Job).order_by(Job.id.desc()).limit(size + 1)
    if wanted.state is not None:
        statement = statement.where(Job.state == wanted.state)
    if wanted.topic is not None:
        statement = statement.where(Job.topic == wanted.topic)
    position = decode_cursor(cursor, 1)
    last = ids.parse_id(str(position[0])) if position else None
    if last is not None:
        statement = statement.where(Job.id < last)
    return make_page(
        session.execute(statement).scalars().all(),
        size=size,
        cursor_of=lambda job: [str(job.id)],
        is_first=last is None,
    )


def find_job(session: Session, actor: Actor, job_id: uuid.UUID, *, lock: bool = False) -> Job:
    """Return a job that the actor may see; `lock` holds its row until the transaction ends.

    Raises NotFound, also for a job that is not the actor's to see.
    """
    statement = sa.select(Job).where(Job.id == job_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    job = session.execute(statement).scalar_one_or_none()
    if job is None or not may_see(actor, job):
        raise NotFound(
            _("There is no such job. Finished jobs are removed after a while; look at the list.")
        )
    return job


def jobs_of_owner(session: Session, actor: Actor, *, limit: int = 20) -> list[Job]:
    """Return what the actor asked for that takes long, newest first, with its progress."""
    if actor.id is None:
        return []
    statement = (
        sa.select(Job)
        .where(Job.owner_id == actor.id, Job.title.is_not(None))
        .order_by(Job.id.desc())
        .limit(limit)
    )
    return list(session.execute(statement).scalars())


def notices_for(session: Session, actor: Actor, *, limit: int = 5) -> list[Job]:
    """Return the actor's long jobs whose notice was not put away yet, newest first."""
    if actor.id is None:
        return []
    statement = (
        sa.select(Job)
        .where(Job.owner_id == actor.id, Job.title.is_not(None), Job.seen_at.is_(None))
        .order_by(Job.id.desc())
        .limit(limit)
    )
    return list(session.execute(statement).scalars())


def count_unseen(session: Session, actor: Actor, *, at_most: int = 99) -> int:
    """Return how many of the actor's long jobs ended unseen, counted up to `at_most`.

    Asked on each page: the partial index holds only what was not put away.
    """
    if actor.id is None:
        return 0
    unseen = (
        sa.select(Job.id)
        .where(
            Job.owner_id == actor.id,
            Job.title.is_not(None),
            Job.seen_at.is_(None),
            Job.state.in_((*FINAL, JobState.PARKED)),
        )
        .limit(at_most)
    )
    counted = sa.select(sa.func.count()).select_from(unseen.subquery())
    return session.execute(counted).scalar_one()


def last_finished(session: Session, topic: str) -> Job | None:
    """Return the latest job of a topic that was done; None when there is none (any more)."""
    statement = (
        sa.select(Job)
        .where(Job.topic == topic, Job.state == JobState.DONE)
        .order_by(Job.id.desc())
        .limit(1)
    )
    return session.execute(statement).scalar_one_or_none()


def backlog(session: Session) -> Backlog:
    """Return how much is open; the cost does not grow with what is done."""

    def count(state: JobState) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count(Job.id)).where(Job.state == state).scalar_subquery()

    oldest = (
        sa.select(sa.func.min(Job.available_at))
        # A text and no parameter, so that the partial index serves it.
        .where(Job.state == sa.literal_column("'ready'"), Job.available_at <= clock.now())
        .scalar_subquery()
    )
    row = session.execute(
        sa.select(count(JobState.READY), count(JobState.RUNNING), count(JobState.PARKED), oldest)
    ).one()
    return Backlog(*row)


def workers_alive(session: Session) -> int:
    """Return how many workers gave a sign of life of late; for health checks, no actor asked."""
    statement = sa.select(sa.func.count()).where(WorkerHeartbeat.seen_at > clock.now() - ALIVE)
    return session.execute(statement.select_from(WorkerHeartbeat)).scalar_one()


def list_workers(session: Session, actor: Actor) -> list[WorkerHeartbeat]:
    """Return the workers that live, oldest first. Raises Forbidden without `jobs.read`."""
    require(actor, Permission.JOBS_READ)
    statement = (
        sa.select(WorkerHeartbeat)
        .where(WorkerHeartbeat.seen_at > clock.now() - ALIVE)
        .order_by(WorkerHeartbeat.started_at, WorkerHeartbeat.id)
    )
    return list(session.execute(statement).scalars())
