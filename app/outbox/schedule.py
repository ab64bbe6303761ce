"""Opens the slots of periodic jobs: one job per slot, whoever comes first."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db.engine import Database
from app.db.types import instant_text
from app.db.unit_of_work import in_unit_of_work
from app.kernel import clock, ids
from app.outbox.lifecycle import JobState
from app.outbox.models import Job, PeriodicSlot
from app.outbox.publish import open_slot, publish
from app.outbox.registry import JobRegistry, Periodic
from app.outbox.slots import slot_start


class Schedule:
    """Asks the database only about slots that this process has not seen open."""

    def __init__(self, database: Database, registry: JobRegistry) -> None:
        """Watch over the periodic jobs of a registry."""
        self._database = database
        self._registry = registry
        self._seen: dict[str, dt.datetime] = {}

    def tick(self) -> int:
        """Open the slots that lie at this moment; return how many jobs this call made."""
        now = clock.now()
        opened = 0
        for periodic in self._registry.periodics:
            start = slot_start(now, periodic.every, periodic.offset)
            if self._seen.get(periodic.name) == start:
                continue
            opened += in_unit_of_work(
                self._database, partial(_open, periodic=periodic, start=start)
            )
            self._seen[periodic.name] = start
        return opened


def _open(session: Session, periodic: Periodic, start: dt.datetime) -> bool:
    """Open one slot, with its job, unless another worker did; return whether a job was made."""
    unfinished = _unfinished_job(session, periodic.name)
    job_id = unfinished or ids.new_id()
    if not open_slot(session, periodic.name, start, job_id) or unfinished is not None:
        return False
    payload = {**periodic.payload, "slot": instant_text(start)}
    publish(session, periodic.topic, payload, job_id=job_id)
    return True


def _unfinished_job(session: Session, name: str) -> uuid.UUID | None:
    """Return the id of the latest slot's job when it still waits or runs."""
    latest = (
        sa.select(PeriodicSlot.job_id)
        .where(PeriodicSlot.name == name)
        .order_by(PeriodicSlot.slot_start.desc())
        .limit(1)
        .scalar_subquery()
    )
    return session.execute(
        sa.select(Job.id).where(Job.id == latest, Job.state.in_((JobState.READY, JobState.RUNNING)))
    ).scalar()
