"""Proofs of who somebody is after the password: the second factor, and the password once more."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.db.engine import Database
from app.db.unit_of_work import in_unit_of_work
from app.identity import factors, notifications, throttle
from app.identity.lifecycle import AccountState, EndReason
from app.identity.models import RecoveryCode, StaffAccount, StaffSession
from app.identity.second_factor import opened_seed
from app.identity.sessions import Client, actor_of, complete, end_sessions_of, open_ones, renew
from app.identity.setup import IdentitySetup, setup_of
from app.identity.sign_in import welcome
from app.identity.trail import note
from app.kernel import clock, ids
from app.kernel.errors import DomainError, TooMany


@dataclass(frozen=True, slots=True)
class _Code:
    """A typed code with what proves it: a step of the clock, or the hash of a recovery code."""

    account_id: uuid.UUID
    step: int | None
    recovery_id: uuid.UUID | None
    recovery_hash: str | None
    recovery_secret: str


def wrong_password(field: str) -> DomainError:
    """Return the answer to a wrong password of somebody who is signed in."""
    return DomainError(
        _("This is not your password. Type it again."), code="password_wrong", field=field
    )


def wrong_code() -> DomainError:
    """Return the answer to a wrong or used code."""
    return DomainError(
        _("This code does not fit, or it was used already. Wait for the next one and type it."),
        code="code_wrong",
        field="code",
    )


def pending_account(session: Session, token: str) -> tuple[StaffSession, StaffAccount] | None:
    """Return the session that waits for its code, with its account; None when there is none."""
    found = session.execute(
        sa.select(StaffSession, StaffAccount)
        .join(StaffAccount, StaffAccount.id == StaffSession.account_id)
        .where(
            StaffSession.token_hash == ids.token_hash(token),
            StaffSession.second_factor_pending.is_(True),
            StaffAccount.state == AccountState.ACTIVE,
            open_ones(clock.now(), setup_of(session).session_idle),
        )
    ).one_or_none()
    return (found[0], found[1]) if found else None


def complete_sign_in(
    database: Database, setup: IdentitySetup, token: str, code: str, client: Client
) -> str:
    """Give the second factor to a waiting session; return the new secret of the whole session.

    Raises DomainError on `code` when it is wrong or used, TooMany after too many. Raises
    LookupError when no session waits (any more).
    """

    def find(session: Session) -> tuple[uuid.UUID, uuid.UUID] | None:
        found = pending_account(session, token)
        return (found[0].id, found[1].id) if found else None

    waiting = in_unit_of_work(database, find)
    if waiting is None:
        raise LookupError("no session waits for a code")
    session_id, account_id = waiting
    prove_code(database, setup, account_id, code, client)

    def finish(session: Session) -> str:
        found = pending_account(session, token)
        if found is None:
            raise LookupError("the session ended while the code was checked")
        welcome(session, found[1], client)
        return complete(session, session_id)

    return in_unit_of_work(database, finish)


def confirm(
    database: Database,
    setup: IdentitySetup,
    actor: Actor,
    *,
    password: str,
    code: str,
    client: Client,
) -> str:
    """Take password (and code, where there is a second factor) once more before a sensitive act.

    Returns the new secret of the session. Raises DomainError on `password` or `code`, TooMany.
    """
    assert actor.id is not None and actor.session_id is not None  # noqa: PT018 - a signed-in person
    account_id, session_id = actor.id, actor.session_id
    has_factor = check_password(database, setup, account_id, password)
    if has_factor:
        prove_code(database, setup, account_id, code, client)

    def finish(session: Session) -> str:
        account = session.get_one(StaffAccount, account_id)
        note(session, actor, "account.confirmed", account, after={"address": client.address})
        return renew(session, session_id)

    return in_unit_of_work(database, finish)


def check_password(
    database: Database,
    setup: IdentitySetup,
    account_id: uuid.UUID,
    password: str,
    *,
    field: str = "password",
) -> bool:
    """Check the password of somebody who is signed in; return whether a second factor is set up.

    Raises DomainError on `field`, TooMany after ten wrong ones in five minutes.
    """

    def count(session: Session) -> tuple[str, str | None, bool, int | None]:
        account = session.get_one(StaffAccount, account_id)
        bucket = throttle.bucket_name(session, "confirm", str(account_id))
        refusal = throttle.take(session, {bucket: throttle.SIGN_IN})
        wait = refusal.retry_after if refusal else None
        return bucket, account.password_hash, account.has_second_factor, wait

    bucket, encoded, has_factor, wait = in_unit_of_work(database, count)
    if wait is not None:
        raise too_many(wait)
    if not setup.passwords.verify(encoded, password):

        def refuse(session: Session) -> None:
            account = session.get_one(StaffAccount, account_id)
            note(session, actor_of(account), "account.confirmation_refused", account)

        in_unit_of_work(database, refuse)
        raise wrong_password(field)
    in_unit_of_work(database, lambda session: throttle.clear(session, bucket))
    return has_factor


def prove_code(
    database: Database, setup: IdentitySetup, account_id: uuid.UUID, code: str, client: Client
) -> None:
    """Take a code by the clock or a recovery code; each works once.

    Raises DomainError on `code`, TooMany after five wrong ones in five minutes; then the
    person is told by mail, since whoever typed them knows the password.
    """
    wait, proof = in_unit_of_work(
        database, lambda session: _count_code(session, account_id, code, client)
    )
    if wait is not None:
        raise too_many(wait)
    assert proof is not None
    recovery_fits = False
    if proof.step is None and not factors.looks_like_totp(code):
        recovery_fits = setup.passwords.verify(proof.recovery_hash, proof.recovery_secret)
    fits = in_unit_of_work(
        database, lambda session: _settle_code(session, proof, recovery_fits, client)
    )
    if not fits:
        raise wrong_code()


def too_many(retry_after: int) -> TooMany:
    """Return the answer after too many wrong tries."""
    return TooMany(
        _("Too many wrong tries. Wait a few minutes, then try again."), retry_after=retry_after
    )


def _count_code(
    session: Session, account_id: uuid.UUID, code: str, client: Client
) -> tuple[int | None, _Code | None]:
    account = session.get_one(StaffAccount, account_id)
    bucket = _bucket(session, account_id)
    refusal = throttle.take(session, {bucket: throttle.SECOND_FACTOR})
    if refusal is not None:
        if refusal.is_new:
            note(
                session, actor_of(account), "second_factor.refused", account,
                after={"reason": "too many tries", "address": client.address},
            )  # fmt: skip
            notifications.second_factor_refused(session, actor_of(account), account, client)
        return refusal.retry_after, None
    seed = opened_seed(session, account)
    step = None
    if seed is not None and account.has_second_factor:
        step = factors.accepted_step(seed, code, at=clock.now(), last_step=account.totp_last_step)
    typed = factors.parse_recovery_code(code)
    row = None
    if typed is not None:
        row = session.scalars(
            sa.select(RecoveryCode).where(
                RecoveryCode.account_id == account_id,
                RecoveryCode.lookup == typed.lookup,
                RecoveryCode.used_at.is_(None),
            )
        ).one_or_none()
    return None, _Code(
        account_id=account_id,
        step=step,
        recovery_id=row.id if row else None,
        recovery_hash=row.code_hash if row else None,
        recovery_secret=typed.secret if typed else "",
    )


def _settle_code(session: Session, proof: _Code, recovery_fits: bool, client: Client) -> bool:
    """Use up the code by a conditional update: of two who send it at once one gets in."""
    account = session.get_one(StaffAccount, proof.account_id)
    used = None
    if proof.step is not None:
        used = session.execute(
            sa.update(StaffAccount)
            .where(
                StaffAccount.id == proof.account_id,
                StaffAccount.totp_confirmed_at.is_not(None),
                sa.or_(
                    StaffAccount.totp_last_step.is_(None),
                    StaffAccount.totp_last_step < proof.step,
                ),
            )
            .values(totp_last_step=proof.step)
            .returning(StaffAccount.id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    elif recovery_fits:
        used = session.execute(
            sa.update(RecoveryCode)
            .where(RecoveryCode.id == proof.recovery_id, RecoveryCode.used_at.is_(None))
            .values(used_at=clock.now())
            .returning(RecoveryCode.id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    if used is None:
        note(
            session, actor_of(account), "second_factor.refused", account,
            after={"reason": "wrong or used", "address": client.address},
        )  # fmt: skip
        return False
    throttle.clear(session, _bucket(session, proof.account_id))
    if proof.step is None:
        note(session, actor_of(account), "second_factor.recovery_used", account)
        notifications.second_factor_changed(
            session, actor_of(account), account, notifications.RECOVERY_USED
        )
    return True


def _bucket(session: Session, account_id: uuid.UUID) -> str:
    return throttle.bucket_name(session, "second-factor", str(account_id))


def end_waiting(session: Session, token: str) -> None:
    """End a session that waits for its code: the person goes back to the first step."""
    found = pending_account(session, token)
    if found is not None:
        end_sessions_of(
            session, actor_of(found[1]), found[1], EndReason.SIGNED_OUT, only=found[0].id
        )
