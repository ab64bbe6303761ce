"""One attempt of one job: its end, whatever the handler does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.audit import recorder
from app.audit.models import AuditEvent
from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.logs import configure
from app.outbox.claiming import ClaimedJob
from app.outbox.execution import Outcome
from app.outbox.lifecycle import JobState
from app.outbox.models import Job
from app.outbox.publish import publish
from app.outbox.registry import JobRegistry
from app.outbox.retry import AlreadyDone, Failure, GiveUp, RetryLater, RetryPolicy
from app.outbox.running import RunningJob
from app.outbox.worker import Worker
from tests.integration.outbox.attempts import (
    claim_one,
    publish_one,
    read,
    register_external,
    run_next,
)
from tests.support.clock import Clock

ONCE_MORE = RetryPolicy(max_attempts=2, base=dt.timedelta(0), cap=dt.timedelta(0))


def _fails(_session: Session, _job: ClaimedJob) -> None:
    raise ValueError("postgresql://user:hunter2@db")


def test_effect_result_and_mark_are_one(database: Database, clock: Clock) -> None:
    jobs = JobRegistry()

    def handle(session: Session, job: ClaimedJob) -> dict[str, object]:
        publish(session, "next.step", {"after": str(job.id)})
        return {"rows": 1}

    jobs.transactional("a.b", handle)
    job_id = publish_one(database)
    assert run_next(database, jobs) is Outcome.DONE
    job = read(database, job_id)
    assert (job.state, job.result, job.finished_at) == (JobState.DONE, {"rows": 1}, clock.now)
    assert (job.lease_until, job.lease_token, job.last_error) == (None, None, None)
    assert claim_one(database).payload == {"after": str(job_id)}


def test_a_failing_handler_leaves_no_effect_and_is_tried_again_then_parked(
    database: Database,
) -> None:
    jobs = JobRegistry()

    def handle(session: Session, job: ClaimedJob) -> None:
        publish(session, "next.step")
        _fails(session, job)

    jobs.transactional("a.b", handle, retry=ONCE_MORE)
    job_id = publish_one(database)
    assert run_next(database, jobs) is Outcome.FAILED
    assert read(database, job_id).state is JobState.READY
    assert run_next(database, jobs) is Outcome.PARKED
    job = read(database, job_id)
    assert job.state is JobState.PARKED
    assert job.last_error is not None
    assert job.last_error.startswith("Stopped by ValueError")
    assert "hunter2" not in job.last_error
    with unit_of_work(database, write=False) as session:
        assert session.execute(sa.select(sa.func.count(Job.id))).scalar_one() == 1


def test_the_next_attempt_waits(database: Database, clock: Clock) -> None:
    jobs = JobRegistry()

    def handle(_session: Session, _job: ClaimedJob) -> None:
        raise RetryLater("The other side is closed.", after=dt.timedelta(minutes=5))

    jobs.transactional("a.b", handle)
    job_id = publish_one(database)
    worker = Worker(database, jobs)
    assert worker.run_until_empty() == 1
    clock.forward(minutes=4, seconds=59)
    assert worker.run_until_empty() == 0
    clock.forward(seconds=1)
    assert worker.run_until_empty() == 1
    assert read(database, job_id).attempts == 2


def test_giving_up_parks_at_once(database: Database) -> None:
    jobs = JobRegistry()

    def handle(_session: Session, _job: ClaimedJob) -> None:
        raise GiveUp("The address does not exist.")

    jobs.transactional("a.b", handle)
    job_id = publish_one(database)
    assert run_next(database, jobs) is Outcome.PARKED
    assert read(database, job_id).last_error == "The address does not exist."


def test_an_unknown_topic_is_parked_with_a_sentence(database: Database) -> None:
    job_id = publish_one(database, "moon.landing")
    assert run_next(database, JobRegistry()) is Outcome.PARKED
    reason = read(database, job_id).last_error
    assert reason is not None
    assert "moon.landing" in reason
    assert "retry" in reason


def test_a_job_that_kills_its_worker_each_time_is_parked(database: Database, clock: Clock) -> None:
    jobs = JobRegistry()
    told: list[Failure] = []
    jobs.transactional(
        "a.b",
        lambda _session, _job: pytest.fail("must not be called again"),
        retry=ONCE_MORE,
        on_failure=lambda _session, _job, failure: told.append(failure),
    )
    job_id = publish_one(database)
    for _ in range(2):
        claim_one(database)
        clock.forward(seconds=60)
    assert run_next(database, jobs) is Outcome.PARKED
    assert "stopped in the middle of this job 2 times" in str(read(database, job_id).last_error)
    assert [failure.is_final for failure in told] == [True]


def test_the_feature_hears_of_each_failure_in_the_same_transaction(database: Database) -> None:
    jobs = JobRegistry()
    told: list[tuple[bool, str]] = []

    def note(session: Session, job: ClaimedJob, failure: Failure) -> None:
        told.append((failure.is_final, failure.reason))
        publish(session, "noted", {"attempt": job.attempt}, dedupe_key=str(job.attempt))

    jobs.transactional("a.b", _fails, retry=ONCE_MORE, on_failure=note)
    publish_one(database)
    run_next(database, jobs)
    run_next(database, jobs)
    assert [final for final, _ in told] == [False, True]
    assert [claim_one(database).payload["attempt"] for _ in range(2)] == [1, 2]


def test_a_note_that_breaks_does_not_keep_the_job_from_being_parked(database: Database) -> None:
    jobs = JobRegistry()

    def note(session: Session, _job: ClaimedJob, _failure: Failure) -> None:
        publish(session, "noted")
        raise KeyError("note")

    def give_up(_session: Session, _job: ClaimedJob) -> None:
        raise GiveUp("No use.")

    jobs.transactional("a.b", give_up, on_failure=note)
    job_id = publish_one(database)
    assert run_next(database, jobs) is Outcome.PARKED
    assert read(database, job_id).last_error == "No use."
    with unit_of_work(database, write=False) as session:
        assert session.execute(sa.select(sa.func.count(Job.id))).scalar_one() == 1


def test_an_outside_effect_is_prepared_performed_and_settled_apart(database: Database) -> None:
    jobs = JobRegistry()
    steps: list[str] = []

    def prepare(session: Session, job: ClaimedJob) -> str:
        steps.append("prepare")
        publish(session, "prepared", {"for": str(job.id)})
        return "letter"

    def perform(letter: str, running: RunningJob) -> str:
        # A second writer gets in: no transaction of this job is open here.
        publish_one(database, "meanwhile")
        steps.append(f"perform {letter} {running.job.id}")
        return "250 accepted"

    def settle(_session: Session, _job: ClaimedJob, answer: str) -> dict[str, object]:
        steps.append("settle")
        return {"answer": answer}

    jobs.external("a.b", prepare=prepare, perform=perform, settle=settle)
    job_id = publish_one(database)
    assert run_next(database, jobs) is Outcome.DONE
    assert steps == ["prepare", f"perform letter {job_id}", "settle"]
    assert read(database, job_id).result == {"answer": "250 accepted"}


def test_nothing_is_performed_when_nothing_is_left_to_do(database: Database) -> None:
    jobs = JobRegistry()

    def prepare(_session: Session, _job: ClaimedJob) -> None:
        raise AlreadyDone({"sent": "before"})

    register_external(
        jobs, lambda _nothing, _job: pytest.fail("must not be performed"), prepare=prepare
    )
    job_id = publish_one(database)
    assert run_next(database, jobs) is Outcome.DONE
    assert read(database, job_id).result == {"sent": "before"}


def test_a_topic_may_have_a_longer_lease_and_jobs_run_in_a_given_context(
    database: Database, clock: Clock
) -> None:
    jobs = JobRegistry()
    context: list[str] = []
    jobs.transactional("a.b", lambda _session, _job: context.append("handle"), lease_seconds=600)
    job_id = publish_one(database)
    leases: list[dt.datetime | None] = []

    @contextmanager
    def around() -> Iterator[None]:
        leases.append(read(database, job_id).lease_until)
        context.append("enter")
        yield
        context.append("leave")

    assert Worker(database, jobs, around=around).run_until_empty() == 1
    assert leases == [clock.now + dt.timedelta(seconds=600)]
    assert context == ["enter", "handle", "leave"]


def test_log_and_trail_carry_the_id_of_the_job_and_never_its_payload(database: Database) -> None:
    jobs = JobRegistry()

    def handle(session: Session, _job: ClaimedJob) -> None:
        recorder.record(session, SYSTEM, "thing.happened", subject_type="thing", subject_id=None)

    jobs.transactional("a.b", handle)
    job_id = publish_one(database, payload={"note": "between-us"})
    configure("INFO")  # whatever level another test's portal logs at
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as lines:
        run_next(database, jobs)
    assert [line["event"] for line in lines] == ["job.done"]
    assert lines[0]["request_id"] == str(job_id)
    assert "between-us" not in str(lines)
    assert recorder.request_id.get() is None
    with unit_of_work(database, write=False) as session:
        assert session.execute(sa.select(AuditEvent.request_id)).scalars().all() == [str(job_id)]
