"""Jobs against a model: whatever happens in whatever order, none is lost and none doubled."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.access.actor import SYSTEM
from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.kernel import clock
from app.kernel.errors import Conflict
from app.outbox import services
from app.outbox.claiming import (
    ClaimedJob,
    JobCancelled,
    LeaseLost,
    claim,
    finish,
    is_anything_due,
    keep,
    put_back_or_park,
    stop,
)
from app.outbox.lifecycle import TRANSITIONS, JobAction, JobState
from app.outbox.models import Job, Priority
from app.outbox.publish import publish
from app.outbox.retry import Failure, RetryPolicy, after_failure
from app.outbox.slots import slot_start
from tests.support.clock import START

LEASE = dt.timedelta(seconds=60)
SOME_TIME = st.integers(0, 200).map(lambda seconds: dt.timedelta(seconds=seconds))

_metadata = sa.MetaData()
effects = sa.Table("test_effect", _metadata, sa.Column("job_id", sa.Uuid, nullable=False))


@dataclass
class Expected:
    """A job as the model sees it."""

    id: uuid.UUID
    priority: int
    available_at: dt.datetime
    state: JobState = JobState.READY
    attempts: int = 0
    lease_until: dt.datetime | None = None
    token: uuid.UUID | None = None
    cancel_requested: bool = False

    def end_lease(self, state: JobState) -> None:
        self.state, self.lease_until, self.token = state, None, None


class JobsMachine(RuleBasedStateMachine):
    """Publishes, claims, ends, loses and revives jobs, and keeps a plain account beside."""

    database: Database

    @initialize()
    def start(self) -> None:
        self.traveller = time_machine.travel(START, tick=False)
        self.coordinates = self.traveller.start()
        self.model: dict[uuid.UUID, Expected] = {}
        self.keys: dict[str, uuid.UUID] = {}
        self.claims: list[ClaimedJob] = []
        with unit_of_work(self.database) as session:
            session.execute(sa.delete(Job))
            session.execute(sa.delete(effects))

    def teardown(self) -> None:
        if hasattr(self, "traveller"):
            self.traveller.stop()

    @rule(
        key=st.none() | st.sampled_from(["a", "b", "c"]),
        delay=st.just(dt.timedelta(0)) | SOME_TIME,
        priority=st.sampled_from(Priority),
    )
    def publish(self, key: str | None, delay: dt.timedelta, priority: Priority) -> None:
        available_at = clock.now() + delay
        with unit_of_work(self.database) as session:
            job = publish(
                session, "a.b", dedupe_key=key, available_at=available_at, priority=priority
            )
        if key in self.keys:
            assert job.id == self.keys[key]
            return
        assert job.id not in self.model
        self.model[job.id] = Expected(job.id, int(priority), available_at)
        if key is not None:
            self.keys[key] = job.id

    @rule(by=SOME_TIME)
    def let_time_pass(self, by: dt.timedelta) -> None:
        self.coordinates.shift(by)

    @rule(by=SOME_TIME)
    def put_the_clock_back(self, by: dt.timedelta) -> None:
        self.coordinates.shift(-by)

    @rule()
    def claim(self) -> None:
        now = clock.now()
        expected = self._next(now)
        with unit_of_work(self.database, write=False) as session:
            assert is_anything_due(session) == (expected is not None)
        with unit_of_work(self.database) as session:
            job = claim(session, LEASE)
        if expected is None:
            assert job is None
            return
        assert job is not None
        assert job.id == expected.id
        expected.state = JobState.RUNNING
        expected.attempts += 1
        expected.lease_until = now + LEASE
        expected.token = job.lease_token
        assert (job.attempt, job.cancel_requested) == (
            expected.attempts,
            expected.cancel_requested,
        )
        self.claims.append(job)

    def _next(self, now: dt.datetime) -> Expected | None:
        lost = [
            (job.lease_until, job.id)
            for job in self.model.values()
            if job.lease_until is not None and job.lease_until <= now
        ]
        if lost:
            return self.model[min(lost)[1]]
        due = [
            (job.priority, job.available_at, job.id)
            for job in self.model.values()
            if job.state is JobState.READY and job.available_at <= now
        ]
        return self.model[min(due)[2]] if due else None

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def end_well(self, data: st.DataObject) -> None:
        job, expected = self._pick(data)
        try:
            with unit_of_work(self.database) as session:
                session.execute(sa.insert(effects).values(job_id=job.id))
                finish(session, job, {"attempt": job.attempt})
        except LeaseLost:
            assert expected.token != job.lease_token
        else:
            assert expected.token == job.lease_token
            expected.end_lease(JobState.DONE)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), wait=st.none() | SOME_TIME)
    def end_badly(self, data: st.DataObject, wait: dt.timedelta | None) -> None:
        job, expected = self._pick(data)
        again_at = None if wait is None else clock.now() + wait
        failure = Failure("It did not work.", again_at, ValueError())
        try:
            with unit_of_work(self.database) as session:
                state = put_back_or_park(session, job, failure)
        except LeaseLost:
            assert expected.token != job.lease_token
            return
        assert expected.token == job.lease_token
        if expected.cancel_requested:
            assert state is JobState.CANCELLED
        elif again_at is None:
            assert state is JobState.PARKED
        else:
            assert state is JobState.READY
            expected.available_at = again_at
        expected.end_lease(state)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def report_progress(self, data: st.DataObject) -> None:
        job, expected = self._pick(data)
        try:
            with unit_of_work(self.database) as session:
                keep(session, job, LEASE, (1, 2))
        except LeaseLost:
            assert expected.token != job.lease_token
        except JobCancelled:
            assert expected.token == job.lease_token
            assert expected.cancel_requested
            with unit_of_work(self.database) as session:
                stop(session, job)
            expected.end_lease(JobState.CANCELLED)
        else:
            assert expected.token == job.lease_token
            assert not expected.cancel_requested
            expected.lease_until = clock.now() + LEASE

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        expected = data.draw(st.sampled_from(list(self.model.values())))
        try:
            with unit_of_work(self.database) as session:
                services.retry_job(session, SYSTEM, expected.id)
        except Conflict:
            assert not TRANSITIONS.allows(expected.state, JobAction.RETRY)
        else:
            assert expected.state in (JobState.PARKED, JobState.READY)
            expected.state, expected.attempts = JobState.READY, 0
            expected.available_at = clock.now()

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        expected = data.draw(st.sampled_from(list(self.model.values())))
        try:
            with unit_of_work(self.database) as session:
                services.cancel_job(session, SYSTEM, expected.id)
        except Conflict:
            assert expected.state in (JobState.DONE, JobState.CANCELLED)
        else:
            if expected.state is JobState.RUNNING:
                expected.cancel_requested = True
            else:
                expected.state = JobState.CANCELLED

    def _pick(self, data: st.DataObject) -> tuple[ClaimedJob, Expected]:
        """Draw a claim, of which many are stale: their lease ran out or their job has ended."""
        job = data.draw(st.sampled_from(self.claims))
        return job, self.model[job.id]

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        with unit_of_work(self.database, write=False) as session:
            rows = list(session.execute(sa.select(Job)).scalars())
            happened = list(session.execute(sa.select(effects.c.job_id)).scalars())
        found = {
            row.id: Expected(
                row.id,
                row.priority,
                row.available_at,
                row.state,
                row.attempts,
                row.lease_until,
                row.lease_token,
                row.cancel_requested,
            )
            for row in rows
        }
        assert found == self.model
        done = [job.id for job in self.model.values() if job.state is JobState.DONE]
        assert sorted(happened) == sorted(done)


@pytest.mark.slow
def test_no_order_of_events_loses_or_doubles_a_job(database: Database) -> None:
    _metadata.create_all(database.engine)

    class Machine(JobsMachine):
        pass

    Machine.database = database
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


@given(
    now=st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2100, 1, 1)),  # noqa: DTZ001 - hypothesis wants it bare
    every=st.timedeltas(dt.timedelta(seconds=1), dt.timedelta(days=400)),
    offset=st.timedeltas(dt.timedelta(0), dt.timedelta(days=7)),
    later=st.floats(0, 1, exclude_max=True),
)
def test_each_instant_lies_in_exactly_one_slot(
    now: dt.datetime, every: dt.timedelta, offset: dt.timedelta, later: float
) -> None:
    now = now.replace(tzinfo=dt.UTC)
    start = slot_start(now, every, offset)
    assert start <= now < start + every
    # Whoever asks within the slot gets the same one; its end begins the next.
    within = min(start + every * later, start + every - dt.timedelta(microseconds=1))
    assert slot_start(within, every, offset) == start
    assert slot_start(start + every, every, offset) == start + every
    zone = dt.timezone(dt.timedelta(hours=9))
    assert slot_start(now.astimezone(zone), every, offset) == start


@given(
    base=st.timedeltas(dt.timedelta(0), dt.timedelta(hours=2)),
    more=st.timedeltas(dt.timedelta(0), dt.timedelta(days=2)),
    most=st.integers(1, 60),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_waits_grow_stay_below_the_cap_and_end(
    base: dt.timedelta, more: dt.timedelta, most: int, chance: float
) -> None:
    policy = RetryPolicy(max_attempts=most, base=base, cap=base + more)
    longest = [policy.longest_wait(attempt) for attempt in range(1, most + 2)]
    assert all(first <= second for first, second in itertools.pairwise(longest))
    assert longest[-1] <= policy.cap
    now = START
    for attempt, limit in enumerate(longest[:most], start=1):
        failure = after_failure(policy, ValueError(), attempt=attempt, now=now, chance=chance)
        assert failure.is_final == (attempt == most)
        if failure.next_attempt_at is not None:
            assert now <= failure.next_attempt_at <= now + limit
