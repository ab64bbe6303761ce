"""Claims that come at the same moment take different jobs."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from app.db.engine import Database
from app.db.unit_of_work import in_unit_of_work, unit_of_work
from app.outbox.claiming import ClaimedJob, claim
from app.outbox.lifecycle import JobState
from app.outbox.models import Job
from app.outbox.publish import publish

LEASE = dt.timedelta(seconds=600)
CLAIMERS = 6


def test_each_job_is_claimed_once(database: Database) -> None:
    with unit_of_work(database) as session:
        for _ in range(150):
            publish(session, "a.b")
    barrier = threading.Barrier(CLAIMERS)

    def claim_all(_number: int) -> list[ClaimedJob]:
        found = []
        barrier.wait()
        while (job := in_unit_of_work(database, lambda session: claim(session, LEASE))) is not None:
            found.append(job)
        return found

    with ThreadPoolExecutor(CLAIMERS) as pool:
        claimed = [job for found in pool.map(claim_all, range(CLAIMERS)) for job in found]
    assert len(claimed) == len({job.id for job in claimed}) == 150
    with unit_of_work(database, write=False) as session:
        rows = session.execute(sa.select(Job.state, Job.attempts)).all()
    assert Counter((state, attempts) for state, attempts in rows) == {(JobState.RUNNING, 1): 150}
