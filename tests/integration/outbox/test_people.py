"""What people see of jobs and do to them: lists, retry, stop, notices; and who may not."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.access.actor import ANONYMOUS, SYSTEM, Actor, ActorKind
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.db.engine import Database
from app.db.query_log import counted_queries
from app.db.unit_of_work import unit_of_work
from app.kernel.errors import Conflict, DomainError, Forbidden, NotFound
from app.outbox import queries, services
from app.outbox.claiming import ClaimedJob
from app.outbox.lifecycle import JobState
from app.outbox.models import Job
from app.outbox.publish import publish
from app.outbox.queries import JobFilter
from app.outbox.registry import JobRegistry
from app.outbox.retry import GiveUp
from app.outbox.worker import Worker
from tests.support.clock import Clock


def _person(*roles: Role) -> Actor:
    return Actor(ActorKind.STAFF, uuid.uuid4(), "Ada Byron", roles=frozenset(roles))


ADMINISTRATOR = _person(Role.ADMINISTRATOR)
OWNER = _person(Role.PROCUREMENT)
STRANGER = _person(Role.PROCUREMENT)


@pytest.fixture
def jobs() -> JobRegistry:
    """A registry: one topic that works and one that gives up."""

    def give_up(_session: Session, _job: ClaimedJob) -> None:
        raise GiveUp("The mailbox is full.")

    jobs = JobRegistry()
    jobs.transactional("good", lambda _session, _job: {"rows": 7})
    jobs.transactional("bad", give_up)
    return jobs


def _publish(database: Database, *topics: str, **options: str | uuid.UUID) -> list[uuid.UUID]:
    with unit_of_work(database) as session:
        return [publish(session, topic, **options).id for topic in topics]  # type: ignore[arg-type]


def _state(database: Database, job_id: uuid.UUID) -> JobState:
    with unit_of_work(database, write=False) as session:
        return session.execute(sa.select(Job.state).where(Job.id == job_id)).scalar_one()


def _events(database: Database) -> list[AuditEvent]:
    with unit_of_work(database, write=False) as session:
        return list(session.execute(sa.select(AuditEvent).order_by(AuditEvent.sequence)).scalars())


def test_a_parked_job_is_retried_with_all_its_attempts(
    database: Database, jobs: JobRegistry, clock: Clock
) -> None:
    (job_id,) = _publish(database, "bad")
    Worker(database, jobs).run_until_empty()
    assert _state(database, job_id) is JobState.PARKED
    clock.forward(days=2)
    with unit_of_work(database) as session:
        job = services.retry_job(session, ADMINISTRATOR, job_id)
        assert (job.state, job.attempts, job.available_at) == (JobState.READY, 0, clock.now)
    jobs = JobRegistry()
    jobs.transactional("bad", lambda _session, _job: None)
    Worker(database, jobs).run_until_empty()
    assert _state(database, job_id) is JobState.DONE
    (event,) = _events(database)
    assert (event.verb, event.subject_id, event.actor_name) == (
        "job.retried",
        str(job_id),
        "Ada Byron",
    )
    assert (event.before, event.after) == (
        {"attempts": 1, "state": "parked"},
        {"attempts": 0, "state": "ready"},
    )


def test_all_parked_jobs_of_a_topic_are_retried_at_once(
    database: Database, jobs: JobRegistry
) -> None:
    parked = _publish(database, "bad", "bad", "unheard.of")
    Worker(database, jobs).run_until_empty()
    with unit_of_work(database) as session:
        assert services.retry_all_parked(session, ADMINISTRATOR, topic="bad") == 2
        assert services.retry_all_parked(session, ADMINISTRATOR, topic="bad") == 0
    states = [_state(database, job_id) for job_id in parked]
    assert states == [JobState.READY, JobState.READY, JobState.PARKED]
    with unit_of_work(database) as session:
        assert services.retry_all_parked(session, ADMINISTRATOR) == 1
    assert [(event.verb, (event.after or {}).get("count")) for event in _events(database)] == [
        ("job.all_retried", 2),
        ("job.all_retried", 1),
    ]


def test_a_waiting_and_a_parked_job_are_cancelled_at_once(
    database: Database, jobs: JobRegistry
) -> None:
    (parked,) = _publish(database, "bad")
    Worker(database, jobs).run_until_empty()
    (waiting,) = _publish(database, "good")
    for job_id in (parked, waiting):
        with unit_of_work(database) as session:
            services.cancel_job(session, ADMINISTRATOR, job_id)
        assert _state(database, job_id) is JobState.CANCELLED
    assert Worker(database, jobs).run_until_empty() == 0
    assert [event.verb for event in _events(database)] == ["job.cancelled"] * 2


@pytest.mark.parametrize("act", [services.retry_job, services.cancel_job])
def test_a_done_job_stays_done(
    database: Database, jobs: JobRegistry, act: Callable[[Session, Actor, uuid.UUID], Job]
) -> None:
    (job_id,) = _publish(database, "good")
    Worker(database, jobs).run_until_empty()
    with pytest.raises(Conflict, match="done"), unit_of_work(database) as session:
        act(session, ADMINISTRATOR, job_id)
    assert _state(database, job_id) is JobState.DONE
    assert _events(database) == []


@pytest.mark.parametrize(
    ("act", "actor", "refusal"),
    [
        (services.retry_job, OWNER, Forbidden),
        (services.retry_job, STRANGER, NotFound),
        (services.retry_job, ANONYMOUS, NotFound),
        (services.cancel_job, STRANGER, NotFound),
        (services.cancel_job, ANONYMOUS, NotFound),
        (services.put_notice_away, STRANGER, NotFound),
        (services.put_notice_away, ADMINISTRATOR, Forbidden),
        (queries.find_job, STRANGER, NotFound),
        (queries.find_job, ANONYMOUS, NotFound),
    ],
)
def test_who_may_not_is_refused(
    session: Session,
    act: Callable[[Session, Actor, uuid.UUID], Job],
    actor: Actor,
    refusal: type[DomainError],
) -> None:
    job = publish(session, "good", owner_id=OWNER.id, title="Export")
    with pytest.raises(refusal):
        act(session, actor, job.id)
    session.expire_all()
    assert job.state is JobState.READY
    assert job.seen_at is None


def test_lists_are_for_those_who_read_jobs(session: Session) -> None:
    for read in (
        lambda: queries.list_jobs(session, OWNER, JobFilter()),
        lambda: queries.list_workers(session, OWNER),
        lambda: services.retry_all_parked(session, OWNER),
    ):
        with pytest.raises(Forbidden):
            read()


def test_the_list_pages_newest_first_and_filters(session: Session) -> None:
    ids = [publish(session, "even" if n % 2 == 0 else "odd").id for n in range(5)]
    first = queries.list_jobs(session, ADMINISTRATOR, JobFilter(), size=3)
    assert [job.id for job in first.items] == ids[:1:-1]
    rest = queries.list_jobs(session, ADMINISTRATOR, JobFilter(), cursor=first.next_cursor, size=3)
    assert [job.id for job in rest.items] == ids[1::-1]
    assert (rest.is_first, rest.next_cursor) == (False, None)
    odd = queries.list_jobs(session, ADMINISTRATOR, JobFilter(JobState.READY, "odd"))
    assert [job.id for job in odd.items] == [ids[3], ids[1]]
    done = queries.list_jobs(session, ADMINISTRATOR, JobFilter(JobState.DONE))
    assert done.items == []
    broken = queries.list_jobs(session, ADMINISTRATOR, JobFilter(), cursor="not-a-cursor")
    assert broken.is_first


def test_the_owner_follows_the_work_and_puts_its_notice_away(
    database: Database, jobs: JobRegistry
) -> None:
    (job_id,) = _publish(database, "good", owner_id=OWNER.id, title="Export of all vendors")
    _publish(database, "good", owner_id=OWNER.id)
    _publish(database, "good", owner_id=STRANGER.id, title="Another export")
    with unit_of_work(database) as session:
        assert [job.id for job in queries.notices_for(session, OWNER)] == [job_id]
        with pytest.raises(Conflict):
            services.put_notice_away(session, OWNER, job_id)
    Worker(database, jobs).run_until_empty()
    with unit_of_work(database) as session:
        (notice,) = queries.notices_for(session, OWNER)
        assert (notice.state, notice.result) == (JobState.DONE, {"rows": 7})
        services.put_notice_away(session, OWNER, job_id)
        assert queries.notices_for(session, OWNER) == []
        assert [job.id for job in queries.jobs_of_owner(session, OWNER)] == [job_id]
        assert queries.notices_for(session, ANONYMOUS) == []
        assert queries.jobs_of_owner(session, SYSTEM) == []


def test_all_notices_of_ended_work_go_at_once_and_the_end_of_a_retry_is_news_again(
    database: Database, jobs: JobRegistry
) -> None:
    (parked,) = _publish(database, "bad", owner_id=OWNER.id, title="Import")
    _publish(database, "good", owner_id=OWNER.id, title="Export")
    Worker(database, jobs).run_until_empty()
    (open_one,) = _publish(database, "good", owner_id=OWNER.id, title="Another export")
    with unit_of_work(database) as session:
        assert services.put_all_notices_away(session, STRANGER) == 0
        assert services.put_all_notices_away(session, ANONYMOUS) == 0
        assert services.put_all_notices_away(session, OWNER) == 2
        assert [job.id for job in queries.notices_for(session, OWNER)] == [open_one]
    with unit_of_work(database) as session:
        services.retry_job(session, ADMINISTRATOR, parked)
    Worker(database, jobs).run_until_empty()
    with unit_of_work(database) as session:
        assert {job.id for job in queries.notices_for(session, OWNER)} == {parked, open_one}


def test_the_owner_may_stop_own_work(session: Session) -> None:
    job = publish(session, "good", owner_id=OWNER.id, title="Export")
    assert services.cancel_job(session, OWNER, job.id).state is JobState.CANCELLED


def test_the_backlog_counts_what_is_open_in_one_statement(
    database: Database, jobs: JobRegistry, clock: Clock
) -> None:
    _publish(database, "bad", "good")
    Worker(database, jobs).run_until_empty()
    waiting_since = clock.now
    _publish(database, "good")
    clock.forward(minutes=1)
    _publish(database, "good")
    with unit_of_work(database, write=False) as session, counted_queries() as log:
        found = queries.backlog(session)
    assert found == queries.Backlog(ready=2, running=0, parked=1, oldest_due_at=waiting_since)
    assert len(log) == 1


def test_the_last_finished_job_of_a_topic(database: Database, jobs: JobRegistry) -> None:
    first, second, _third = _publish(database, "good", "good", "bad")
    Worker(database, jobs).run_until_empty()
    with unit_of_work(database, write=False) as session:
        found = queries.last_finished(session, "good")
        assert found is not None
        assert found.id == second != first
        assert queries.last_finished(session, "bad") is None
