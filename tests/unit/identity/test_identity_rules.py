"""Names, addresses, devices, states, roles: rules without a database."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from app.access.actor import SYSTEM, Actor, ActorKind
from app.access.roles import Role
from app.identity.addresses import email_of, key_of, name_of, network_of
from app.identity.devices import device_of
from app.identity.lifecycle import ACCOUNT, AccountAction, AccountState, account_actions
from app.identity.models import BusinessUnit, RoleGrant, StaffAccount
from app.identity.policies import (
    check_not_raising_self,
    check_roles,
    in_force,
    require_grantable_units,
    require_manage,
    sees_account,
)
from app.kernel.errors import Conflict, DomainError, Forbidden, NotFound

TODAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sam@Northwind.example", "sam@NORTHWIND.EXAMPLE"),
        ("Ｓam@northwind.example", "sam@northwind.example"),
        ("Claims Straße", "claims strasse"),
        ("Zoë", "Zoe\u0308"),
    ],
)
def test_a32_what_looks_the_same_has_the_same_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


def test_the_local_part_is_kept_as_typed() -> None:
    assert email_of("  Sam.Oduya@Northwind.EXAMPLE ") == "Sam.Oduya@northwind.example"


@pytest.mark.parametrize("text", ["", "  ", "–––", "Sam\nOduya", "Sam\u202eOduya", "x" * 201])
def test_names_have_a_letter_and_one_line(text: str) -> None:
    with pytest.raises(DomainError) as caught:
        name_of(text)
    assert caught.value.field == "name"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_site_counts_as_one_caller(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/138.0 Safari/537.36 Edg/138.0",
         "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15",
         "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/138.0 Safari/604.1",
         "Chrome on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit Chrome/138.0 Mobile Safari/537.36",
         "Chrome on Android"),
        ("", "Unknown browser"),
        ("<script>\r\nX: y", "Unknown browser"),
    ],
)  # fmt: skip
def test_devices_are_named_in_plain_words(agent: str, words: str) -> None:
    assert device_of(agent) == words


def test_account_states_move_only_through_the_table() -> None:
    assert account_actions(AccountState.DISABLED, has_password=True) == [AccountAction.ENABLE]
    assert account_actions(AccountState.DISABLED, has_password=False) == [
        AccountAction.INVITE_AGAIN
    ]
    with pytest.raises(Conflict):
        ACCOUNT.after(AccountState.ACTIVE, AccountAction.ACCEPT)
    with pytest.raises(Conflict):
        ACCOUNT.after(AccountState.DISABLED, AccountAction.ACCEPT)


def test_an_end_date_is_the_last_day_of_a_role() -> None:
    grants = [
        RoleGrant(role=Role.AUDITOR, ends_on=TODAY),
        RoleGrant(role=Role.REVIEWER, ends_on=TODAY - dt.timedelta(days=1)),
        RoleGrant(role=Role.APPROVER, ends_on=None),
    ]
    assert in_force(grants, today=TODAY) == {Role.AUDITOR, Role.APPROVER}


@pytest.mark.parametrize(
    ("roles", "field"),
    [
        ({}, "roles"),
        ({Role.AUDITOR: None}, "ends_on"),
        ({Role.REVIEWER: TODAY - dt.timedelta(days=1)}, "ends_on"),
    ],
)
def test_v2_2_3_roles_and_dates_must_go_together(
    roles: dict[Role, dt.date | None], field: str
) -> None:
    with pytest.raises(DomainError) as caught:
        check_roles(roles, today=TODAY)
    assert caught.value.field == field


def person(*, units: list[BusinessUnit], roles: dict[Role, dt.date | None]) -> StaffAccount:
    return StaffAccount(
        id=uuid.uuid4(), name="Sam", units=units, sees_all_units=False,
        grants=[RoleGrant(role=role, ends_on=end) for role, end in roles.items()],
    )  # fmt: skip


def actor(account: StaffAccount | None, units: frozenset[uuid.UUID] | None) -> Actor:
    return Actor(
        ActorKind.STAFF, account.id if account else uuid.uuid4(), "Ada",
        roles=frozenset({Role.ADMINISTRATOR}), business_units=units,
    )  # fmt: skip


def test_nobody_gives_himself_a_role_or_more_time() -> None:
    end = TODAY + dt.timedelta(days=30)
    sam = person(units=[], roles={Role.ADMINISTRATOR: None, Role.REVIEWER: end})
    me = actor(sam, None)
    check_not_raising_self(me, sam, {Role.ADMINISTRATOR: None})
    check_not_raising_self(me, sam, {Role.ADMINISTRATOR: end, Role.REVIEWER: TODAY})
    for roles in (
        {Role.ADMINISTRATOR: None, Role.APPROVER: None},
        {Role.REVIEWER: end + dt.timedelta(days=1)},
        {Role.REVIEWER: None},
    ):
        with pytest.raises(Forbidden):
            check_not_raising_self(me, sam, roles)
    check_not_raising_self(actor(None, None), sam, {Role.APPROVER: None})


def test_units_limit_whom_one_sees_manages_and_what_one_gives() -> None:
    claims, sales = BusinessUnit(id=uuid.uuid4()), BusinessUnit(id=uuid.uuid4())
    both = person(units=[claims, sales], roles={})
    mine = person(units=[claims], roles={})
    limited = actor(None, frozenset({claims.id}))
    require_manage(limited, mine)
    require_manage(SYSTEM, both)
    with pytest.raises(Forbidden):
        require_manage(limited, both)
    with pytest.raises(NotFound):
        require_manage(limited, person(units=[sales], roles={}))
    assert sees_account(limited, both.id, {claims.id, sales.id})
    assert not sees_account(limited, both.id, set())
    require_grantable_units(limited, [claims.id], False)
    for units, everything in (([sales.id], False), ([claims.id], True)):
        with pytest.raises(Forbidden):
            require_grantable_units(limited, units, everything)
