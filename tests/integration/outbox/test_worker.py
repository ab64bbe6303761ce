"""The worker as a whole: threads, a stop in peace, signs of life, a database that goes away."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.outbox.claiming import ClaimedJob
from app.outbox.lifecycle import JobState
from app.outbox.models import Job, Priority, WorkerHeartbeat
from app.outbox.publish import publish
from app.outbox.queries import workers_alive
from app.outbox.registry import JobRegistry
from app.outbox.running import RunningJob
from app.outbox.worker import Worker
from tests.support.clock import Clock
from tests.support.databases import DatabaseSource

PATIENCE = 60
"""Seconds until a test that hangs says so."""


def _states(database: Database) -> list[JobState]:
    with unit_of_work(database, write=False) as session:
        return list(session.execute(sa.select(Job.state).order_by(Job.id)).scalars())


@contextmanager
def _working(worker: Worker) -> Iterator[threading.Event]:
    """Run a worker beside the test; end it in peace."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run_forever, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the worker did not stop"


def test_jobs_run_by_priority_and_then_by_age(database: Database) -> None:
    jobs = JobRegistry()
    order: list[str] = []
    jobs.transactional("a.b", lambda _session, job: order.append(job.payload["name"]))
    with unit_of_work(database) as session:
        publish(session, "a.b", {"name": "low"}, priority=Priority.LOW)
        publish(session, "a.b", {"name": "first"})
        publish(session, "a.b", {"name": "second"})
        publish(session, "a.b", {"name": "urgent"}, priority=Priority.URGENT)
    assert Worker(database, jobs).run_until_empty() == 4
    assert order == ["urgent", "first", "second", "low"]


def test_an_empty_table_is_no_work(database: Database) -> None:
    assert Worker(database, JobRegistry()).run_once() == 0


def test_a_stop_lets_the_jobs_at_hand_finish_and_starts_no_others(database: Database) -> None:
    jobs = JobRegistry()
    at_hand, go_on = threading.Barrier(3), threading.Event()

    def perform(_nothing: None, _job: RunningJob) -> str:
        at_hand.wait(PATIENCE)
        assert go_on.wait(PATIENCE)
        return "finished"

    jobs.external(
        "a.b",
        prepare=lambda _session, _job: None,
        perform=perform,
        settle=lambda _session, _job, word: {"word": word},
    )
    with unit_of_work(database) as session:
        for _ in range(5):
            publish(session, "a.b")
    with _working(Worker(database, jobs, threads=2)) as stop:
        at_hand.wait(PATIENCE)
        stop.set()
        go_on.set()
    assert _states(database) == [JobState.DONE] * 2 + [JobState.READY] * 3


def test_a_worker_gives_signs_of_life_and_takes_its_leave(database: Database) -> None:
    jobs = JobRegistry()
    ran = threading.Event()
    jobs.transactional("a.b", lambda _session, _job: ran.set())
    jobs.periodic("always", topic="a.b", every=dt.timedelta(days=1))

    def count() -> int:
        with unit_of_work(database, write=False) as session:
            return workers_alive(session)

    assert count() == 0
    with _working(Worker(database, jobs)):
        # The sign of life comes before the slot is opened.
        assert ran.wait(PATIENCE)
        assert count() == 1
    assert count() == 0


def test_a_worker_that_fell_silent_counts_as_gone(session: Session, clock: Clock) -> None:
    session.add(WorkerHeartbeat(name="host:1", started_at=clock.now, seen_at=clock.now))
    session.flush()
    assert workers_alive(session) == 1
    clock.forward(seconds=61)
    assert workers_alive(session) == 0


def test_one_bad_job_does_not_stop_the_worker(database: Database) -> None:
    jobs = JobRegistry()
    done = threading.Event()

    def handle(_session: Session, job: ClaimedJob) -> None:
        if job.payload["bad"]:
            raise MemoryError
        done.set()

    jobs.transactional("a.b", handle)
    with unit_of_work(database) as session:
        for bad in (True, True, True, False):
            publish(session, "a.b", {"bad": bad})
    with _working(Worker(database, jobs, threads=1)):
        assert done.wait(PATIENCE)


@pytest.mark.postgres
@pytest.mark.slow
def test_a_worker_waits_for_a_database_that_is_away_and_goes_on(
    database_source: DatabaseSource, tmp_path: Path
) -> None:
    with database_source.fresh_url("postgres", tmp_path) as url:
        database = Database(url)
        name = str(database.url.database)
        jobs = JobRegistry()
        at_hand, away = threading.Event(), threading.Event()
        performed: list[int] = []

        def perform(_nothing: None, job: RunningJob) -> str:
            performed.append(job.job.attempt)
            at_hand.set()
            assert away.wait(PATIENCE)
            return "sent"

        settled = threading.Event()
        jobs.external(
            "a.b",
            prepare=lambda _session, _job: None,
            perform=perform,
            settle=lambda session, _job, word: (
                sa.event.listen(session, "after_commit", lambda _session: settled.set()),
                {"word": word},
            )[1],
        )
        with unit_of_work(database) as session:
            publish(session, "a.b")
        server = database_source.server
        with _working(Worker(database, jobs, threads=1)):
            assert at_hand.wait(PATIENCE)
            with psycopg.connect(server.dsn("postgres"), autocommit=True) as administrator:
                administrator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
                administrator.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                    [name],
                )
                away.set()
                assert not settled.wait(3)
                administrator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            assert settled.wait(PATIENCE)
        # The outside effect was not repeated: its outcome was written when that was possible.
        assert performed == [1]
        assert _states(database) == [JobState.DONE]
        database.dispose()
