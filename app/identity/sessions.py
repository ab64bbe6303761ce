"""Server-side sessions: opened, renewed, ended. What the cookie says counts only with its row."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.access.actor import Actor, ActorKind
from app.audit.recorder import record
from app.identity.lifecycle import EndReason
from app.identity.models import OneTimeLink, StaffAccount, StaffSession
from app.identity.setup import setup_of
from app.kernel import clock, ids

PENDING_MINUTES = 10
"""How long the page that asks for the code waits for it."""


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from: the address, and the device in plain words."""

    address: str
    device: str


def actor_of(account: StaffAccount) -> Actor:
    """Return an account as the one who acts, for the audit trail; it gives no permission."""
    return Actor(ActorKind.STAFF, account.id, account.name)


def open_session(
    session: Session, account: StaffAccount, client: Client, *, pending: bool
) -> tuple[StaffSession, str]:
    """Open a session and return it with its secret; `pending` while the code is not yet given."""
    now = clock.now()
    token = ids.new_token()
    opened = StaffSession(
        account_id=account.id,
        token_hash=ids.token_hash(token),
        last_seen_at=now,
        expires_at=now + _length(session, pending),
        second_factor_pending=pending,
        confirmed_at=None if pending else now,
        device=client.device[:120],
        address=client.address[:64],
    )
    session.add(opened)
    session.flush()
    return opened, token


def renew(session: Session, session_id: uuid.UUID) -> str:
    """Give a session a new secret after a fresh proof of who it is; the old one is dead."""
    now = clock.now()
    token = ids.new_token()
    session.execute(
        sa.update(StaffSession)
        .where(StaffSession.id == session_id)
        .values(token_hash=ids.token_hash(token), confirmed_at=now, last_seen_at=now)
    )
    return token


def complete(session: Session, session_id: uuid.UUID) -> str:
    """Make a session whole once the second factor was given; return its new secret."""
    token = renew(session, session_id)
    session.execute(
        sa.update(StaffSession)
        .where(StaffSession.id == session_id)
        .values(second_factor_pending=False, expires_at=clock.now() + _length(session, False))
    )
    return token


def end_sessions_of(
    session: Session,
    actor: Actor,
    account: StaffAccount,
    reason: EndReason,
    *,
    only: uuid.UUID | None = None,
    keep: uuid.UUID | None = None,
) -> int:
    """End open sessions of an account (`only` one, or all but `keep`); return how many."""
    statement = (
        sa.update(StaffSession)
        .where(StaffSession.account_id == account.id, StaffSession.revoked_at.is_(None))
        .values(revoked_at=clock.now(), revoked_reason=reason)
        .returning(StaffSession.id, StaffSession.device, StaffSession.second_factor_pending)
        .execution_options(synchronize_session=False)
    )
    if only is not None:
        statement = statement.where(StaffSession.id == only)
    if keep is not None:
        statement = statement.where(StaffSession.id != keep)
    ended = session.execute(statement).all()
    for row in ended:
        record(
            session,
            actor,
            "session.revoked",
            subject_type="account",
            subject_id=account.id,
            subject_name=account.name,
            after={"session": str(row.id), "device": row.device, "reason": reason.value},
        )
    return len(ended)


def end_all(session: Session, reason: EndReason) -> int:
    """End every session and take back every one-time link; return how many there were.

    For a restored backup: what was ended after it was taken must not come back to life.
    """
    now = clock.now()
    sessions = session.execute(
        sa.update(StaffSession)
        .where(StaffSession.revoked_at.is_(None))
        .values(revoked_at=now, revoked_reason=reason)
        .returning(StaffSession.id)
        .execution_options(synchronize_session=False)
    )
    links = session.execute(
        sa.update(OneTimeLink)
        .where(OneTimeLink.used_at.is_(None))
        .values(used_at=now)
        .returning(OneTimeLink.id)
        .execution_options(synchronize_session=False)
    )
    return len(sessions.all()) + len(links.all())


def open_ones(now: dt.datetime, idle: dt.timedelta) -> sa.ColumnElement[bool]:
    """Return the condition under which a session is open: not ended, not idle, not too old."""
    return sa.and_(
        StaffSession.revoked_at.is_(None),
        StaffSession.expires_at > now,
        StaffSession.last_seen_at > now - idle,
    )


def _length(session: Session, pending: bool) -> dt.timedelta:
    return dt.timedelta(minutes=PENDING_MINUTES) if pending else setup_of(session).session_length
