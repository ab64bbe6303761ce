"""The nightly verification of the chain, and the one on demand."""

from __future__ import annotations

import datetime as dt

import structlog
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor, require
from app.access.permissions import Permission
from app.audit.recorder import record
from app.audit.verify import Verdict, verify
from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.outbox.claiming import ClaimedJob
from app.outbox.publish import publish
from app.outbox.registry import JobRegistry
from app.outbox.retry import JsonObject
from app.outbox.running import RunningJob

log = structlog.get_logger()

VERIFY_TOPIC = "audit.verify"

_TOLD_EVERY = 20_000


def register(jobs: JobRegistry, database: Database) -> None:
    """Give the outbox the topic and its nightly slot, at two o'clock UTC."""

    def perform(_nothing: None, job: RunningJob) -> Verdict:
        # A long read outside of any writing transaction: nobody waits for it.
        def tell(done: int, total: int) -> None:
            if done % _TOLD_EVERY == 0:
                job.progress(done, max(done, total))

        with unit_of_work(database, write=False) as session:
            return verify(session, tell)

    jobs.external(
        VERIFY_TOPIC, prepare=lambda _session, _job: None, perform=perform, settle=write_verdict
    )
    jobs.periodic(
        VERIFY_TOPIC, topic=VERIFY_TOPIC, every=dt.timedelta(days=1), offset=dt.timedelta(hours=2)
    )


def ask_for_check(session: Session, actor: Actor, *, title: str) -> None:
    """Have the chain checked soon; the actor gets the result as a notice under `title`.

    Raises Forbidden without `jobs.manage`.
    """
    require(actor, Permission.JOBS_MANAGE)
    publish(session, VERIFY_TOPIC, owner_id=actor.id, title=title)


def write_verdict(session: Session, _job: ClaimedJob, verdict: Verdict) -> JsonObject:
    """Return the verdict as the job's result; a broken chain is shouted into log and trail."""
    if verdict.holds:
        # The head goes to the log, and so to another system: what the database itself
        # cannot prove to somebody who owns it.
        log.info("audit.verified", events=verdict.events, head=verdict.head_hash)
    else:
        log.error("audit.broken", broken_at=verdict.broken_at, reason=verdict.reason)
        record(
            session,
            SYSTEM,
            "audit.broken",
            subject_type="audit_trail",
            subject_id=None if verdict.broken_at is None else str(verdict.broken_at),
            after={"reason": verdict.reason},
        )
    return {
        "holds": verdict.holds,
        "events": verdict.events,
        "broken_at": verdict.broken_at,
        "reason": verdict.reason,
    }
