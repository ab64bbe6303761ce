"""Jobs that take long: progress, take-over by another worker, parts that happen once, a stop."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from app.access.actor import SYSTEM
from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.kernel.errors import Conflict
from app.outbox import services
from app.outbox.claiming import ClaimedJob, LeaseLost, claim, finish
from app.outbox.execution import Outcome
from app.outbox.lifecycle import JobState
from app.outbox.models import Job, Priority
from app.outbox.publish import publish
from app.outbox.registry import JobRegistry
from app.outbox.retry import GiveUp, RetryLater
from app.outbox.running import RunningJob
from tests.integration.outbox.attempts import (
    LEASE,
    claim_one,
    publish_one,
    read,
    register_external,
    run_next,
)
from tests.support.clock import Clock


def test_progress_is_seen_at_once_and_keeps_the_lease(database: Database, clock: Clock) -> None:
    jobs = JobRegistry()
    seen: list[tuple[int | None, int | None]] = []

    def perform(_nothing: None, running: RunningJob) -> None:
        for done in range(3):
            clock.forward(seconds=50)
            running.progress(done, 3)
            job = read(database, running.job.id)
            seen.append((job.progress_done, job.progress_total))
            with unit_of_work(database) as session:
                assert claim(session, LEASE) is None, "taken over in spite of progress"
        with pytest.raises(ValueError, match="4 of 3"):
            running.progress(4, 3)

    register_external(jobs, perform)
    publish_one(database)
    assert run_next(database, jobs) is Outcome.DONE
    assert seen == [(0, 3), (1, 3), (2, 3)]


def test_who_is_silent_for_longer_than_the_lease_is_taken_over_and_changes_nothing(
    database: Database, clock: Clock
) -> None:
    jobs = JobRegistry()
    results: list[Outcome] = []

    def perform(_nothing: None, running: RunningJob) -> str:
        if running.job.attempt == 1:
            clock.forward(seconds=61)
            results.append(run_next(database, jobs))
            with pytest.raises(LeaseLost), running.step(1, 1) as session:
                publish(session, "late.effect")
            return "late"
        return "in time"

    register_external(jobs, perform)
    job_id = publish_one(database)
    assert run_next(database, jobs) is Outcome.TAKEN_OVER
    assert results == [Outcome.DONE]
    job = read(database, job_id)
    assert (job.state, job.attempts, job.result) == (JobState.DONE, 2, {"result": "in time"})
    with unit_of_work(database, write=False) as session:
        assert session.execute(sa.select(sa.func.count(Job.id))).scalar_one() == 1


def test_a_late_failure_changes_nothing_either(database: Database, clock: Clock) -> None:
    jobs = JobRegistry()

    def perform(_nothing: None, running: RunningJob) -> None:
        if running.job.attempt == 1:
            clock.forward(seconds=61)
            run_next(database, jobs)
            raise GiveUp("Too late to say.")

    register_external(jobs, perform)
    job_id = publish_one(database)
    assert run_next(database, jobs) is Outcome.TAKEN_OVER
    assert read(database, job_id).state is JobState.DONE


def _have_effect_and_finish(database: Database, job: ClaimedJob) -> None:
    with unit_of_work(database) as session:
        publish(session, "late.effect")
        finish(session, job, None)


def test_a_transactional_latecomer_leaves_no_effect(database: Database, clock: Clock) -> None:
    job_id = publish_one(database)
    late = claim_one(database)
    clock.forward(seconds=61)
    second = claim_one(database)
    assert (second.id, second.attempt) == (job_id, 2)
    with pytest.raises(LeaseLost):
        _have_effect_and_finish(database, late)
    with unit_of_work(database) as session:
        finish(session, second, None)
    assert read(database, job_id).state is JobState.DONE
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

    register_external(jobs, perform)
    publish_one(database)
    assert run_next(database, jobs) is Outcome.FAILED
    assert run_next(database, jobs) is Outcome.DONE
    assert starts == [0, 2]
    assert [claim_one(database).payload["part"] for _ in range(4)] == [0, 1, 2, 3]


def test_a_running_job_hears_that_it_shall_stop(database: Database) -> None:
    jobs = JobRegistry()

    def perform(_nothing: None, running: RunningJob) -> None:
        running.progress(1, 9)
        with unit_of_work(database) as session:
            services.cancel_job(session, SYSTEM, running.job.id)
        running.progress(2, 9)
        pytest.fail("went on after it was stopped")

    register_external(jobs, perform)
    job_id = publish_one(database)
    assert run_next(database, jobs) is Outcome.CANCELLED
    job = read(database, job_id)
    assert (job.state, job.progress_done) == (JobState.CANCELLED, 1)


def test_a_stopped_job_is_not_tried_again(database: Database, clock: Clock) -> None:
    jobs = JobRegistry()

    def perform(_nothing: None, running: RunningJob) -> None:
        with unit_of_work(database) as session:
            services.cancel_job(session, SYSTEM, running.job.id)
        raise RetryLater("Later.", after=dt.timedelta(0))

    register_external(jobs, perform)
    job_id = publish_one(database)
    assert run_next(database, jobs) is Outcome.CANCELLED
    assert read(database, job_id).state is JobState.CANCELLED

    second = publish_one(database)
    claim_one(database)
    with unit_of_work(database) as session:
        services.cancel_job(session, SYSTEM, second)
    clock.forward(seconds=61)
    assert run_next(database, jobs) is Outcome.CANCELLED
    assert read(database, second).state is JobState.CANCELLED


def test_an_ended_job_cannot_be_stopped(database: Database) -> None:
    jobs = JobRegistry()
    jobs.transactional("a.b", lambda _session, _job: None)
    job_id = publish_one(database)
    run_next(database, jobs)
    with pytest.raises(Conflict), unit_of_work(database) as session:
        services.cancel_job(session, SYSTEM, job_id)
