"""From the secret in a cookie to the one who acts: two statements for every request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from app.access.actor import Actor, ActorKind
from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.identity.lifecycle import AccountState
from app.identity.models import RoleGrant, StaffAccount, StaffSession, staff_account_unit
from app.identity.policies import in_force
from app.identity.sessions import open_ones
from app.identity.setup import IdentitySetup
from app.kernel import clock, ids
from app.kernel.errors import DomainError

log = structlog.get_logger()

SEEN_EVERY = dt.timedelta(minutes=1)
"""How exact "last seen" is; a write per request would cost more than it tells."""


@dataclass(frozen=True, slots=True)
class Presence:
    """A signed-in person: the actor, and what the pages of the account need besides."""

    actor: Actor
    email: str
    has_second_factor: bool
    last_seen_at: dt.datetime


def load_actor(database: Database, setup: IdentitySetup, token: str) -> Actor | None:
    """Return who a cookie's secret stands for, None for nobody; see `load_presence`."""
    presence = load_presence(database, setup, token)
    return presence.actor if presence else None


def load_presence(database: Database, setup: IdentitySetup, token: str) -> Presence | None:
    """Return the signed-in person of a secret; None when the session is not open (any more).

    Roles and units are read each time: what an administrator changes holds from the next
    request on. Notes that the session was seen, at most once a minute.
    """
    with unit_of_work(database, write=False) as session:
        presence = _read(session, setup, token)
    if presence is not None and clock.now() - presence.last_seen_at >= SEEN_EVERY:
        _note_seen(database, presence)
    return presence


def _read(session: Session, setup: IdentitySetup, token: str) -> Presence | None:
    row = session.execute(
        sa.select(
            StaffSession.id,
            StaffSession.confirmed_at,
            StaffSession.last_seen_at,
            StaffAccount.id.label("account_id"),
            StaffAccount.name,
            StaffAccount.email,
            StaffAccount.locale,
            StaffAccount.theme,
            StaffAccount.sees_all_units,
            StaffAccount.totp_confirmed_at,
        )
        .join(StaffAccount, StaffAccount.id == StaffSession.account_id)
        .where(
            StaffSession.token_hash == ids.token_hash(token),
            StaffSession.second_factor_pending.is_(False),
            StaffAccount.state == AccountState.ACTIVE,
            open_ones(clock.now(), setup.session_idle),
        )
    ).one_or_none()
    if row is None:
        return None
    member = staff_account_unit.c
    access = session.execute(
        sa.select(RoleGrant.role, RoleGrant.ends_on, sa.null().cast(sa.Uuid()).label("unit_id"))
        .where(RoleGrant.account_id == row.account_id)
        .union_all(
            sa.select(
                sa.null().cast(RoleGrant.role.type), sa.null().cast(sa.Date()), member.unit_id
            ).where(member.account_id == row.account_id)
        )
    ).all()
    grants = [RoleGrant(role=one.role, ends_on=one.ends_on) for one in access if one.role]
    units = frozenset(one.unit_id for one in access if one.unit_id)
    actor = Actor(
        ActorKind.STAFF,
        row.account_id,
        row.name,
        roles=in_force(grants, today=setup.today()),
        business_units=None if row.sees_all_units else units,
        session_id=row.id,
        confirmed_at=row.confirmed_at,
        locale=row.locale,
        theme=row.theme,
    )
    return Presence(actor, row.email, row.totp_confirmed_at is not None, row.last_seen_at)


def _note_seen(database: Database, presence: Presence) -> None:
    now = clock.now()
    try:
        with unit_of_work(database) as session:
            session.execute(
                sa.update(StaffSession)
                .where(
                    StaffSession.id == presence.actor.session_id,
                    StaffSession.last_seen_at <= now - SEEN_EVERY,
                )
                .values(last_seen_at=now)
                .execution_options(synchronize_session=False)
            )
    except DomainError:
        # A busy database must not turn a page away over a note for the list of sessions.
        log.warning("session.seen_not_noted")
