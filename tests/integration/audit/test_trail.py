"""The trail is whole, append-only, and names the first row that was touched."""

from __future__ import annotations

import multiprocessing
import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.access.actor import SYSTEM, Actor, ActorKind
from app.audit import recorder
from app.audit.models import AuditEvent, AuditHead
from app.audit.queries import EventFilter, history_of, list_events
from app.audit.recorder import record
from app.audit.verify import verify
from app.db.engine import Database
from app.db.unit_of_work import in_unit_of_work, unit_of_work
from app.kernel.errors import Forbidden

ADA = Actor(ActorKind.STAFF, uuid.uuid4(), "Ada Byron")


def add_events(database: Database, count: int, *, subject: str = "thing") -> None:
    with unit_of_work(database) as session:
        for number in range(count):
            record(
                session,
                ADA,
                "thing.renamed",
                subject_type=subject,
                subject_id=str(number % 3),
                subject_name=f"Thing “{number}”",
                before={"name": "Zoë"},
                after={"name": f"Zoë {number}", "open": True, "count": number},
            )


def events_there(database: Database) -> int:
    with unit_of_work(database, write=False) as session:
        return session.execute(sa.select(sa.func.count()).select_from(AuditEvent)).scalar_one()


def test_events_are_written_with_the_change_and_verify(database: Database) -> None:
    before = events_there(database)
    add_events(database, 25)
    seen: list[tuple[int, int]] = []
    with unit_of_work(database, write=False) as session:
        verdict = verify(session, lambda done, total: seen.append((done, total)))
        event = session.scalars(
            sa.select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)
        ).one()
    assert verdict.holds
    assert verdict.events == before + 25
    assert seen[-1] == (verdict.events, verdict.events)
    assert (event.actor_name, event.before) == ("Ada Byron", {"name": "Zoë"})
    assert event.after == {"name": "Zoë 24", "open": True, "count": 24}


def test_a_rolled_back_change_leaves_no_event(database: Database) -> None:
    before = events_there(database)
    with pytest.raises(RuntimeError), unit_of_work(database) as session:
        record(session, ADA, "thing.made", subject_type="thing", subject_id="1")
        raise RuntimeError
    with unit_of_work(database) as session:
        record(session, ADA, "thing.made", subject_type="thing", subject_id="kept")
        with pytest.raises(RuntimeError), session.begin_nested():
            record(session, ADA, "thing.made", subject_type="thing", subject_id="lost")
            raise RuntimeError
        with session.begin_nested():
            record(session, ADA, "thing.made", subject_type="thing", subject_id="inner")
    assert events_there(database) == before + 2
    with unit_of_work(database, write=False) as session:
        names = session.scalars(
            sa.select(AuditEvent.subject_id).order_by(AuditEvent.sequence.desc()).limit(2)
        ).all()
    assert names == ["inner", "kept"]


@pytest.mark.parametrize("name", ["password", "totp_secret", "token", "code", "link_token_hash"])
def test_secrets_are_refused(database: Database, name: str) -> None:
    with unit_of_work(database) as session, pytest.raises(ValueError, match="no secrets"):
        record(session, ADA, "x.y", subject_type="x", subject_id="1", after={name: "value"})


def test_a30_rows_cannot_be_changed_or_removed(database: Database) -> None:
    add_events(database, 3)
    for statement in (
        sa.update(AuditEvent).values(actor_name="Mallory"),
        sa.delete(AuditEvent),
    ):
        with (
            pytest.raises(DBAPIError, match="audit events are never"),
            unit_of_work(database) as session,
        ):
            session.execute(statement)
    with unit_of_work(database, write=False) as session:
        assert verify(session).holds


def without_guard(database: Database, *statements: str) -> None:
    """Do what only somebody with the database in his hands can do."""
    with database.engine.begin() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER audit_event_no_update")
            connection.exec_driver_sql("DROP TRIGGER audit_event_no_delete")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_event DISABLE TRIGGER USER")
        for statement in statements:
            connection.exec_driver_sql(statement)


LAST = "sequence = (SELECT sequence FROM audit_head)"
TENTH = "sequence = (SELECT sequence FROM audit_head) - 5"


@pytest.mark.parametrize(
    ("statement", "offset"),
    [
        (f"UPDATE audit_event SET actor_name = 'Ada Bxron' WHERE {TENTH}", 5),
        (f"UPDATE audit_event SET before = replace(before, 'Zo', 'Zp') WHERE {TENTH}", 5),
        (f"UPDATE audit_event SET before = replace(before, ':', ': ') WHERE {TENTH}", 5),
        (f"UPDATE audit_event SET subject_id = NULL WHERE {TENTH}", 5),
        (f"UPDATE audit_event SET request_id = 'x' WHERE {TENTH}", 5),
        (f"UPDATE audit_event SET hash = replace(hash, 'a', 'b') WHERE {TENTH}", 5),
        (f"UPDATE audit_event SET verb = 'thing.kept' WHERE {LAST}", 0),
        (f"DELETE FROM audit_event WHERE {TENTH}", 5),
        (f"DELETE FROM audit_event WHERE {LAST}", 0),
        ("UPDATE audit_head SET hash = replace(hash, substr(hash, 1, 1), 'g')", 0),
    ],
)
def test_a30_the_first_broken_row_is_named(database: Database, statement: str, offset: int) -> None:
    add_events(database, 12)
    with unit_of_work(database, write=False) as session:
        last = session.execute(sa.select(AuditHead.sequence)).scalar_one()
    without_guard(database, statement)
    with unit_of_work(database, write=False) as session:
        verdict = verify(session)
    assert not verdict.holds
    assert verdict.broken_at == last - offset
    assert str(verdict.broken_at) in verdict.reason or "end of the chain" in verdict.reason


def test_a_missing_guard_is_reported(database: Database) -> None:
    add_events(database, 2)
    without_guard(database)
    with unit_of_work(database, write=False) as session:
        verdict = verify(session)
    assert not verdict.holds
    assert "guard" in verdict.reason


def _append_in_process(url: str, count: int) -> None:
    database = Database(url)
    database.on_session.append(recorder.install)

    def one(session: sa.orm.Session) -> None:
        record(session, SYSTEM, "thing.made", subject_type="thing", subject_id=str(uuid.uuid4()))

    for _ in range(count):
        in_unit_of_work(database, one, attempts=20)
    database.dispose()


def test_appending_holds_with_several_processes(database: Database) -> None:
    before = events_there(database)
    url = database.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_append_in_process, args=(url, 40)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    with unit_of_work(database, write=False) as session:
        verdict = verify(session)
    assert verdict.holds
    assert verdict.events == before + 160


def test_reading_asks_for_the_permission_and_pages(database: Database) -> None:
    add_events(database, 120, subject="paged")
    with unit_of_work(database, write=False) as session:
        with pytest.raises(Forbidden):
            list_events(session, ADA, EventFilter())
        seen: list[int] = []
        cursor = None
        while True:
            found = list_events(session, SYSTEM, EventFilter(subject_type="paged"), cursor=cursor)
            seen += [event.sequence for event in found.items]
            cursor = found.next_cursor
            if cursor is None:
                break
        assert len(seen) == 120
        assert seen == sorted(seen, reverse=True)
        history = history_of(session, "paged", "1")
        assert {event.subject_id for event in history.items} == {"1"}
        middle = session.get_one(AuditEvent, seen[60]).at
        later = list_events(
            session, SYSTEM, EventFilter(subject_type="paged", since=middle), size=200
        )
        assert min(event.sequence for event in later.items) <= seen[60]
        earlier = list_events(
            session, SYSTEM, EventFilter(subject_type="paged", until=middle), size=200
        )
        assert len(earlier.items) + len(later.items) == 120
