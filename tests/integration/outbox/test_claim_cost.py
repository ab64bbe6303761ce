"""A claim costs the same however many jobs are done."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db.engine import Database
from app.db.query_log import counted_queries
from app.db.unit_of_work import unit_of_work
from app.kernel import clock, ids
from app.outbox.claiming import claim, claim_statement, is_anything_due
from app.outbox.lifecycle import JobState
from app.outbox.models import Job
from app.outbox.publish import publish

LEASE = dt.timedelta(seconds=60)


def _add_done(session: Session, count: int) -> None:
    now = clock.now()
    row = {"topic": "a.b", "payload": {}, "state": JobState.DONE, "attempts": 1, "priority": 1,
           "available_at": now, "created_at": now, "finished_at": now,
           "cancel_requested": False}  # fmt: skip
    session.execute(sa.insert(Job), [{**row, "id": ids.new_id()} for _ in range(count)])


@pytest.fixture
def crowded(database: Database) -> Database:
    """A database with 20,000 done jobs, of which it knows."""
    with unit_of_work(database) as session:
        _add_done(session, 20_000)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE job")
    return database


def test_a_claim_is_one_statement_among_100_and_among_20000(database: Database) -> None:
    counts = []
    for more in (100, 19_900):
        with unit_of_work(database) as session:
            _add_done(session, more)
            publish(session, "a.b")
        with unit_of_work(database) as session, counted_queries() as log:
            assert claim(session, LEASE) is not None
        counts.append(len(log))
    assert counts == [1, 1]


def _plan(session: Session, statement: sa.Executable) -> str:
    bind = session.get_bind()
    text = str(
        statement.compile(dialect=bind.dialect, compile_kwargs={"literal_binds": True})  # type: ignore[attr-defined]
    )
    explain = "EXPLAIN QUERY PLAN " if bind.dialect.name == "sqlite" else "EXPLAIN "
    rows = session.connection().exec_driver_sql((explain + text).replace("%", "%%"))
    return "\n".join(str(row[-1]) for row in rows)


def test_a_claim_reads_the_partial_indexes_only(crowded: Database) -> None:
    with unit_of_work(crowded) as session:
        plan = _plan(session, claim_statement(clock.now(), LEASE))
    assert plan.count("ix_job_ready") == 3
    assert plan.count("ix_job_running") == 1
    assert "SCAN job" not in plan
    assert "Seq Scan" not in plan
    assert "TEMP B-TREE" not in plan


def test_an_idle_worker_looks_with_one_statement_that_locks_nothing(crowded: Database) -> None:
    with unit_of_work(crowded, write=False) as session, counted_queries() as log:
        assert not is_anything_due(session)
    assert len(log) == 1
    assert "FOR UPDATE" not in log[0]
