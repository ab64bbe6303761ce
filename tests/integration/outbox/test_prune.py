"""Ended jobs go after a month; parked ones, keys and the latest slots stay."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa

from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.kernel import clock as portal_clock
from app.kernel import ids
from app.outbox import jobs as own_jobs
from app.outbox.lifecycle import JobState
from app.outbox.models import Job, PeriodicSlot
from app.outbox.publish import open_slot, publish
from app.outbox.registry import JobRegistry
from app.outbox.worker import Worker
from tests.support.clock import Clock


def _worker(database: Database) -> Worker:
    jobs = JobRegistry()
    jobs.transactional("good", lambda _session, _job: None)
    own_jobs.register(jobs, database)
    return Worker(database, jobs)


def _ids(database: Database) -> set[uuid.UUID]:
    with unit_of_work(database, write=False) as session:
        found = sa.select(Job.id).where(Job.topic != own_jobs.PRUNE_TOPIC)
        return set(session.execute(found).scalars())


def test_what_ended_goes_and_what_is_open_stays(database: Database, clock: Clock) -> None:
    with unit_of_work(database) as session:
        plain = publish(session, "good").id
        keyed = publish(session, "good", dedupe_key="reminder:7").id
        parked = publish(session, "unheard.of").id
    worker = _worker(database)
    worker.run_until_empty()
    with unit_of_work(database) as session:
        later = publish(
            session, "good", available_at=portal_clock.now() + dt.timedelta(days=3_650)
        ).id
    clock.forward(days=29)
    worker.run_until_empty()
    assert _ids(database) == {plain, keyed, parked, later}
    clock.forward(days=2)
    worker.run_until_empty()
    assert _ids(database) == {keyed, parked, later}
    clock.forward(days=400)
    worker.run_until_empty()
    assert _ids(database) == {parked, later}


def test_many_go_in_one_night(database: Database, clock: Clock) -> None:
    now = portal_clock.now()
    row = {"topic": "good", "payload": {}, "state": JobState.DONE, "attempts": 1, "priority": 1,
           "available_at": now, "created_at": now, "finished_at": now,
           "cancel_requested": False}  # fmt: skip
    with unit_of_work(database) as session:
        session.execute(sa.insert(Job), [{**row, "id": ids.new_id()} for _ in range(10_700)])
    clock.forward(days=31)
    _worker(database).run_until_empty()
    assert _ids(database) == set()
    with unit_of_work(database, write=False) as session:
        job = session.execute(sa.select(Job)).scalar_one()
    assert job.result == {"removed": 10_700}


def test_old_slots_go_but_the_latest_of_each_name(database: Database, clock: Clock) -> None:
    now = portal_clock.now()
    with unit_of_work(database) as session:
        for days in (300, 200, 100):
            open_slot(session, "yearly", now - dt.timedelta(days=days), ids.new_id())
    _worker(database).run_until_empty()
    with unit_of_work(database, write=False) as session:
        statement = sa.select(PeriodicSlot.slot_start).where(PeriodicSlot.name == "yearly")
        assert session.execute(statement).scalars().all() == [now - dt.timedelta(days=100)]
