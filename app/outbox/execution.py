"""Takes one claimed job through its handler to its last move."""

from __future__ import annotations

import datetime as dt
import enum
import random
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session

from app.audit import recorder
from app.db.engine import Database
from app.db.unit_of_work import in_unit_of_work
from app.kernel import clock
from app.kernel.errors import Unavailable
from app.outbox.claiming import (
    ClaimedJob,
    JobCancelled,
    LeaseLost,
    finish,
    put_back_or_park,
    stop,
)
from app.outbox.lifecycle import JobState
from app.outbox.registry import JobRegistry, Topic
from app.outbox.retry import (
    AlreadyDone,
    GiveUp,
    JsonObject,
    RetryPolicy,
    after_failure,
    reason_of,
)
from app.outbox.running import RunningJob

T = TypeVar("T")

log = structlog.get_logger()

_PAUSE_SECONDS = 0.2
"""Between two tries to write down that an outside effect happened."""


class Outcome(enum.StrEnum):
    """How an attempt ended."""

    DONE = "done"
    FAILED = "failed"
    PARKED = "parked"
    CANCELLED = "cancelled"
    TAKEN_OVER = "taken_over"


class Execution:
    """Runs claimed jobs of a registry; keeps nothing between them."""

    def __init__(self, database: Database, registry: JobRegistry, lease: dt.timedelta) -> None:
        """`lease` is for topics that name none."""
        self._database = database
        self._registry = registry
        self._lease = lease

    def lease_of(self, topic: str) -> dt.timedelta:
        """Return how long a job of this topic may be silent."""
        found = self._registry.find(topic)
        if found is None or found.lease_seconds is None:
            return self._lease
        return dt.timedelta(seconds=found.lease_seconds)

    def run(self, job: ClaimedJob) -> Outcome:
        """Run one attempt and write its end down; raises only when the database cannot take it.

        The job's id is the request id of its log lines and audit events.
        """
        started = time.perf_counter()
        token = recorder.request_id.set(str(job.id))
        try:
            with structlog.contextvars.bound_contextvars(request_id=str(job.id)):
                outcome, reason = self._attempt(job)
                write = log.info if outcome is Outcome.DONE else log.warning
                write(
                    f"job.{outcome.value}",
                    topic=job.topic,
                    attempt=job.attempt,
                    milliseconds=round((time.perf_counter() - started) * 1000, 1),
                    **({} if reason is None else {"reason": reason}),
                )
                return outcome
        finally:
            recorder.request_id.reset(token)

    def _attempt(self, job: ClaimedJob) -> tuple[Outcome, str | None]:
        topic = self._registry.find(job.topic)
        try:
            try:
                self._work(job, topic)
            except AlreadyDone as done:
                result = done.result
                self._insist(job, lambda session: finish(session, job, result))
            return Outcome.DONE, None
        except LeaseLost:
            return Outcome.TAKEN_OVER, None
        except JobCancelled:
            return self._cancelled(job), None
        except Exception as error:  # whatever a handler raises ends the attempt, not the worker
            return self._failed(job, topic, error)

    def _work(self, job: ClaimedJob, topic: Topic | None) -> None:
        if job.cancel_requested:
            raise JobCancelled
        if topic is None:
            raise GiveUp(
                f"Nothing in this version of the portal handles {job.topic}. Start the version "
                "that does, then retry the job."
            )
        if job.attempt > topic.retry.max_attempts:
            raise GiveUp(
                f"The worker stopped in the middle of this job {job.attempt - 1} times. Look "
                "at the log for this job's id, then retry it."
            )
        if topic.handle is not None:
            in_unit_of_work(self._database, _Handling(topic.handle, job))
            return
        prepare, settle = topic.prepare, topic.settle
        assert prepare is not None
        assert settle is not None
        assert topic.perform is not None
        prepared = in_unit_of_work(self._database, lambda session: prepare(session, job))
        work = RunningJob(self._database, job, self.lease_of(job.topic))
        performed = topic.perform(prepared, work)
        self._insist(job, lambda session: finish(session, job, settle(session, job, performed)))

    def _insist(self, job: ClaimedJob, work: Callable[[Session], T]) -> T:
        """Write down what happened outside, for as long as the lease lasts.

        The database may be away for a moment, and what is not written down is done again.
        """
        deadline = time.monotonic() + self.lease_of(job.topic).total_seconds()
        while True:
            try:
                return in_unit_of_work(self._database, work)
            except Unavailable:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)

    def _cancelled(self, job: ClaimedJob) -> Outcome:
        try:
            self._insist(job, lambda session: stop(session, job))
        except LeaseLost:
            return Outcome.TAKEN_OVER
        return Outcome.CANCELLED

    def _failed(
        self, job: ClaimedJob, topic: Topic | None, error: Exception
    ) -> tuple[Outcome, str | None]:
        failure = after_failure(
            RetryPolicy() if topic is None else topic.retry,
            error,
            attempt=job.attempt,
            now=clock.now(),
            chance=random.random(),  # noqa: S311 - jitter, no secret
        )
        told = topic.on_failure if topic is not None else None

        def write_down(session: Session) -> JobState:
            state = put_back_or_park(session, job, failure)
            if told is not None and state is not JobState.CANCELLED:
                told(session, job, failure)
            return state

        try:
            try:
                state = self._insist(job, write_down)
            except (LeaseLost, Unavailable):
                raise
            except Exception as second:
                # The feature's own note must not keep the job from being parked.
                log.error("job.note_failed", topic=job.topic, reason=reason_of(second))
                state = self._insist(job, lambda session: put_back_or_park(session, job, failure))
        except LeaseLost:
            return Outcome.TAKEN_OVER, failure.reason
        outcomes = {JobState.READY: Outcome.FAILED, JobState.PARKED: Outcome.PARKED}
        return outcomes.get(state, Outcome.CANCELLED), failure.reason


class _Handling:
    """A transactional handler with its mark "done", as one piece of work."""

    def __init__(
        self, handle: Callable[[Session, ClaimedJob], JsonObject | None], job: ClaimedJob
    ) -> None:
        self._handle = handle
        self._job = job

    def __call__(self, session: Session) -> None:
        result = self._handle(session, self._job)
        session.flush()
        finish(session, self._job, result)
