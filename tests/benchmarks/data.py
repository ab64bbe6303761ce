"""Data of a size, made by set-based inserts that pass the same constraints and the same chain."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.access.actor import ActorKind
from app.access.roles import Role
from app.audit.chain import event_hash
from app.audit.models import AuditEvent, AuditHead
from app.audit.recorder import hashed_fields
from app.audit.verify import verify
from app.db.engine import Database
from app.db.migrate import upgrade
from app.db.schema import current_revision, pinned_head
from app.db.unit_of_work import unit_of_work
from app.identity.lifecycle import AccountState
from app.identity.models import BusinessUnit, RoleGrant, StaffAccount, staff_account_unit
from app.identity.passwords import Passwords
from app.kernel import ids
from tests.benchmarks.client import BenchError

PASSWORD = "violet anchor biscuit moon"
FIRST_DAY = dt.datetime(2025, 1, 1, 8, 0, tzinfo=dt.UTC)
MAKER = 1
"""Rises when data is made differently, so that older data is made anew."""

_BATCH = 5_000
_VERBS = (
    ("account.signed_in", None, {"device": "Firefox on Linux", "address": "192.0.2.7"}),
    ("account.roles_changed", {"roles": ["colleague"]}, {"roles": ["colleague", "reviewer"]}),
    ("account.password_changed", None, None),
    ("account.units_changed", {"units": []}, {"units": ["Claims"]}),
    ("account.disabled", {"state": "active"}, {"state": "disabled"}),
)


def people_of(size: int) -> int:
    """Return how many accounts there are beside so many audit events."""
    return max(60, size // 20)


def email_of(number: int) -> str:
    """Return the mail address of account `number`; number 0 is the administrator."""
    return f"person{number}@bench.example"


def make(database: Database, size: int, marker: Path) -> bool:
    """Fill an empty database with `size` audit events, unless `marker` says that it was done.

    Returns whether anything was made. Raises BenchError when what was made does not hold.
    """
    state = {"maker": MAKER, "size": size, "head": pinned_head()}
    if marker.exists() and json.loads(marker.read_text()) == state:
        return False
    if current_revision(database) is not None:
        raise BenchError(f"Remove {marker.parent}: its data is half made or of another version.")
    upgrade(database)
    with database.engine.begin() as connection:
        accounts = _add_people(connection, people_of(size))
        _add_events(connection, size, accounts)
        if not database.is_sqlite:
            connection.exec_driver_sql("ANALYZE")
    if database.is_sqlite:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    check(database, size)
    marker.write_text(json.dumps(state))
    return True


def check(database: Database, size: int) -> None:
    """Raise BenchError unless the data is as the portal itself would have made it."""
    with unit_of_work(database, write=False) as session:
        verdict = verify(session)
        people = session.scalar(sa.select(sa.func.count()).select_from(StaffAccount))
    if not verdict.holds or verdict.events != size:
        raise BenchError(f"The audit trail of the data does not hold: {verdict.reason}")
    if people != people_of(size):
        raise BenchError(f"There are {people} accounts instead of {people_of(size)}.")


def _add_people(connection: sa.Connection, count: int) -> list[tuple[str, str]]:
    """Add accounts with roles and units; return (id, name) of each."""
    units = [
        {"id": ids.new_id(), "name": f"Unit {n}", "name_key": f"unit {n}", "version": 1,
         "created_at": FIRST_DAY, "archived_at": None}
        for n in range(10)
    ]  # fmt: skip
    connection.execute(sa.insert(BusinessUnit), units)
    encoded = Passwords().hash(PASSWORD)
    accounts = [
        {
            "id": ids.new_id(),
            "email": email_of(number),
            "email_key": email_of(number),
            "name": f"Person {number:06}",
            "name_key": f"person {number:06}",
            "state": AccountState.ACTIVE,
            "password_hash": encoded,
            "password_changed_at": FIRST_DAY,
            "sees_all_units": number == 0,
            "locale": "en",
            "theme": "auto",
            "version": 1,
            "created_at": FIRST_DAY,
            "changed_at": FIRST_DAY,
        }
        for number in range(count)
    ]
    connection.execute(sa.insert(StaffAccount), accounts)
    others = [role for role in Role if role not in (Role.ADMINISTRATOR, Role.AUDITOR)]
    grants = [
        {"account_id": account["id"], "ends_on": None, "granted_at": FIRST_DAY,
         "role": others[number % len(others)] if number else Role.ADMINISTRATOR}
        for number, account in enumerate(accounts)
    ]  # fmt: skip
    connection.execute(sa.insert(RoleGrant), grants)
    members = [
        {"account_id": account["id"], "unit_id": units[number % len(units)]["id"]}
        for number, account in enumerate(accounts)
        if number
    ]
    connection.execute(sa.insert(staff_account_unit), members)
    return [(str(account["id"]), str(account["name"])) for account in accounts]


def _add_events(connection: sa.Connection, count: int, accounts: list[tuple[str, str]]) -> None:
    head = connection.execute(sa.select(AuditHead.sequence, AuditHead.hash)).one()
    rows = _chained(count, accounts, head.hash)
    last: dict[str, Any] = {"sequence": head.sequence, "hash": head.hash}
    while batch := list(itertools.islice(rows, _BATCH)):
        connection.execute(sa.insert(AuditEvent), batch)
        last = batch[-1]
    connection.execute(sa.update(AuditHead).values(sequence=last["sequence"], hash=last["hash"]))


def _chained(
    count: int, accounts: list[tuple[str, str]], previous: str
) -> Iterator[dict[str, Any]]:
    for number in range(count):
        actor_id, actor_name = accounts[number * 7 % len(accounts)]
        subject_id, subject_name = accounts[number * 13 % len(accounts)]
        verb, before, after = _VERBS[number % len(_VERBS)]
        row = {
            "sequence": number + 1,
            "at": FIRST_DAY + dt.timedelta(seconds=number * 97),
            "actor_kind": ActorKind.STAFF.value,
            "actor_id": actor_id,
            "actor_name": actor_name,
            "verb": verb,
            "subject_type": "account",
            "subject_id": subject_id,
            "subject_name": subject_name,
            "before": before,
            "after": after,
            "request_id": None,
            "previous_hash": previous,
        }
        previous = event_hash(previous, hashed_fields(row))
        yield {**row, "hash": previous}
