"""Reading people. Functions take the actor first and return only what that actor may see."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access.actor import Actor, require
from app.access.permissions import Permission
from app.access.roles import Role
from app.identity import policies
from app.identity.addresses import key_of
from app.identity.lifecycle import AccountState
from app.identity.models import (
    BusinessUnit,
    OneTimeLink,
    RoleGrant,
    StaffAccount,
    StaffSession,
    staff_account_unit,
)
from app.identity.sessions import open_ones
from app.identity.setup import setup_of
from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.ids import parse_id
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, make_page


class AccountSort(enum.StrEnum):
    """Orders in which people can be listed."""

    NAME = "name"
    EMAIL = "email"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """What to list; None and the empty text filter nothing. `text` is part of name or address."""

    text: str = ""
    state: AccountState | None = None
    role: Role | None = None
    unit_id: uuid.UUID | None = None
    second_factor: bool | None = None


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A role with its last day; `ended` when that day has passed."""

    role: Role
    ends_on: dt.date | None
    ended: bool


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A person in the list."""

    id: uuid.UUID
    name: str
    email: str
    state: AccountState
    sees_all_units: bool
    has_second_factor: bool
    created_at: dt.datetime
    last_signed_in_at: dt.datetime | None
    roles: tuple[RoleHeld, ...]
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """An open session. `is_this` marks the one that asks."""

    id: uuid.UUID
    device: str
    address: str
    created_at: dt.datetime
    last_seen_at: dt.datetime
    expires_at: dt.datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A business unit with the number of its people."""

    id: uuid.UUID
    name: str
    archived_at: dt.datetime | None
    people: int
    version: int


def list_accounts(
    session: Session,
    actor: Actor,
    filters: AccountFilter | None = None,
    sort: AccountSort = AccountSort.NAME,
    cursor: str | None = None,
    *,
    size: int = PAGE_SIZE,
) -> Page[AccountRow]:
    """Return a page of the people whom the actor may see, in three statements.

    Raises Forbidden without the permission to read people.
    """
    require(actor, Permission.PEOPLE_READ)
    statement = _filtered(actor, filters or AccountFilter(), setup_of(session).today())
    after = decode_cursor(cursor, 1 if sort is AccountSort.NEWEST else 2)
    last_id = parse_id(str(after[-1])) if after else None
    if sort is AccountSort.NEWEST:
        statement = statement.order_by(StaffAccount.id.desc())
        if last_id is not None:
            statement = statement.where(StaffAccount.id < last_id)
    else:
        key = StaffAccount.name_key if sort is AccountSort.NAME else StaffAccount.email_key
        statement = statement.order_by(key, StaffAccount.id)
        if after and last_id is not None and isinstance(after[0], str):
            statement = statement.where(sa.tuple_(key, StaffAccount.id) > (after[0], last_id))
    found = session.execute(statement.limit(size + 1)).all()
    roles, units = _roles_and_units(session, [row.id for row in found[:size]])
    page = make_page(
        found,
        size=size,
        cursor_of=lambda row: (
            (str(row.id),)
            if sort is AccountSort.NEWEST
            else (row.name_key if sort is AccountSort.NAME else row.email_key, str(row.id))
        ),
        is_first=last_id is None,
    )
    rows = [
        AccountRow(
            id=row.id,
            name=row.name,
            email=row.email,
            state=row.state,
            sees_all_units=row.sees_all_units,
            has_second_factor=row.totp_confirmed_at is not None,
            created_at=row.created_at,
            last_signed_in_at=row.last_signed_in_at,
            roles=tuple(roles[row.id]),
            units=tuple(units[row.id]),
        )
        for row in page.items
    ]
    return Page(rows, page.next_cursor, page.is_first)


def count_accounts(session: Session, actor: Actor, filters: AccountFilter | None = None) -> int:
    """Return how many people a list with these filters holds, in one statement.

    Raises Forbidden without the permission to read people.
    """
    require(actor, Permission.PEOPLE_READ)
    listed = _filtered(actor, filters or AccountFilter(), setup_of(session).today())
    counted = sa.select(sa.func.count()).select_from(
        listed.with_only_columns(StaffAccount.id).subquery()
    )
    return session.execute(counted).scalar_one()


def _filtered(actor: Actor, filters: AccountFilter, today: dt.date) -> sa.Select[*tuple[Any, ...]]:
    statement = sa.select(
        StaffAccount.id,
        StaffAccount.name,
        StaffAccount.name_key,
        StaffAccount.email,
        StaffAccount.email_key,
        StaffAccount.state,
        StaffAccount.sees_all_units,
        StaffAccount.totp_confirmed_at,
        StaffAccount.created_at,
        StaffAccount.last_signed_in_at,
    )
    member = staff_account_unit.c
    if actor.business_units is not None:
        shares_unit = sa.exists().where(
            member.account_id == StaffAccount.id, member.unit_id.in_(actor.business_units)
        )
        statement = statement.where(sa.or_(StaffAccount.id == actor.id, shares_unit))
    if filters.text.strip():
        text = key_of(filters.text)
        statement = statement.where(
            sa.or_(
                StaffAccount.name_key.contains(text, autoescape=True),
                StaffAccount.email_key.contains(text, autoescape=True),
            )
        )
    if filters.state is not None:
        statement = statement.where(StaffAccount.state == filters.state)
    if filters.role is not None:
        holds_role = sa.exists().where(
            RoleGrant.account_id == StaffAccount.id,
            RoleGrant.role == filters.role,
            sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
        )
        statement = statement.where(holds_role)
    if filters.unit_id is not None:
        in_unit = sa.exists().where(
            member.account_id == StaffAccount.id, member.unit_id == filters.unit_id
        )
        statement = statement.where(in_unit)
    if filters.second_factor is not None:
        confirmed = StaffAccount.totp_confirmed_at
        statement = statement.where(
            confirmed.is_not(None) if filters.second_factor else confirmed.is_(None)
        )
    return statement


def _roles_and_units(
    session: Session, account_ids: list[uuid.UUID]
) -> tuple[dict[uuid.UUID, list[RoleHeld]], dict[uuid.UUID, list[str]]]:
    roles: dict[uuid.UUID, list[RoleHeld]] = defaultdict(list)
    units: dict[uuid.UUID, list[str]] = defaultdict(list)
    today = setup_of(session).today()
    for grant in session.execute(
        sa.select(RoleGrant.account_id, RoleGrant.role, RoleGrant.ends_on).where(
            RoleGrant.account_id.in_(account_ids)
        )
    ):
        ended = grant.ends_on is not None and grant.ends_on < today
        roles[grant.account_id].append(RoleHeld(grant.role, grant.ends_on, ended))
    order = {role: place for place, role in enumerate(Role)}
    for held in roles.values():
        held.sort(key=lambda one: order[one.role])
    member = staff_account_unit.c
    for row in session.execute(
        sa.select(member.account_id, BusinessUnit.name)
        .join(BusinessUnit, BusinessUnit.id == member.unit_id)
        .where(member.account_id.in_(account_ids))
        .order_by(BusinessUnit.name_key)
    ):
        units[row.account_id].append(row.name)
    return roles, units


def get_account(session: Session, actor: Actor, account_id: uuid.UUID) -> StaffAccount:
    """Return a person whom the actor may see (or is). Raises NotFound for all others."""
    account = session.get(StaffAccount, account_id)
    if account is None or not (
        actor.id == account.id
        or (
            actor.may(Permission.PEOPLE_READ)
            and policies.sees_account(actor, account.id, {unit.id for unit in account.units})
        )
    ):
        raise NotFound(_("There is no such account."))
    return account


def own_account(session: Session, actor: Actor) -> StaffAccount:
    """Return the account of the person who acts. Raises NotFound for nobody and the portal."""
    if actor.id is None:
        raise NotFound(_("There is no such account."))
    return get_account(session, actor, actor.id)


def sessions_of(session: Session, actor: Actor, account_id: uuid.UUID) -> list[SessionRow]:
    """Return the open sessions of a person whom the actor may see, the latest used first."""
    account = get_account(session, actor, account_id)
    now = clock.now()
    statement = (
        sa.select(StaffSession)
        .where(
            StaffSession.account_id == account.id,
            StaffSession.second_factor_pending.is_(False),
            open_ones(now, setup_of(session).session_idle),
        )
        .order_by(StaffSession.last_seen_at.desc(), StaffSession.id.desc())
    )
    return [
        SessionRow(
            id=one.id,
            device=one.device,
            address=one.address,
            created_at=one.created_at,
            last_seen_at=one.last_seen_at,
            expires_at=one.expires_at,
            is_this=one.id == actor.session_id,
        )
        for one in session.scalars(statement)
    ]


def open_invitation(session: Session, account: StaffAccount) -> dt.datetime | None:
    """Return until when the invitation of an account can be accepted, None when it cannot."""
    return session.scalar(
        sa.select(sa.func.max(OneTimeLink.expires_at)).where(
            OneTimeLink.account_id == account.id,
            OneTimeLink.purpose == "invitation",
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > clock.now(),
        )
    )


def list_units(session: Session, actor: Actor, *, with_archived: bool = False) -> list[UnitRow]:
    """Return the business units that the actor sees, by name, in one statement."""
    people = (
        sa.select(sa.func.count())
        .select_from(staff_account_unit)
        .where(staff_account_unit.c.unit_id == BusinessUnit.id)
        .scalar_subquery()
    )
    statement = sa.select(
        BusinessUnit.id,
        BusinessUnit.name,
        BusinessUnit.archived_at,
        BusinessUnit.version,
        people.label("people"),
    ).order_by(BusinessUnit.name_key)
    if actor.business_units is not None:
        statement = statement.where(BusinessUnit.id.in_(actor.business_units))
    if not with_archived:
        statement = statement.where(BusinessUnit.archived_at.is_(None))
    return [
        UnitRow(row.id, row.name, row.archived_at, row.people, row.version)
        for row in session.execute(statement)
    ]


def get_unit(session: Session, actor: Actor, unit_id: uuid.UUID) -> BusinessUnit:
    """Return a business unit that the actor sees. Raises NotFound for all others."""
    unit = session.get(BusinessUnit, unit_id)
    if unit is None or not actor.sees_unit(unit.id):
        raise NotFound(_("There is no such business unit."))
    return unit
