"""A job at work outside of a transaction: tells its progress, keeps its lease, hears a stop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.db.engine import Database
from app.db.unit_of_work import in_unit_of_work, unit_of_work
from app.outbox.claiming import ClaimedJob, keep


class RunningJob:
    """Given to the perform step of a job."""

    def __init__(self, database: Database, job: ClaimedJob, lease: dt.timedelta) -> None:
        """Wrap a claimed job; `lease` is how long it may be silent."""
        self.job = job
        self._database = database
        self._lease = lease

    def progress(self, done: int, total: int | None = None) -> None:
        """Note that `done` of `total` parts are done, at once, and start the lease anew.

        Raises LeaseLost or JobCancelled: let them pass, the worker knows what to do.
        ValueError when done is below zero or above total.
        """
        _check(done, total)
        in_unit_of_work(
            self._database, lambda session: keep(session, self.job, self._lease, (done, total))
        )

    @contextmanager
    def step(self, done: int, total: int | None = None) -> Iterator[Session]:
        """Yield a session for one part of a long work; its changes and the progress are one.

        Each part then happens exactly once: an attempt that takes over reads
        `job.progress_done` and goes on after it. Raises like `progress`, and then the
        changes of this part are rolled back.
        """
        _check(done, total)
        with unit_of_work(self._database) as session:
            yield session
            session.flush()
            keep(session, self.job, self._lease, (done, total))


def _check(done: int, total: int | None) -> None:
    if done < 0 or (total is not None and done > total):
        raise ValueError(f"progress of {done} of {total} makes no sense")
