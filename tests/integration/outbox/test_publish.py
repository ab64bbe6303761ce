"""Publishing: in the caller's transaction, once per key."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.kernel import clock as portal_clock
from app.outbox.claiming import claim
from app.outbox.lifecycle import JobState
from app.outbox.models import Job
from app.outbox.publish import PAYLOAD_LENGTH, publish
from tests.support.clock import Clock

LEASE = dt.timedelta(seconds=60)


def _count(session: Session) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(Job)).scalar_one()


def _publish_and_stumble(database: Database) -> None:
    with unit_of_work(database) as session:
        publish(session, "mail.send", {"id": 1})
        raise LookupError


def test_a_job_exists_only_when_its_change_does(database: Database) -> None:
    with pytest.raises(LookupError):
        _publish_and_stumble(database)
    with unit_of_work(database, write=False) as session:
        assert _count(session) == 0


def test_a_new_job_is_ready_now(session: Session, clock: Clock) -> None:
    job = publish(
        session, "mail.send", {"b": 1, "a": ["ü"]}, title="Invite", owner_id=uuid.UUID(int=1)
    )
    assert (job.state, job.attempts, job.priority) == (JobState.READY, 0, 1)
    assert job.available_at == job.created_at == clock.now
    assert job.payload == {"a": ["ü"], "b": 1}
    assert (job.title, job.owner_id) == ("Invite", uuid.UUID(int=1))


def test_the_second_job_of_a_key_is_the_first(session: Session) -> None:
    first = publish(session, "mail.send", {"n": 1}, dedupe_key="invite:7")
    again = publish(session, "mail.send", {"n": 2}, dedupe_key="invite:7")
    other_topic = publish(session, "webhook.send", dedupe_key="invite:7")
    assert again.id == first.id
    assert again.payload == {"n": 1}
    assert other_topic.id != first.id
    assert _count(session) == 2


def test_jobs_without_a_key_are_all_kept(session: Session) -> None:
    assert publish(session, "a.b").id != publish(session, "a.b").id


def test_eight_who_publish_one_key_at_once_get_one_job(database: Database) -> None:
    barrier = threading.Barrier(8)

    def one(key: str) -> uuid.UUID:
        barrier.wait()
        with unit_of_work(database) as session:
            return publish(session, "mail.send", dedupe_key=key).id

    with ThreadPoolExecutor(8) as pool:
        for number in range(10):
            found = set(pool.map(one, [f"key:{number}"] * 8))
            assert len(found) == 1
    with unit_of_work(database, write=False) as session:
        assert _count(session) == 10


def test_a_job_may_be_held_back(session: Session, clock: Clock) -> None:
    later = publish(session, "a.b", available_at=portal_clock.now() + dt.timedelta(hours=1))
    assert claim(session, LEASE) is None
    clock.forward(hours=1)
    claimed = claim(session, LEASE)
    assert claimed is not None
    assert claimed.id == later.id


def test_a_payload_names_things_and_does_not_carry_them(session: Session) -> None:
    with pytest.raises(ValueError, match="too long"):
        publish(session, "a.b", {"text": "x" * PAYLOAD_LENGTH})


@pytest.mark.parametrize(
    "values",
    [
        {"state": "running"},
        {"state": "done"},
        {"state": "parked"},
        {"state": "asleep"},
        {"lease_until": "2026-03-02T09:30:00.000000Z"},
        {"finished_at": "2026-03-02T09:30:00.000000Z"},
        {"priority": 3},
        {"progress_done": 2, "progress_total": 1},
        {"progress_done": -1},
    ],
    ids=lambda values: "-".join(f"{key}={value}" for key, value in values.items()),
)
def test_the_database_refuses_states_that_make_no_sense(
    session: Session, values: dict[str, str | int]
) -> None:
    publish(session, "a.b")
    changes = ", ".join(f"{name} = :{name}" for name in values)
    with pytest.raises(IntegrityError):
        session.execute(sa.text(f"UPDATE job SET {changes}"), values)
