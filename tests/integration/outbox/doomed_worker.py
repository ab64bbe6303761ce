"""A worker process for tests that kill it, with handlers whose effects leave traces.

Some jobs name the moment at which their first attempt kills its own process, so that each
gap between a change and its mark is hit for certain and not by luck.
"""

from __future__ import annotations

import datetime as dt
import enum
import logging
import os
import signal
import threading
import time
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from app.audit import recorder
from app.db.engine import Database
from app.outbox.claiming import ClaimedJob
from app.outbox.registry import JobRegistry
from app.outbox.retry import RetryPolicy
from app.outbox.running import RunningJob
from app.outbox.worker import Worker, stop_on_signals

LEDGER_TOPIC = "test.ledger"
LETTER_TOPIC = "test.letter"
LEASE_SECONDS = 2

_metadata = sa.MetaData()
ledger = sa.Table(
    "test_ledger",
    _metadata,
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("life", sa.String(40), nullable=False),
)
"""One row per effect. Nothing in it is unique: a doubled effect would stay and be seen."""


class Doom(enum.StrEnum):
    """When a first attempt kills its process."""

    BEFORE_EFFECT = "before_effect"
    BEFORE_COMMIT = "before_commit"
    AFTER_COMMIT = "after_commit"


def create_ledger(database: Database) -> None:
    """Make the table of effects."""
    _metadata.create_all(database.engine)


def work(url: str, life: str, letters: str) -> None:
    """Be a worker until killed, or until SIGTERM; `life` marks the effects of this process."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    database = Database(url)
    database.on_session.append(recorder.install)
    jobs = JobRegistry()
    # More attempts than anybody kills: what is tested is loss and doubling, not parking.
    patient = RetryPolicy(max_attempts=1_000, base=dt.timedelta(0), cap=dt.timedelta(seconds=1))

    def enter(session: Session, job: ClaimedJob) -> None:
        _perish(job, Doom.BEFORE_EFFECT)
        session.execute(sa.insert(ledger).values(number=job.payload["number"], life=life))
        _perish(job, Doom.BEFORE_COMMIT)
        _perish_after_commit(session, job)

    def post(number: int, running: RunningJob) -> str:
        _perish(running.job, Doom.BEFORE_EFFECT)
        time.sleep(0.005)
        _append(Path(letters), f"{running.job.id} {life} {number}\n")
        # Not the first attempt but the first letter: the herd may have killed the attempt
        # before, and this gap is to be hit for certain.
        if Path(letters).read_text(encoding="ascii").count(f"{running.job.id} ") == 1:
            _perish_if(running.job, Doom.BEFORE_COMMIT)
        return life

    def settle(session: Session, job: ClaimedJob, poster: str) -> dict[str, object]:
        _perish_after_commit(session, job)
        return {"posted_by": poster}

    jobs.transactional(LEDGER_TOPIC, enter, retry=patient)
    jobs.external(
        LETTER_TOPIC,
        prepare=lambda _session, job: int(job.payload["number"]),
        perform=post,
        settle=settle,
        retry=patient,
    )
    stop = threading.Event()
    stop_on_signals(stop)
    Worker(database, jobs, threads=2, lease_seconds=LEASE_SECONDS).run_forever(stop)


def _append(path: Path, line: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode("ascii"))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _perish(job: ClaimedJob, moment: Doom) -> None:
    if job.attempt == 1:
        _perish_if(job, moment)


def _perish_if(job: ClaimedJob, moment: Doom) -> None:
    if job.payload.get("doom") == moment:
        os.kill(os.getpid(), signal.SIGKILL)


def _perish_after_commit(session: Session, job: ClaimedJob) -> None:
    sa.event.listen(session, "after_commit", lambda _session: _perish(job, Doom.AFTER_COMMIT))
