"""Publishes, claims and runs single jobs for tests."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa

from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.outbox.claiming import ClaimedJob, claim
from app.outbox.execution import Execution, Outcome
from app.outbox.models import Job
from app.outbox.publish import publish
from app.outbox.registry import JobRegistry

LEASE = dt.timedelta(seconds=60)


def publish_one(database: Database, topic: str = "a.b", **options: Any) -> uuid.UUID:
    with unit_of_work(database) as session:
        return publish(session, topic, **options).id


def claim_one(database: Database) -> ClaimedJob:
    with unit_of_work(database) as session:
        job = claim(session, LEASE)
    assert job is not None
    return job


def read(database: Database, job_id: uuid.UUID) -> Job:
    with unit_of_work(database, write=False) as session:
        return session.execute(sa.select(Job).where(Job.id == job_id)).scalar_one()


def run_next(database: Database, jobs: JobRegistry) -> Outcome:
    return Execution(database, jobs, LEASE).run(claim_one(database))


def register_external(jobs: JobRegistry, perform: Any, **options: Any) -> None:
    values = {
        "prepare": lambda _session, _job: None,
        "settle": lambda _session, _job, result: {"result": result},
        **options,
    }
    jobs.external("a.b", perform=perform, **values)
