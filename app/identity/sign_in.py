"""Signing in, in steps of their own: what is slow happens outside of any transaction.

A password takes a tenth of a second to check. SQLite has one writer, so the check must not
be done while it is held: count the try (transaction), check, then settle (transaction).
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from app.access.actor import ANONYMOUS
from app.audit.recorder import record
from app.db.engine import Database
from app.db.unit_of_work import in_unit_of_work
from app.identity import notifications, throttle
from app.identity.addresses import key_of, network_of
from app.identity.lifecycle import AccountState
from app.identity.models import StaffAccount, StaffSession
from app.identity.sessions import Client, actor_of, open_session
from app.identity.setup import IdentitySetup, setup_of
from app.identity.trail import note
from app.kernel import clock, ids

_REMEMBERED = dt.timedelta(days=90)
"""How long a place or a device counts as known."""


@dataclass(frozen=True, slots=True)
class SignInResult:
    """What came of it: a secret for the cookie, a wait, or neither (wrong, and no word on what)."""

    token: str | None = None
    needs_second_factor: bool = False
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class _Try:
    """A counted try, with what is needed to check it; `account_id` None for an unknown address."""

    account_id: uuid.UUID | None
    name: str
    encoded: str | None
    account_bucket: str
    caller_bucket: str
    retry_after: int | None


def sign_in(
    database: Database, setup: IdentitySetup, *, email: str, password: str, client: Client
) -> SignInResult:
    """Check a mail address and a password; open a session when both are right.

    An unknown address, a wrong password and a closed account get the same answer after the
    same work. Ten wrong tries in five minutes, for an account or from a caller, mean a
    wait; a caller from whom this account signed in before is counted apart, so that
    nobody elsewhere can lock its person out.
    """
    key = key_of(email)
    counted = in_unit_of_work(database, lambda session: _count(session, key, client))
    if counted.retry_after is not None:
        return SignInResult(retry_after=counted.retry_after)
    right = setup.passwords.verify(counted.encoded, password)
    fresh = None
    if right and counted.encoded is not None and setup.passwords.is_outdated(counted.encoded):
        fresh = setup.passwords.hash(password)
    return in_unit_of_work(
        database,
        lambda session: _settle(session, counted, key, client, right=right, fresh=fresh),
    )


def _count(session: Session, key: str, client: Client) -> _Try:
    account = session.execute(
        sa.select(
            StaffAccount.id, StaffAccount.name, StaffAccount.state, StaffAccount.password_hash
        ).where(StaffAccount.email_key == key)
    ).one_or_none()
    network = network_of(client.address)
    # Asked for an unknown address too: the same statements for everybody.
    account_id = account.id if account else ids.new_id()
    is_known_place = session.scalar(
        sa.select(sa.func.count())
        .select_from(StaffSession)
        .where(
            StaffSession.account_id == account_id,
            StaffSession.second_factor_pending.is_(False),
            StaffSession.address == client.address[:64],
            StaffSession.created_at > clock.now() - _REMEMBERED,
        )
    )
    own = ("sign-in/place", f"{key} {network}") if is_known_place else ("sign-in/account", key)
    account_bucket = throttle.bucket_name(session, *own)
    caller_bucket = throttle.bucket_name(session, "sign-in/caller", network)
    refusal = throttle.take(
        session, {account_bucket: throttle.SIGN_IN, caller_bucket: throttle.SIGN_IN}
    )
    usable = account is not None and account.state is AccountState.ACTIVE
    counted = _Try(
        account_id=account.id if account else None,
        name=account.name if account else "",
        encoded=account.password_hash if account is not None and usable else None,
        account_bucket=account_bucket,
        caller_bucket=caller_bucket,
        retry_after=refusal.retry_after if refusal else None,
    )
    if refusal is not None and refusal.is_new:
        _note_refusal(session, counted, key, client, "too many tries")
    return counted


def _settle(
    session: Session, counted: _Try, key: str, client: Client, *, right: bool, fresh: str | None
) -> SignInResult:
    account = None
    if right:
        account = session.get(StaffAccount, counted.account_id, options=[lazyload("*")])
    # The account may have been closed, or its password changed, while the check ran.
    if (
        account is None
        or account.state is not AccountState.ACTIVE
        or account.password_hash != counted.encoded
    ):
        _note_refusal(session, counted, key, client, "wrong password or address")
        return SignInResult()
    throttle.clear(session, counted.account_bucket)
    throttle.give_back(session, counted.caller_bucket)
    if fresh is not None:
        session.execute(
            sa.update(StaffAccount)
            .where(StaffAccount.id == account.id)
            .values(password_hash=fresh)
            .execution_options(synchronize_session=False)
        )
    pending = account.has_second_factor
    if pending:
        note(
            session, actor_of(account), "account.password_accepted", account,
            after={"device": client.device, "address": client.address},
        )  # fmt: skip
    else:
        welcome(session, account, client)
    _opened, token = open_session(session, account, client, pending=pending)
    return SignInResult(token=token, needs_second_factor=pending)


def welcome(session: Session, account: StaffAccount, client: Client) -> None:
    """Note a whole sign-in, and tell the person when the device is a new one."""
    actor, now = actor_of(account), clock.now()
    is_known_device = session.scalar(
        sa.select(sa.func.count())
        .select_from(StaffSession)
        .where(
            StaffSession.account_id == account.id,
            StaffSession.second_factor_pending.is_(False),
            StaffSession.device == client.device[:120],
            StaffSession.created_at > now - _REMEMBERED,
        )
    )
    session.execute(
        sa.update(StaffAccount)
        .where(StaffAccount.id == account.id)
        .values(last_signed_in_at=now)
        .execution_options(synchronize_session=False)
    )
    note(
        session, actor, "account.signed_in", account,
        after={"device": client.device, "address": client.address},
    )  # fmt: skip
    if account.last_signed_in_at is not None and not is_known_device:
        notifications.new_device(session, actor, account, client)


def _note_refusal(session: Session, counted: _Try, key: str, client: Client, reason: str) -> None:
    """Note a refused sign-in: the account when there is one, never what was typed."""
    record(
        session,
        ANONYMOUS,
        "account.sign_in_refused",
        subject_type="account",
        subject_id=counted.account_id,
        subject_name=counted.name,
        after={
            "reason": reason,
            "device": client.device,
            "address": client.address,
            "mail_digest": setup_of(session).digest("audit/email", key)[:16],
        },
    )
