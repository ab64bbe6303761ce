"""Setting up the second factor, and turning it off; recovery codes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.identity import factors, notifications
from app.identity.lifecycle import EndReason
from app.identity.models import RecoveryCode, StaffAccount
from app.identity.passwords import Passwords
from app.identity.services import remove_second_factor
from app.identity.sessions import end_sessions_of, renew
from app.identity.setup import setup_of
from app.identity.trail import note
from app.kernel import clock
from app.kernel.errors import Conflict, DomainError
from app.kernel.sealing import Unsealable


@dataclass(frozen=True, slots=True)
class PreparedCode:
    """A recovery code as it is shown once, with what is kept of it."""

    shown: str
    lookup: str
    hashed: str


def opened_seed(session: Session, account: StaffAccount) -> str | None:
    """Return the TOTP seed of an account; None when there is none or no key opens it."""
    if account.totp_seed is None:
        return None
    try:
        return setup_of(session).sealer.open(_purpose(account), account.totp_seed).decode("ascii")
    except Unsealable:
        return None


def recovery_codes_left(session: Session, account_id: uuid.UUID) -> int:
    """Return how many recovery codes of an account were not used yet."""
    return session.scalar(
        sa.select(sa.func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    ) or 0  # fmt: skip


def start(session: Session, actor: Actor, account: StaffAccount) -> None:
    """Make a seed, to be confirmed by a code; nothing is asked at sign-in before that.

    Raises Conflict when a second factor is set up already.
    """
    if account.has_second_factor:
        raise Conflict(_("A second factor is set up already. Turn it off first."))
    seed = factors.new_seed()
    account.totp_seed = setup_of(session).sealer.seal(_purpose(account), seed.encode("ascii"))
    account.totp_last_step = None
    session.flush()
    note(session, actor, "second_factor.started", account)


def prepare_codes(passwords: Passwords) -> list[PreparedCode]:
    """Return ten new recovery codes with their hashes; takes a second, so no transaction waits."""
    return [
        PreparedCode(code.shown, code.lookup, passwords.hash(code.secret))
        for code in factors.new_recovery_codes()
    ]


def turn_on(
    session: Session, actor: Actor, account: StaffAccount, code: str, codes: list[PreparedCode]
) -> str:
    """Confirm the seed by a code and keep the recovery codes; every other session ends.

    Returns the new secret of this session. Raises DomainError on `code`, Conflict when
    nothing was started.
    """
    assert actor.session_id is not None  # only a signed-in person gets here
    seed = opened_seed(session, account)
    if account.has_second_factor or seed is None:
        raise Conflict(_("Start again: open the page of the second factor once more."))
    step = factors.accepted_step(seed, code, at=clock.now(), last_step=None)
    if step is None:
        raise DomainError(
            _("This code does not fit. Look whether the clock of your phone is right, then type "
              "the code that it shows now."),
            code="code_wrong",
            field="code",
        )  # fmt: skip
    account.totp_confirmed_at, account.totp_last_step = clock.now(), step
    session.flush()
    note(session, actor, "second_factor.turned_on", account)
    _replace_codes(session, account, codes)
    end_sessions_of(session, actor, account, EndReason.SECOND_FACTOR_CHANGED, keep=actor.session_id)
    notifications.second_factor_changed(session, actor, account, notifications.FACTOR_ON)
    return renew(session, actor.session_id)


def turn_off(session: Session, actor: Actor, account: StaffAccount) -> None:
    """Take the second factor off. Raises Conflict without one, or when everybody must have it."""
    if setup_of(session).require_totp:
        raise Conflict(_("Everybody here signs in with a second factor, so it stays on."))
    if not account.has_second_factor:
        raise Conflict(_("There is no second factor to turn off."))
    remove_second_factor(session, account)
    session.flush()
    note(session, actor, "second_factor.turned_off", account)
    notifications.second_factor_changed(session, actor, account, notifications.FACTOR_OFF)


def replace_recovery_codes(
    session: Session, actor: Actor, account: StaffAccount, codes: list[PreparedCode]
) -> None:
    """Keep new recovery codes; the old ones stop working. Raises Conflict without a factor."""
    if not account.has_second_factor:
        raise Conflict(_("Set up the second factor first."))
    _replace_codes(session, account, codes)
    note(session, actor, "second_factor.recovery_replaced", account)
    notifications.second_factor_changed(session, actor, account, notifications.FACTOR_CODES)


def _replace_codes(session: Session, account: StaffAccount, codes: list[PreparedCode]) -> None:
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    session.add_all(
        RecoveryCode(account_id=account.id, lookup=code.lookup, code_hash=code.hashed)
        for code in codes
    )
    session.flush()


def _purpose(account: StaffAccount) -> str:
    return f"identity/totp/{account.id}"
