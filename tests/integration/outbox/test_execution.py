"""One attempt of one job: its end, whatever the handler does."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.audit import recorder
from app.audit.models import AuditEvent
from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.kernel.errors import Conflict
from app.outbox import services
from app.outbox.claiming import ClaimedJob, LeaseLost, claim, finish
from app.outbox.execution import Execution, Outcome
from app.outbox.lifecycle import JobState
from app.outbox.models import Job, Priority
from app.outbox.publish import publish
from app.outbox.registry import JobRegistry
from app.outbox.retry import AlreadyDone, Failure, GiveUp, RetryLater, RetryPolicy
from app.outbox.running import RunningJob
from app.outbox.worker import Worker
from tests.support.clock import Clock

LEASE = dt.timedelta(seconds=60)
ONCE_MORE = RetryPolicy(max_attempts=2, base=dt.timedelta(0), cap=dt.timedelta(0))


def _publish(database: Database, topic: str = "a.b", **options: Any) -> uuid.UUID:
    with unit_of_work(database) as session:
        return publish(session, topic, **options).id


def _claim(database: Database) -> ClaimedJob:
    with unit_of_work(database) as session:
        job = claim(session, LEASE)
    assert job is not None
    return job


def _read(database: Database, job_id: uuid.UUID) -> Job:
    with unit_of_work(database, write=False) as session:
        return session.execute(sa.select(Job).where(Job.id == job_id)).scalar_one()


def _run(database: Database, jobs: JobRegistry) -> Outcome:
    return Execution(database, jobs, LEASE).run(_claim(database))


def _external(jobs: JobRegistry, perform: Any, **options: Any) -> None:
    values = {
        "prepare": lambda _session, _job: None,
        "settle": lambda _session, _job, result: {"result": result},
        **options,
    }
    jobs.external("a.b", perform=perform, **values)


def _fails(_session: Session, _job: ClaimedJob) -> None:
    raise ValueError("postgresql://user:hunter2@db")


def test_effect_result_and_mark_are_one(database: Database, clock: Clock) -> None:
    jobs = JobRegistry()

    def handle(session: Session, job: ClaimedJob) -> dict[str, object]:
        publish(session, "next.step", {"after": str(job.id)})
        return {"rows": 1}

    jobs.transactional("a.b", handle)
    job_id = _publish(database)
    assert _run(database, jobs) is Outcome.DONE
    job = _read(database, job_id)
    assert (job.state, job.result, job.finished_at) == (JobState.DONE, {"rows": 1}, clock.now)
    assert (job.lease_until, job.lease_token, job.last_error) == (None, None, None)
    assert _claim(database).payload == {"after": str(job_id)}


def test_a_failing_handler_leaves_no_effect_and_is_tried_again_then_parked(
    database: Database,
) -> None:
    jobs = JobRegistry()

    def handle(session: Session, job: ClaimedJob) -> None:
        publish(session, "next.step")
        _fails(session, job)

    jobs.transactional("a.b", handle, retry=ONCE_MORE)
    job_id = _publish(database)
    assert _run(database, jobs) is Outcome.FAILED
    assert _read(database, job_id).state is JobState.READY
    assert _run(database, jobs) is Outcome.PARKED
    job = _read(database, job_id)
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
    job_id = _publish(database)
    worker = Worker(database, jobs)
    assert worker.run_until_empty() == 1
    clock.forward(minutes=4, seconds=59)
    assert worker.run_until_empty() == 0
    clock.forward(seconds=1)
    assert worker.run_until_empty() == 1
    assert _read(database, job_id).attempts == 2


def test_giving_up_parks_at_once(database: Database) -> None:
    jobs = JobRegistry()

    def handle(_session: Session, _job: ClaimedJob) -> None:
        raise GiveUp("The address does not exist.")

    jobs.transactional("a.b", handle)
    job_id = _publish(database)
    assert _run(database, jobs) is Outcome.PARKED
    assert _read(database, job_id).last_error == "The address does not exist."


def test_an_unknown_topic_is_parked_with_a_sentence(database: Database) -> None:
    job_id = _publish(database, "moon.landing")
    assert _run(database, JobRegistry()) is Outcome.PARKED
    reason = _read(database, job_id).last_error
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
    job_id = _publish(database)
    for _ in range(2):
        _claim(database)
        clock.forward(seconds=60)
    assert _run(database, jobs) is Outcome.PARKED
    assert "stopped in the middle of this job 2 times" in str(_read(database, job_id).last_error)
    assert [failure.is_final for failure in told] == [True]


def test_the_feature_hears_of_each_failure_in_the_same_transaction(database: Database) -> None:
    jobs = JobRegistry()
    told: list[tuple[bool, str]] = []

    def note(session: Session, job: ClaimedJob, failure: Failure) -> None:
        told.append((failure.is_final, failure.reason))
        publish(session, "noted", {"attempt": job.attempt}, dedupe_key=str(job.attempt))

    jobs.transactional("a.b", _fails, retry=ONCE_MORE, on_failure=note)
    _publish(database)
    _run(database, jobs)
    _run(database, jobs)
    assert [final for final, _ in told] == [False, True]
    assert [_claim(database).payload["attempt"] for _ in range(2)] == [1, 2]


def test_a_note_that_breaks_does_not_keep_the_job_from_being_parked(database: Database) -> None:
    jobs = JobRegistry()

    def note(session: Session, _job: ClaimedJob, _failure: Failure) -> None:
        publish(session, "noted")
        raise KeyError("note")

    def give_up(_session: Session, _job: ClaimedJob) -> None:
        raise GiveUp("No use.")

    jobs.transactional("a.b", give_up, on_failure=note)
    job_id = _publish(database)
    assert _run(database, jobs) is Outcome.PARKED
    assert _read(database, job_id).last_error == "No use."
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
        _publish(database, "meanwhile")
        steps.append(f"perform {letter} {running.job.id}")
        return "250 accepted"

    def settle(_session: Session, _job: ClaimedJob, answer: str) -> dict[str, object]:
        steps.append("settle")
        return {"answer": answer}

    jobs.external("a.b", prepare=prepare, perform=perform, settle=settle)
    job_id = _publish(database)
    assert _run(database, jobs) is Outcome.DONE
    assert steps == ["prepare", f"perform letter {job_id}", "settle"]
    assert _read(database, job_id).result == {"answer": "250 accepted"}


def test_nothing_is_performed_when_nothing_is_left_to_do(database: Database) -> None:
    jobs = JobRegistry()

    def prepare(_session: Session, _job: ClaimedJob) -> None:
        raise AlreadyDone({"sent": "before"})

    _external(jobs, lambda _nothing, _job: pytest.fail("must not be performed"), prepare=prepare)
    job_id = _publish(database)
    assert _run(database, jobs) is Outcome.DONE
    assert _read(database, job_id).result == {"sent": "before"}


def test_progress_is_seen_at_once_and_keeps_the_lease(database: Database, clock: Clock) -> None:
    jobs = JobRegistry()
    seen: list[tuple[int | None, int | None]] = []

    def perform(_nothing: None, running: RunningJob) -> None:
        for done in range(3):
            clock.forward(seconds=50)
            running.progress(done, 3)
            job = _read(database, running.job.id)
            seen.append((job.progress_done, job.progress_total))
            with unit_of_work(database) as session:
                assert claim(session, LEASE) is None, "taken over in spite of progress"
        with pytest.raises(ValueError, match="4 of 3"):
            running.progress(4, 3)

    _external(jobs, perform)
    _publish(database)
    assert _run(database, jobs) is Outcome.DONE
    assert seen == [(0, 3), (1, 3), (2, 3)]


def test_who_is_silent_for_longer_than_the_lease_is_taken_over_and_changes_nothing(
    database: Database, clock: Clock
) -> None:
    jobs = JobRegistry()
    results: list[Outcome] = []

    def perform(_nothing: None, running: RunningJob) -> str:
        if running.job.attempt == 1:
            clock.forward(seconds=61)
            results.append(_run(database, jobs))
            with pytest.raises(LeaseLost), running.step(1, 1) as session:
                publish(session, "late.effect")
            return "late"
        return "in time"

    _external(jobs, perform)
    job_id = _publish(database)
    assert _run(database, jobs) is Outcome.TAKEN_OVER
    assert results == [Outcome.DONE]
    job = _read(database, job_id)
    assert (job.state, job.attempts, job.result) == (JobState.DONE, 2, {"result": "in time"})
    with unit_of_work(database, write=False) as session:
        assert session.execute(sa.select(sa.func.count(Job.id))).scalar_one() == 1


def test_a_late_failure_changes_nothing_either(database: Database, clock: Clock) -> None:
    jobs = JobRegistry()

    def perform(_nothing: None, running: RunningJob) -> None:
        if running.job.attempt == 1:
            clock.forward(seconds=61)
            _run(database, jobs)
            raise GiveUp("Too late to say.")

    _external(jobs, perform)
    job_id = _publish(database)
    assert _run(database, jobs) is Outcome.TAKEN_OVER
    assert _read(database, job_id).state is JobState.DONE


def _have_effect_and_finish(database: Database, job: ClaimedJob) -> None:
    with unit_of_work(database) as session:
        publish(session, "late.effect")
        finish(session, job, None)


def test_a_transactional_latecomer_leaves_no_effect(database: Database, clock: Clock) -> None:
    job_id = _publish(database)
    late = _claim(database)
    clock.forward(seconds=61)
    second = _claim(database)
    assert (second.id, second.attempt) == (job_id, 2)
    with pytest.raises(LeaseLost):
        _have_effect_and_finish(database, late)
    with unit_of_work(database) as session:
        finish(session, second, None)
    assert _read(database, job_id).state is JobState.DONE
    with unit_of_work(database) as session:
        assert claim(session, LEASE) is None


def test_parts_of_a_long_work_happen_once_each_across_attempts(
    database: Database, clock: Clock
) -> None:
    jobs = JobRegistry()
    starts: list[int] = []

    def perform(_nothing: None, running: RunningJob) -> None:
        starts.append(running.job.progress_done)
        for part in range(running.job.progress_done, 4):
            with running.step(part + 1, 4) as session:
                publish(session, "part", {"part": part}, priority=Priority.LOW)
                if running.job.attempt == 1 and part == 2:
                    raise RetryLater("Later.", after=dt.timedelta(0))

    _external(jobs, perform)
    _publish(database)
    assert _run(database, jobs) is Outcome.FAILED
    assert _run(database, jobs) is Outcome.DONE
    assert starts == [0, 2]
    assert [_claim(database).payload["part"] for _ in range(4)] == [0, 1, 2, 3]


def test_a_running_job_hears_that_it_shall_stop(database: Database) -> None:
    jobs = JobRegistry()

    def perform(_nothing: None, running: RunningJob) -> None:
        running.progress(1, 9)
        with unit_of_work(database) as session:
            services.cancel_job(session, SYSTEM, running.job.id)
        running.progress(2, 9)
        pytest.fail("went on after it was stopped")

    _external(jobs, perform)
    job_id = _publish(database)
    assert _run(database, jobs) is Outcome.CANCELLED
    job = _read(database, job_id)
    assert (job.state, job.progress_done) == (JobState.CANCELLED, 1)


def test_a_stopped_job_is_not_tried_again(database: Database, clock: Clock) -> None:
    jobs = JobRegistry()

    def perform(_nothing: None, running: RunningJob) -> None:
        with unit_of_work(database) as session:
            services.cancel_job(session, SYSTEM, running.job.id)
        raise RetryLater("Later.", after=dt.timedelta(0))

    _external(jobs, perform)
    job_id = _publish(database)
    assert _run(database, jobs) is Outcome.CANCELLED
    assert _read(database, job_id).state is JobState.CANCELLED

    second = _publish(database)
    _claim(database)
    with unit_of_work(database) as session:
        services.cancel_job(session, SYSTEM, second)
    clock.forward(seconds=61)
    assert _run(database, jobs) is Outcome.CANCELLED
    assert _read(database, second).state is JobState.CANCELLED


def test_an_ended_job_cannot_be_stopped(database: Database) -> None:
    jobs = JobRegistry()
    jobs.transactional("a.b", lambda _session, _job: None)
    job_id = _publish(database)
    _run(database, jobs)
    with pytest.raises(Conflict), unit_of_work(database) as session:
        services.cancel_job(session, SYSTEM, job_id)


def test_a_topic_may_have_a_longer_lease_and_jobs_run_in_a_given_context(
    database: Database, clock: Clock
) -> None:
    jobs = JobRegistry()
    context: list[str] = []
    jobs.transactional("a.b", lambda _session, _job: context.append("handle"), lease_seconds=600)
    job_id = _publish(database)
    leases: list[dt.datetime | None] = []

    @contextmanager
    def around() -> Iterator[None]:
        leases.append(_read(database, job_id).lease_until)
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
    job_id = _publish(database, payload={"note": "between-us"})
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as lines:
        _run(database, jobs)
    assert [line["event"] for line in lines] == ["job.done"]
    assert lines[0]["request_id"] == str(job_id)
    assert "between-us" not in str(lines)
    assert recorder.request_id.get() is None
    with unit_of_work(database, write=False) as session:
        assert session.execute(sa.select(AuditEvent.request_id)).scalars().all() == [str(job_id)]
