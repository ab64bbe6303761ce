"""What administrators do with people, and what must hold whatever they do."""

from __future__ import annotations

import concurrent.futures
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.actor import ANONYMOUS, SYSTEM, Actor
from app.access.permissions import Permission
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.db.unit_of_work import unit_of_work
from app.identity import queries, services, units
from app.identity.extension import setup_for
from app.identity.lifecycle import AccountState
from app.identity.models import RoleGrant, StaffAccount, StaffSession
from app.identity.presence import load_actor
from app.identity.sign_in import sign_in as try_sign_in
from app.kernel.errors import Conflict, DomainError, Forbidden, NotFound
from tests.integration.identity.conftest import Work
from tests.support.clock import Clock
from tests.support.pages import PageClient
from tests.support.people import (
    HERE,
    PASSWORD,
    actor_for,
    give_second_factor,
    invite_account,
    is_signed_in,
    make_account,
    make_unit,
    sign_in,
)


def administrator(session: Session, name: str = "Ada Admin", **options: Any) -> Actor:
    account = make_account(session, name=name, roles=[Role.ADMINISTRATOR], **options)
    return actor_for(session, account)


def test_only_administrators_manage_people(session: Session) -> None:
    account = make_account(session)
    unit = make_unit(session)
    for role in Role:
        actor = actor_for(session, make_account(session, name=f"Any {role.value}", roles=[role]))
        if role is Role.ADMINISTRATOR:
            continue
        refused: list[Callable[[Actor], Any]] = [
            lambda actor: services.invite(
                session, actor, email="x@northwind.example", name="X", roles={Role.REVIEWER: None}
            ),
            lambda actor: services.change_roles(session, actor, account, {Role.APPROVER: None}),
            lambda actor: services.change_units(
                session, actor, account, unit_ids=[], sees_all_units=True
            ),
            lambda actor: services.disable(session, actor, account),
            lambda actor: services.enable(session, actor, account),
            lambda actor: services.resend_invitation(session, actor, account),
            lambda actor: services.reset_second_factor(session, actor, account),
            lambda actor: services.end_sessions(session, actor, account),
            lambda actor: units.create_unit(session, actor, "Sales"),
            lambda actor: units.rename_unit(session, actor, unit, "Sales"),
            lambda actor: units.archive_unit(session, actor, unit),
        ]
        for act in refused:
            with pytest.raises(Forbidden):
                act(actor)
    with pytest.raises(Forbidden):
        services.disable(session, ANONYMOUS, account)


def test_an_invitation_checks_what_it_is_given(session: Session) -> None:
    make_account(session, name="Sam Oduya", email="sam@northwind.example")
    good: dict[str, Any] = {
        "email": "new@northwind.example", "name": "New", "roles": {Role.REVIEWER: None},
    }  # fmt: skip
    cases = [
        ({"email": "SAM@Northwind.example"}, "email"),
        ({"email": "ｓam@northwind.example"}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "email"),
        ({"name": "  "}, "name"),
        ({"roles": {}}, "roles"),
        ({"roles": {Role.AUDITOR: None}}, "ends_on"),
        ({"unit_ids": [SYSTEM_UNIT]}, "units"),
    ]
    for wrong, field in cases:
        with pytest.raises(DomainError) as caught:
            services.invite(session, SYSTEM, **{**good, **wrong})
        assert caught.value.field == field
    assert services.invite(session, SYSTEM, **good).state is AccountState.INVITED


SYSTEM_UNIT = queries.uuid.UUID("01900000-0000-7000-8000-000000000000")


def test_the_database_itself_refuses_what_must_not_be(work: Work) -> None:
    with work() as session:
        account = make_account(session)
    wrong = [
        sa.insert(RoleGrant).values(account_id=account.id, role=Role.AUDITOR),
        sa.update(StaffAccount).values(password_hash=None),
        sa.update(StaffAccount).values(state=AccountState.INVITED),
        sa.update(StaffAccount).values(totp_confirmed_at=account.created_at),
        sa.update(StaffAccount).values(theme="pink"),
    ]
    for statement in wrong:
        with pytest.raises((IntegrityError, DomainError)), work() as session:
            session.execute(statement)
    with pytest.raises(Conflict, match="account with this mail address"), work() as session:
        session.add(
            StaffAccount(
                email=account.email,
                email_key=account.email_key,
                name="X",
                name_key="x",
                locale="en",
            )
        )


def test_v8_3_2_changed_roles_hold_from_the_next_request_on(app: Any, work: Work) -> None:
    with work() as session:
        account = make_account(session, roles=[Role.ADMINISTRATOR])
        make_account(session, name="Ada Admin", roles=[Role.ADMINISTRATOR])
    token = signed_in(app, account)
    before = load_actor(app.database, setup_for(app), token)
    assert before is not None
    assert before.may(Permission.PEOPLE_MANAGE)
    with work() as session:
        services.change_roles(
            session, SYSTEM, session.get_one(StaffAccount, account.id), {Role.COLLEAGUE: None}
        )
    after = load_actor(app.database, setup_for(app), token)
    assert after is not None
    assert after.roles == {Role.COLLEAGUE}


def signed_in(app: Any, account: StaffAccount) -> str:
    result = try_sign_in(
        app.database, setup_for(app), email=account.email, password=PASSWORD, client=HERE
    )
    assert result.token is not None
    return result.token


def test_a_role_ends_after_its_last_day_in_the_portals_zone(
    make_app: Callable[..., Any], clock: Clock, work: Work
) -> None:
    app = make_app(timezone="Pacific/Auckland", session_hours=1000, session_idle_minutes=60_000)
    with work() as session:
        account = make_account(session, roles={Role.AUDITOR: dt.date(2026, 3, 5)})
    token = signed_in(app, account)

    def roles() -> Any:
        actor = load_actor(app.database, setup_for(app), token)
        assert actor is not None
        return actor.roles

    clock.set(dt.datetime(2026, 3, 5, 10, 59, tzinfo=dt.UTC))  # 23:59 in Auckland
    assert roles() == {Role.AUDITOR}
    clock.set(dt.datetime(2026, 3, 5, 11, 0, tzinfo=dt.UTC))
    assert roles() == frozenset()


def test_a07_and_v7_4_2_disabling_ends_sessions_and_links_at_once(
    client: PageClient, work: Work, last_link: Callable[[], str]
) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    client.application.test_client().submit("/forgot", {"email": account.email})  # type: ignore[attr-defined]
    link = last_link()
    with work() as session:
        services.disable(session, SYSTEM, session.get_one(StaffAccount, account.id))
    assert not is_signed_in(client)
    assert client.get(link).status_code == 410
    assert sign_in(client, account).status_code == 422
    with work() as session:
        services.enable(session, SYSTEM, session.get_one(StaffAccount, account.id))
    assert not is_signed_in(client), "the old session stays ended"
    assert client.get(link).status_code == 410
    assert sign_in(client, account).status_code == 303


def test_what_does_not_fit_the_state_is_a_conflict(session: Session) -> None:
    active, invited = make_account(session), invite_account(session, name="Ivy Invited")
    with pytest.raises(Conflict):
        services.enable(session, SYSTEM, active)
    with pytest.raises(Conflict):
        services.resend_invitation(session, SYSTEM, active)
    services.disable(session, SYSTEM, invited)
    with pytest.raises(Conflict):
        services.disable(session, SYSTEM, invited)
    with pytest.raises(Conflict, match="never set a password"):
        services.enable(session, SYSTEM, invited)
    services.resend_invitation(session, SYSTEM, invited)
    assert invited.state is AccountState.INVITED
    with pytest.raises(Conflict):
        services.reset_second_factor(session, SYSTEM, active)


def test_nobody_raises_himself_or_disables_himself(session: Session) -> None:
    administrator(session, "Second Admin")
    me = make_account(session, roles=[Role.ADMINISTRATOR])
    actor = actor_for(session, me)
    with pytest.raises(Forbidden, match="own roles"):
        services.change_roles(session, actor, me, {Role.ADMINISTRATOR: None, Role.APPROVER: None})
    with pytest.raises(Forbidden):
        services.disable(session, actor, me)
    with pytest.raises(Forbidden):
        services.reset_second_factor(session, actor, me)
    services.change_roles(session, actor, me, {Role.ADMINISTRATOR: dt.date(2099, 1, 1)})


def test_an_administrator_of_some_units_cannot_reach_beyond_them(session: Session) -> None:
    claims, sales = make_unit(session, "Claims"), make_unit(session, "Sales")
    limited = administrator(session, "Lim Admin", units=[claims])
    mine = make_account(session, name="Mine Person", units=[claims])
    both = make_account(session, name="Both Person", units=[claims, sales])
    theirs = make_account(session, name="Their Person", units=[sales])
    everything = make_account(session, name="All Person")
    services.change_roles(session, limited, mine, {Role.REVIEWER: None})
    with pytest.raises(Forbidden):
        services.disable(session, limited, both)
    for hidden in (theirs, everything):
        with pytest.raises(NotFound):
            services.disable(session, limited, hidden)
        with pytest.raises(NotFound):
            queries.get_account(session, limited, hidden.id)
    with pytest.raises(Forbidden):
        services.change_units(session, limited, mine, unit_ids=[sales.id], sees_all_units=False)
    with pytest.raises(Forbidden):
        services.change_units(session, limited, mine, unit_ids=[], sees_all_units=True)
    with pytest.raises(Forbidden):
        services.invite(
            session, limited, email="x@northwind.example", name="X", roles={Role.REVIEWER: None},
            unit_ids=[sales.id],
        )  # fmt: skip
    with pytest.raises(Forbidden):
        units.create_unit(session, limited, "Own realm")


def test_the_last_administrator_stays(session: Session) -> None:
    unit = make_unit(session)
    last = make_account(session, name="Last Admin", roles=[Role.ADMINISTRATOR])
    for name, roles, options in (
        ("Timed Admin", {Role.ADMINISTRATOR: dt.date(2099, 1, 1)}, {}),
        ("Unit Admin", {Role.ADMINISTRATOR: None}, {"units": [unit]}),
    ):
        make_account(session, name=name, roles=roles, **options)
    invite_account(session, name="Invited Admin", roles=[Role.ADMINISTRATOR])
    closed = make_account(session, name="Closed Admin", roles=[Role.ADMINISTRATOR])
    services.disable(session, SYSTEM, closed)
    refused: list[Callable[[], Any]] = [
        lambda: services.disable(session, SYSTEM, last),
        lambda: services.change_roles(session, SYSTEM, last, {Role.REVIEWER: None}),
        lambda: services.change_roles(
            session, SYSTEM, last, {Role.ADMINISTRATOR: dt.date(2099, 1, 1)}
        ),
        lambda: services.change_units(
            session, SYSTEM, last, unit_ids=[unit.id], sees_all_units=False
        ),
    ]
    for act in refused:
        with pytest.raises(Conflict) as caught:
            act()
        assert caught.value.code == "last_administrator"
    services.enable(session, SYSTEM, closed)
    services.disable(session, SYSTEM, last)


@pytest.mark.parametrize("act", ["disable", "demote", "limit"])
def test_v15_4_2_of_two_administrators_who_remove_each_other_at_once_one_stays(
    app: Any, work: Work, act: str
) -> None:
    for attempt in range(5):
        with work() as session:
            pair = [
                make_account(session, name=f"Admin {attempt} {n}", roles=[Role.ADMINISTRATOR])
                for n in range(2)
            ]
            everybody = session.scalars(
                sa.select(StaffAccount).where(StaffAccount.id.not_in([one.id for one in pair]))
            )
            for other in everybody:
                if other.state is AccountState.ACTIVE:
                    services.disable(session, SYSTEM, other)
            actors = [actor_for(session, one) for one in pair]

        def remove(number: int, pair: Any = pair, actors: Any = actors) -> bool:
            try:
                with unit_of_work(app.database) as session:
                    victim = session.get_one(StaffAccount, pair[1 - number].id)
                    if act == "disable":
                        services.disable(session, actors[number], victim)
                    elif act == "demote":
                        services.change_roles(
                            session, actors[number], victim, {Role.REVIEWER: None}
                        )
                    else:
                        services.change_units(
                            session, actors[number], victim, unit_ids=[], sees_all_units=False
                        )
            except Conflict:
                return False
            return True

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(remove, range(2))) == [False, True]


def test_a13_of_two_who_change_one_account_the_second_is_told(session: Session) -> None:
    account = make_account(session)
    shown = account.version
    services.change_roles(session, SYSTEM, account, {Role.REVIEWER: None}, version=shown)
    assert account.version == shown + 1
    with pytest.raises(Conflict) as caught:
        services.change_roles(session, SYSTEM, account, {Role.APPROVER: None}, version=shown)
    assert caught.value.code == "stale"
    services.change_units(
        session, SYSTEM, account, unit_ids=[], sees_all_units=False, version=account.version
    )
    with pytest.raises(Conflict):
        services.disable(session, SYSTEM, account, version=shown)


def test_v6_4_4_a_lost_second_factor_is_reset_recorded_and_told(
    clock: Clock, client: PageClient, work: Work, mails: Callable[[], list[Any]]
) -> None:
    with work() as session:
        account = make_account(session)
        phone, _codes = give_second_factor(session, account)
        admin = administrator(session)
    clock.forward(minutes=2)
    sign_in(client, account, code=phone.at(clock.now))
    with work() as session:
        services.reset_second_factor(session, admin, session.get_one(StaffAccount, account.id))
    assert not is_signed_in(client)
    assert mails()[-1].values["change"] == "reset"
    assert sign_in(client, account).location == "/"
    with work(write=False) as session:
        event = session.scalars(
            sa.select(AuditEvent).where(AuditEvent.verb == "second_factor.reset")
        ).one()
    assert (event.actor_id, event.subject_id) == (str(admin.id), str(account.id))


def test_v7_4_5_administrators_end_one_or_all_sessions(
    app: Any, client: PageClient, work: Work, browsers: Callable[[], Any]
) -> None:
    with work() as session:
        account = make_account(session)
        other = make_account(session, name="Other Person")
    pages = [client, browsers(), browsers()]
    for page in pages:
        sign_in(page, account)
    sign_in(stranger := browsers(), other)
    with work() as session:
        found = session.get_one(StaffAccount, account.id)
        oldest = min(
            session.scalars(sa.select(StaffSession).where(StaffSession.account_id == account.id)),
            key=lambda one: one.id,
        )
        assert services.end_sessions(session, SYSTEM, found, oldest.id) == 1
        foreign = session.scalars(
            sa.select(StaffSession.id).where(StaffSession.account_id == other.id)
        ).one()
        with pytest.raises(NotFound):
            services.end_sessions(session, SYSTEM, found, foreign)
    assert [is_signed_in(page) for page in pages] == [False, True, True]
    with work() as session:
        found = session.get_one(StaffAccount, account.id)
        assert services.end_sessions(session, SYSTEM, found) == 2
    assert [is_signed_in(page) for page in pages] == [False, False, False]
    assert is_signed_in(stranger)


def test_units_are_made_renamed_archived_and_brought_back(session: Session) -> None:
    admin = administrator(session)
    unit = units.create_unit(session, admin, "  Claims \n Department ")
    assert unit.name == "Claims Department"
    member = make_account(session, units=[unit])
    for name in ("CLAIMS department", "", "–", "x" * 121):
        with pytest.raises(DomainError) as caught:
            units.create_unit(session, admin, name)
        assert caught.value.field == "name"
    units.rename_unit(session, admin, unit, "Claims")
    units.rename_unit(session, admin, unit, "CLAIMS")
    units.archive_unit(session, admin, unit)
    with pytest.raises(Conflict):
        units.archive_unit(session, admin, unit)
    with pytest.raises(DomainError):
        services.invite(
            session, admin, email="x@northwind.example", name="X", roles={Role.REVIEWER: None},
            unit_ids=[unit.id],
        )  # fmt: skip
    services.change_units(
        session, admin, member, unit_ids=[unit.id], sees_all_units=False
    )  # who has it keeps it
    units.restore_unit(session, admin, unit)
    assert unit.archived_at is None


def test_the_trail_says_who_gave_what_to_whom(work: Work) -> None:
    with work() as session:
        admin = administrator(session)
        account = make_account(session, roles=[Role.COLLEAGUE])
    with work() as session:
        services.change_roles(
            session, admin, session.get_one(StaffAccount, account.id),
            {Role.REVIEWER: None, Role.AUDITOR: dt.date(2099, 12, 31)},
        )  # fmt: skip
    with work(write=False) as session:
        event = session.scalars(
            sa.select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)
        ).one()
    assert (event.verb, event.actor_name, event.subject_name) == (
        "account.roles_changed", "Ada Admin", "Sam Oduya",
    )  # fmt: skip
    assert event.before == {"roles": ["colleague"]}
    assert event.after == {"roles": ["auditor until 2099-12-31", "reviewer"]}
