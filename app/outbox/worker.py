"""The worker: any number of processes and threads take jobs from the same table."""

from __future__ import annotations

import datetime as dt
import os
import platform
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import FrameType

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from app.db.engine import Database
from app.db.unit_of_work import in_unit_of_work, unit_of_work
from app.kernel import clock, ids
from app.outbox.claiming import ClaimedJob, claim, is_anything_due, keep
from app.outbox.execution import Execution, Outcome
from app.outbox.models import WorkerHeartbeat
from app.outbox.registry import JobRegistry
from app.outbox.retry import reason_of
from app.outbox.schedule import Schedule

log = structlog.get_logger()

HEARTBEAT_SECONDS = 10
_SHORTEST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
_TROUBLE_PAUSE = 2.0


class Worker:
    """Runs the jobs of a database with the handlers of a registry.

    `around` gives a context that each job runs in, such as the application's.
    """

    def __init__(
        self,
        database: Database,
        registry: JobRegistry,
        *,
        threads: int = 2,
        lease_seconds: int = 60,
        around: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """Make a worker; nothing runs before one of the `run_…` methods is called."""
        self._database = database
        self._threads = threads
        self._lease = dt.timedelta(seconds=lease_seconds)
        self._around = around
        self._execution = Execution(database, registry, self._lease)
        self._schedule = Schedule(database, registry)
        self._id = ids.new_id()
        self._started_at = clock.now()
        self._next_beat = 0.0

    def run_once(self) -> int:
        """Open due slots and run the next due job; return how many jobs were run: 0 or 1."""
        self._schedule.tick()
        return 0 if self._next() is None else 1

    def run_until_empty(self) -> int:
        """Run jobs until none is due; return how many attempts were made.

        Jobs that wait for a later instant stay.
        """
        count = 0
        while self.run_once():
            count += 1
        return count

    def run_forever(self, stop: threading.Event) -> None:
        """Run jobs in all threads until `stop` is set, then finish those at hand and return.

        While the database is away the worker waits and goes on when it is back.
        """
        log.info("worker.started", worker=str(self._id), threads=self._threads)
        threads = [
            threading.Thread(target=self._loop, args=(stop,), name=f"jobs-{number}", daemon=True)
            for number in range(self._threads)
        ]
        for thread in threads:
            thread.start()
        while not stop.is_set():
            pause = _LONGEST_PAUSE
            try:
                self._upkeep()
            except Exception as error:
                pause = self._trouble(error)
            stop.wait(pause)
        for thread in threads:
            thread.join()
        try:
            in_unit_of_work(self._database, self._say_goodbye)
        except Exception as error:
            self._trouble(error)
        log.info("worker.stopped", worker=str(self._id))

    def _loop(self, stop: threading.Event) -> None:
        """Work off what is due, then rest, longer each time that nothing came."""
        pause = _SHORTEST_PAUSE
        while not stop.is_set():
            try:
                worked = self._work_off(stop)
                pause = _SHORTEST_PAUSE if worked else min(pause * 2, _LONGEST_PAUSE)
            except Exception as error:
                pause = self._trouble(error)
            stop.wait(pause * (0.5 + random.random() / 2))  # noqa: S311 - jitter, no secret

    def _trouble(self, error: Exception) -> float:
        """Note what a worker outlives, the database being away above all; return the wait."""
        log.error("worker.trouble", worker=str(self._id), reason=reason_of(error))
        return _TROUBLE_PAUSE

    def _work_off(self, stop: threading.Event) -> int:
        # An idle worker only reads: on SQLite a claim takes the one write lock.
        with unit_of_work(self._database, write=False) as session:
            if not is_anything_due(session):
                return 0
        count = 0
        while not stop.is_set() and self._next() is not None:
            count += 1
        return count

    def _next(self) -> Outcome | None:
        """Claim a job and run one attempt of it; None when nothing was due."""
        job = in_unit_of_work(self._database, self._claim)
        if job is None:
            return None
        with self._around():
            return self._execution.run(job)

    def _claim(self, session: Session) -> ClaimedJob | None:
        job = claim(session, self._lease)
        if job is not None and not job.cancel_requested:
            lease = self._execution.lease_of(job.topic)
            if lease != self._lease:
                keep(session, job, lease)
        return job

    def _upkeep(self) -> None:
        if time.monotonic() >= self._next_beat:
            in_unit_of_work(self._database, self._say_alive)
            self._next_beat = time.monotonic() + HEARTBEAT_SECONDS
        self._schedule.tick()

    def _say_alive(self, session: Session) -> None:
        now = clock.now()
        seen = session.execute(
            sa.update(WorkerHeartbeat)
            .where(WorkerHeartbeat.id == self._id)
            .values(seen_at=now)
            .returning(WorkerHeartbeat.id)
        ).first()
        if seen is None:
            name = f"{platform.node()[:100]}:{os.getpid()}"
            session.add(
                WorkerHeartbeat(id=self._id, name=name, started_at=self._started_at, seen_at=now)
            )

    def _say_goodbye(self, session: Session) -> None:
        session.execute(sa.delete(WorkerHeartbeat).where(WorkerHeartbeat.id == self._id))


def stop_on_signals(stop: threading.Event) -> None:
    """Set `stop` on SIGTERM and SIGINT; a second one ends the process in the usual way.

    Only from the main thread, as Python asks.
    """

    def heard(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, heard)
