"""Each test has its database to itself, on both kinds, as migrations make it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.audit.models import AuditEvent
from app.audit.recorder import record
from app.db import schema
from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from tests.support.databases import DatabaseSource


def note(session: Session) -> None:
    record(session, SYSTEM, "support.tried", subject_type="test", subject_id="1")
    session.flush()


def noted(session: Session) -> int:
    return session.scalar(
        sa.select(sa.func.count()).where(AuditEvent.verb == "support.tried")
    ) or 0  # fmt: skip


def test_the_kind_is_the_one_that_was_asked_for(database: Database, database_kind: str) -> None:
    assert database.url.get_backend_name() == {"postgres": "postgresql"}.get(
        database_kind, "sqlite"
    )
    schema.check_schema(database)


@pytest.mark.parametrize("turn", [1, 2])
def test_commits_of_one_test_are_not_there_in_the_next(database: Database, turn: int) -> None:
    with unit_of_work(database) as session:
        assert noted(session) == 0
        note(session)
    with unit_of_work(database, write=False) as session:
        assert noted(session) == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_a_rolled_back_session_leaves_nothing(session: Session, turn: int) -> None:
    assert noted(session) == 0
    note(session)
    session.commit()
    assert noted(session) == 1


def test_an_empty_database_has_no_tables(
    database_source: DatabaseSource, database_kind: str, tmp_path: Path
) -> None:
    with database_source.fresh(database_kind, tmp_path, migrated=False) as empty:
        assert schema.table_names(empty) == []


@pytest.mark.postgres
def test_the_server_is_a_real_one(database_source: DatabaseSource) -> None:
    url = database_source.server.create("by_hand")
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert str(connection.scalar(sa.text("SELECT version()"))).startswith("PostgreSQL 1")
    engine.dispose()
    database_source.server.drop("by_hand")
