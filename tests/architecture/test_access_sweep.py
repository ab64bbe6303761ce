"""Every route × every actor, really called, and compared with the table of roles.

A route that is added is swept without anybody thinking of it; one whose address has a new
kind of part fails until `access_calls.make_things` knows a thing for it.
"""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from app.access.actor import SYSTEM
from app.access.permissions import OpenTo
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.db.unit_of_work import unit_of_work
from app.identity import services
from app.identity.models import StaffAccount
from app.web.application import Application
from tests.architecture.access_calls import (
    REFUSED,
    Call,
    Caller,
    answer,
    every_call,
    make_things,
    outcome,
)
from tests.support import people
from tests.support.clock import Clock
from tests.support.pages import PageClient

READ_BY_ADMINISTRATOR = {
    "account.confirm_email": 410,
    "assets.favicon": 308,
    "assets.file": 404,
    "files.check_progress": 303,
    "health.metrics": 404,
    "identity.accept": 410,
    "identity.first_administrator": 410,
    "identity.reset": 410,
    "identity.second_factor": 303,
    "identity.sign_in": 303,
    "notices.progress": 404,
    "person.enable": 409,
    "person.second_factor": 409,
}
"""Endpoint → status, where a page of a thing that exists is not 200 for an administrator."""

REFUSED_BY_ITS_OWNER = {"notices.put_away"}
"""Endpoints behind an open door that refuse an administrator the thing of another person."""


@pytest.fixture
def calls(app: Application) -> list[Call]:
    with unit_of_work(app.database) as session:
        things = make_things(app, session)
    return list(every_call(app, things))


def person(app: Application, *roles: Role, name: str = "Sam Oduya") -> StaffAccount:
    with unit_of_work(app.database) as session:
        return people.make_account(session, name=name, roles=roles)


def sweep(
    app: Application, client: PageClient, caller: Caller, calls: list[Call]
) -> dict[Call, str]:
    """Make every call and return what each came to; fails with a line for each surprise."""
    came = {call: outcome(call, answer(client, caller, call)) for call in calls}
    expected = {call: caller.expected(app.access_rules.get(call.endpoint)) for call in calls}
    surprises = [
        f"{call.method} {call.path} ({call.endpoint}): {came[call]}, expected {expected[call]}"
        for call in calls
        if came[call] != expected[call]
        and not (came[call] == REFUSED and call.endpoint in REFUSED_BY_ITS_OWNER)
    ]
    assert not surprises, "\n" + "\n".join(surprises)
    return came


def events(app: Application, *, refusals: bool) -> list[tuple[int, str]]:
    """Return (sequence, verb) of the trail: only refused accesses, or all but those."""
    of_refusal = AuditEvent.verb == "access.refused"
    with unit_of_work(app.database, write=False) as session:
        rows = session.execute(
            sa.select(AuditEvent.sequence, AuditEvent.verb)
            .where(of_refusal if refusals else ~of_refusal)
            .order_by(AuditEvent.sequence)
        )
        return [(sequence, verb) for sequence, verb in rows]


@pytest.mark.parametrize("role", Role)
def test_a_role_enters_what_the_table_says_and_nothing_else(
    app: Application, client: PageClient, calls: list[Call], role: Role
) -> None:
    account = person(app, role)

    def enter(browser: PageClient) -> None:
        assert people.sign_in(browser, account).status_code == 303

    caller = Caller(frozenset({role}), enter)
    enter(client)
    came = sweep(app, client, caller, calls)
    at_the_door = [call for call in calls if came[call] == REFUSED]
    at_the_door = [call for call in at_the_door if call.endpoint not in REFUSED_BY_ITS_OWNER]
    assert len(events(app, refusals=True)) == len(at_the_door)


def test_a_person_with_two_roles_has_the_rights_of_both(
    app: Application, client: PageClient, calls: list[Call]
) -> None:
    account = person(app, Role.APPROVER, Role.GOVERNANCE_LEAD)
    caller = Caller(
        frozenset({Role.APPROVER, Role.GOVERNANCE_LEAD}),
        lambda browser: people.sign_in(browser, account) and None,
    )
    caller.enter(client)
    sweep(app, client, caller, calls)


def nobody(_client: PageClient) -> None:
    """Come without a session."""


def test_nobody_is_sent_to_sign_in(app: Application, client: PageClient, calls: list[Call]) -> None:
    before = events(app, refusals=False)
    closed = [call for call in calls if app.access_rules[call.endpoint] is not OpenTo.PUBLIC]
    sweep(app, client, Caller(None, nobody), closed)
    assert events(app, refusals=False) == before, "a refused call left something behind"
    sweep(app, client, Caller(None, nobody), calls)


def test_a_session_that_ended_opens_nothing(
    app: Application, client: PageClient, calls: list[Call], clock: Clock
) -> None:
    account = person(app, Role.ADMINISTRATOR)
    people.sign_in(client, account)
    clock.forward(hours=app.settings.session_hours, seconds=1)
    closed = [call for call in calls if app.access_rules[call.endpoint] is not OpenTo.PUBLIC]
    sweep(app, client, Caller(None, nobody), closed)


def test_a_disabled_administrator_enters_nothing(
    app: Application, client: PageClient, calls: list[Call]
) -> None:
    person(app, Role.ADMINISTRATOR, name="Ada Stays")
    account = person(app, Role.ADMINISTRATOR)
    people.sign_in(client, account)
    with unit_of_work(app.database) as session:
        services.disable(session, SYSTEM, session.get_one(StaffAccount, account.id))
    closed = [call for call in calls if app.access_rules[call.endpoint] is not OpenTo.PUBLIC]
    sweep(app, client, Caller(None, nobody), closed)


def test_a_password_alone_opens_nothing_where_there_is_a_second_factor(
    app: Application, client: PageClient, calls: list[Call], clock: Clock
) -> None:
    with unit_of_work(app.database) as session:
        account = people.make_account(session, roles=[Role.ADMINISTRATOR])
        people.give_second_factor(session, account)
    clock.forward(minutes=2)
    people.sign_in(client, account)
    closed = [call for call in calls if app.access_rules[call.endpoint] is not OpenTo.PUBLIC]
    sweep(app, client, Caller(None, nobody), closed)


def test_an_auditor_whose_time_is_over_is_a_colleague_without_rights(
    app: Application, client: PageClient, calls: list[Call], clock: Clock
) -> None:
    end = clock.now.date() + dt.timedelta(days=30)
    with unit_of_work(app.database) as session:
        account = people.make_account(session, roles={Role.AUDITOR: end})
    clock.forward(days=32)
    caller = Caller(frozenset(), lambda browser: people.sign_in(browser, account) and None)
    caller.enter(client)
    sweep(app, client, caller, calls)


def test_pages_of_things_that_exist_are_shown_to_an_administrator(
    app: Application, client: PageClient, calls: list[Call]
) -> None:
    """Without this a sweep could pass on pages that are all 404."""
    account = person(app, Role.ADMINISTRATOR)
    caller = Caller(
        frozenset({Role.ADMINISTRATOR}), lambda browser: people.sign_in(browser, account) and None
    )
    caller.enter(client)
    reading = [call for call in calls if call.method == "GET"]
    came = {call: answer(client, caller, call).status_code for call in reading}
    surprises = [
        f"{call.path} ({call.endpoint}): {status}"
        for call, status in came.items()
        if status != READ_BY_ADMINISTRATOR.get(call.endpoint, 200)
    ]
    assert not surprises, "\n" + "\n".join(surprises)


def test_the_sweep_would_notice_an_open_door(
    app: Application, client: PageClient, calls: list[Call]
) -> None:
    steps = app.before_request_funcs[None]
    app.before_request_funcs[None] = [step for step in steps if step.__name__ != "guard"]
    assert len(app.before_request_funcs[None]) == len(steps) - 1
    try:
        with pytest.raises(AssertionError, match="expected sent to sign in"):
            sweep(app, client, Caller(None, nobody), calls)
    finally:
        app.before_request_funcs[None] = steps
