"""Periodic jobs: one per slot, however many workers ask, and none for slots that passed."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db.engine import Database
from app.db.query_log import counted_queries
from app.db.types import instant_text
from app.db.unit_of_work import unit_of_work
from app.outbox.claiming import ClaimedJob
from app.outbox.models import Job, PeriodicSlot
from app.outbox.registry import JobRegistry
from app.outbox.retry import GiveUp
from app.outbox.schedule import Schedule
from app.outbox.worker import Worker
from tests.support.clock import Clock

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def jobs() -> JobRegistry:
    """A registry with one job an hour."""
    jobs = JobRegistry()
    jobs.transactional("digest.send", lambda _session, _job: None)
    jobs.periodic("digest", topic="digest.send", every=HOUR, payload={"kind": "short"})
    return jobs


def _slots(database: Database) -> list[str]:
    """Return the slots that jobs were made for."""
    with unit_of_work(database, write=False) as session:
        rows = session.execute(sa.select(Job.payload).order_by(Job.id)).scalars()
        return [payload["slot"] for payload in rows]


def test_four_schedulers_at_once_make_one_job_per_slot(
    database: Database, jobs: JobRegistry, clock: Clock
) -> None:
    schedules = [Schedule(database, jobs) for _ in range(4)]
    barrier = threading.Barrier(4)

    def tick(schedule: Schedule) -> int:
        barrier.wait()
        return schedule.tick()

    worker = Worker(database, JobRegistry())
    with ThreadPoolExecutor(4) as pool:
        for _ in range(50):
            assert sum(pool.map(tick, schedules)) == 1
            worker.run_until_empty()
            clock.forward(hours=1)
    assert set(Counter(_slots(database)).values()) == {1}
    assert len(_slots(database)) == 50


def test_the_job_knows_its_slot(database: Database, jobs: JobRegistry, clock: Clock) -> None:
    assert Schedule(database, jobs).tick() == 1
    start = clock.now.replace(minute=0)
    with unit_of_work(database, write=False) as session:
        job = session.execute(sa.select(Job)).scalar_one()
        slot = session.execute(sa.select(PeriodicSlot)).scalar_one()
    assert job.payload == {"kind": "short", "slot": instant_text(start)}
    assert (slot.slot_start, slot.job_id) == (start, job.id)


def test_slots_that_passed_are_not_made_up_for(
    database: Database, jobs: JobRegistry, clock: Clock
) -> None:
    worker = Worker(database, jobs)
    assert worker.run_until_empty() == 1
    clock.forward(days=3)
    assert worker.run_until_empty() == 1
    assert Worker(database, jobs).run_until_empty() == 0


def test_a_clock_that_is_put_back_repeats_no_slot(
    database: Database, jobs: JobRegistry, clock: Clock
) -> None:
    for _ in range(3):
        assert Worker(database, jobs).run_until_empty() == 1
        clock.forward(hours=1)
    clock.forward(hours=-2)
    assert Worker(database, jobs).run_until_empty() == 0


def test_while_a_job_waits_its_next_slots_make_no_second_one(
    database: Database, jobs: JobRegistry, clock: Clock
) -> None:
    schedule = Schedule(database, jobs)
    assert [schedule.tick(), clock.forward(hours=1) and schedule.tick()] == [1, 0]
    with unit_of_work(database, write=False) as session:
        slots = session.execute(sa.select(PeriodicSlot.job_id)).scalars().all()
    assert len(slots) == 2
    assert len(set(slots)) == 1


def test_a_parked_job_does_not_hold_up_the_next_slot(database: Database, clock: Clock) -> None:
    jobs = JobRegistry()

    def handle(_session: Session, _job: ClaimedJob) -> None:
        raise GiveUp("No use.")

    jobs.transactional("a.b", handle)
    jobs.periodic("a", topic="a.b", every=HOUR)
    worker = Worker(database, jobs)
    assert worker.run_until_empty() == 1
    clock.forward(hours=1)
    assert worker.run_until_empty() == 1


def test_a_slot_that_is_known_costs_no_statement(
    database: Database, jobs: JobRegistry, clock: Clock
) -> None:
    schedule = Schedule(database, jobs)
    schedule.tick()
    with counted_queries() as log:
        schedule.tick()
    assert log == []
