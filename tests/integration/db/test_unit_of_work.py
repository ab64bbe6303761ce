"""One writer wins, readers cannot write, and errors of the database become sentences."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.audit.models import AuditHead
from app.db.base import Base, Identified, Versioned
from app.db.constraints import explain
from app.db.engine import Database
from app.db.unit_of_work import in_unit_of_work, unit_of_work
from app.identity.models import BusinessUnit
from app.kernel.errors import Conflict


class Own(DeclarativeBase):
    """A base beside the portal's: the table is this test's own, no migration makes it."""

    metadata = sa.MetaData(naming_convention=Base.metadata.naming_convention)
    type_annotation_map = Base.type_annotation_map


class Counter(Own, Identified, Versioned):
    """A row that two people edit."""

    __tablename__ = "test_counter"

    name: Mapped[str] = mapped_column(sa.String(40))
    number: Mapped[int] = mapped_column(sa.Integer, default=0)

    __table_args__ = (sa.CheckConstraint("number >= 0", name="not_negative"),)


explain("ck_test_counter_not_negative", "A counter does not go below zero.")

TABLE = Counter.__table__


@pytest.fixture
def counter(database: Database) -> Counter:
    with database.engine.begin() as connection:
        TABLE.drop(connection, checkfirst=True)
        TABLE.create(connection)
    with unit_of_work(database) as session:
        row = Counter(name="one")
        session.add(row)
    return row


def test_two_writers_lose_no_update(database: Database, counter: Counter) -> None:
    def add_many() -> None:
        for _ in range(40):
            in_unit_of_work(database, add_one, attempts=50)

    def add_one(session: sa.orm.Session) -> None:
        row = session.get(Counter, counter.id)
        assert row is not None
        row.number += 1
        try:
            session.flush()
        except sa.orm.exc.StaleDataError:
            # What a person is told in words, this worker may simply do again.
            raise_again.append(1)
            session.rollback()
            row = session.get(Counter, counter.id, with_for_update=True)
            assert row is not None
            row.number += 1

    raise_again: list[int] = []
    threads = [threading.Thread(target=add_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with unit_of_work(database, write=False) as session:
        assert session.get_one(Counter, counter.id).number == 160


def test_second_editor_of_the_same_version_gets_a_conflict(
    database: Database, counter: Counter
) -> None:
    with unit_of_work(database, write=False) as session:
        mine = session.get_one(Counter, counter.id)
    with unit_of_work(database) as session:
        session.get_one(Counter, counter.id).number = 5
    with pytest.raises(Conflict, match="Somebody else changed this"), unit_of_work(database) as s:
        mine.number = 7
        s.add(mine)
    with unit_of_work(database, write=False) as session:
        assert session.get_one(Counter, counter.id).number == 5


def test_reading_session_cannot_write(database: Database, counter: Counter) -> None:
    with pytest.raises(DBAPIError), unit_of_work(database, write=False) as session:
        session.execute(sa.update(AuditHead).values(sequence=99))
    with pytest.raises(DBAPIError), unit_of_work(database, write=False) as session:
        session.add(Counter(name="two"))
        session.flush()
    with unit_of_work(database) as session:  # the connection writes again afterwards
        session.add(Counter(name="three"))


def test_an_error_leaves_nothing_behind(database: Database, counter: Counter) -> None:
    with pytest.raises(RuntimeError), unit_of_work(database) as session:
        session.add(Counter(name="half"))
        session.flush()
        raise RuntimeError
    with unit_of_work(database, write=False) as session:
        assert session.scalars(sa.select(Counter.name)).all() == ["one"]


def test_named_constraints_become_sentences(database: Database, counter: Counter) -> None:
    with (
        pytest.raises(Conflict, match="does not go below zero"),
        unit_of_work(database) as session,
    ):
        session.add(Counter(name="two", number=-1))
    with unit_of_work(database) as session:
        session.add(BusinessUnit(name="Claims", name_key="claims"))
    with pytest.raises(Conflict) as caught, unit_of_work(database) as session:
        session.add(BusinessUnit(name="CLAIMS", name_key="claims"))
    assert caught.value.field == "name"


def test_sqlite_connections_are_durable(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("SQLite's own settings")
    with unit_of_work(database) as session:
        pragmas = {
            name: session.execute(sa.text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }
