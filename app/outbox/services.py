"""What people do to jobs: try again, stop, put a notice away."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access.actor import Actor, require
from app.access.permissions import Permission
from app.audit import recorder
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden
from app.outbox.lifecycle import FINAL, TRANSITIONS, JobAction, JobState
from app.outbox.models import Job
from app.outbox.policies import may_cancel
from app.outbox.queries import find_job


def retry_job(session: Session, actor: Actor, job_id: uuid.UUID) -> Job:
    """Make a parked job, or one that waits for its next attempt, ready now, with all attempts.

    Raises NotFound, Forbidden without `jobs.manage`, Conflict in another state.
    """
    job = find_job(session, actor, job_id, lock=True)
    require(actor, Permission.JOBS_MANAGE)
    before = _values(job)
    job.state = TRANSITIONS.after(job.state, JobAction.RETRY)
    job.attempts = 0
    job.available_at = clock.now()
    # Its end is news again.
    job.seen_at = None
    _record(session, actor, "job.retried", job, before)
    return job


def retry_all_parked(session: Session, actor: Actor, *, topic: str | None = None) -> int:
    """Make all parked jobs (of one topic) ready now; return how many. Raises Forbidden."""
    require(actor, Permission.JOBS_MANAGE)
    statement = sa.update(Job).where(Job.state == JobState.PARKED)
    if topic is not None:
        statement = statement.where(Job.topic == topic)
    after = TRANSITIONS.after(JobState.PARKED, JobAction.RETRY)
    retried = session.execute(
        statement.values(state=after, attempts=0, available_at=clock.now(), seen_at=None)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).all()
    if retried:
        recorder.record(
            session,
            actor,
            "job.all_retried",
            subject_type="job",
            subject_id=None,
            subject_name=topic or "",
            before={"state": JobState.PARKED.value},
            after={"state": after.value, "count": len(retried)},
        )
    return len(retried)


def cancel_job(session: Session, actor: Actor, job_id: uuid.UUID) -> Job:
    """Stop a job for good: at once when it waits or is parked, else when it next looks up.

    A running job that never reports progress ends first. Raises NotFound, Forbidden unless
    the actor asked for the job or has `jobs.manage`, Conflict when it has ended.
    """
    job = find_job(session, actor, job_id, lock=True)
    if not may_cancel(actor, job):
        raise Forbidden(_("Only the person who asked for this job or an administrator stops it."))
    before = _values(job)
    after = TRANSITIONS.after(job.state, JobAction.CANCEL)
    if after is JobState.RUNNING:
        if job.cancel_requested:
            return job
        job.cancel_requested = True
    else:
        job.state = after
        job.finished_at = clock.now()
    _record(session, actor, "job.cancelled", job, before)
    return job


def put_notice_away(session: Session, actor: Actor, job_id: uuid.UUID) -> Job:
    """Take the notice of an ended job off the actor's pages.

    Raises NotFound or Forbidden unless the actor asked for the job, Conflict while it is open.
    """
    job = find_job(session, actor, job_id, lock=True)
    if job.owner_id != actor.id:
        raise Forbidden(_("This notice belongs to somebody else."))
    if job.state not in FINAL and job.state is not JobState.PARKED:
        raise Conflict(_("This is still at work. Stop it first, or wait until it is done."))
    if job.seen_at is None:
        job.seen_at = clock.now()
    return job


def put_all_notices_away(session: Session, actor: Actor) -> int:
    """Take the notices of all the actor's ended jobs off the pages; return how many."""
    if actor.id is None:
        return 0
    put_away = session.execute(
        sa.update(Job)
        .where(
            Job.owner_id == actor.id,
            Job.title.is_not(None),
            Job.seen_at.is_(None),
            Job.state.in_((*FINAL, JobState.PARKED)),
        )
        .values(seen_at=clock.now())
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(put_away)


def _values(job: Job) -> recorder.Values:
    return {
        "state": job.state.value,
        "attempts": job.attempts,
        "cancel_requested": job.cancel_requested,
    }


def _record(session: Session, actor: Actor, verb: str, job: Job, before: recorder.Values) -> None:
    after = _values(job)
    changed = [name for name in after if after[name] != before[name]]
    recorder.record(
        session,
        actor,
        verb,
        subject_type="job",
        subject_id=job.id,
        subject_name=job.title or job.topic,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
