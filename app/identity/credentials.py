"""Passwords and mail addresses of people: changed by themselves, with proof and with notice."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access.actor import ANONYMOUS, Actor
from app.audit.recorder import record
from app.identity import links, notifications, throttle
from app.identity.addresses import email_of, key_of, network_of
from app.identity.lifecycle import AccountState, EndReason, LinkPurpose
from app.identity.models import StaffAccount
from app.identity.passwords import check_new_password
from app.identity.safeguards import check_free
from app.identity.sessions import Client, actor_of, end_sessions_of, renew
from app.identity.setup import PRODUCT, setup_of
from app.identity.trail import note
from app.kernel import clock
from app.kernel.errors import DomainError, TooMany


def checked_password(session: Session, password: str, *, email: str, name: str) -> str:
    """Return the hash of a new password. Raises DomainError on `password`."""
    setup = setup_of(session)
    check_new_password(password, context=[PRODUCT, setup.organisation, email, name])
    return setup.passwords.hash(password)


def change_password(
    session: Session, actor: Actor, account: StaffAccount, password: str, client: Client
) -> str:
    """Set a new password, end every other session, and tell the person.

    The present password was proved before (`proofs.check_password`). Returns the new secret
    of the session at hand: the old one is dead. Raises DomainError on `password`.
    """
    assert actor.session_id is not None  # only a signed-in person gets here
    account.password_hash = checked_password(
        session, password, email=account.email, name=account.name
    )
    account.password_changed_at = clock.now()
    session.flush()
    note(session, actor, "account.password_changed", account)
    end_sessions_of(session, actor, account, EndReason.PASSWORD_CHANGED, keep=actor.session_id)
    links.take_back(session, account.id, LinkPurpose.RESET, LinkPurpose.EMAIL_CHANGE)
    notifications.password_changed(session, actor, account, client)
    return renew(session, actor.session_id)


def request_reset(session: Session, email: str, client: Client) -> None:
    """Send a link for a new password when an active account has this address; tell nobody.

    Raises TooMany for a caller who asks too often. Who asks too often for one address gets
    the same silence as for an unknown one.
    """
    caller = throttle.bucket_name(session, "reset/caller", network_of(client.address))
    refusal = throttle.take(session, {caller: throttle.RESET_CALLER})
    if refusal is not None:
        raise TooMany(
            _("Too many tries. Wait a while, then ask again."), retry_after=refusal.retry_after
        )
    key = key_of(email)
    mailbox = throttle.bucket_name(session, "reset/mailbox", key)
    too_often = throttle.take(session, {mailbox: throttle.RESET_MAIL}) is not None
    account = session.scalars(
        sa.select(StaffAccount).where(StaffAccount.email_key == key)
    ).one_or_none()
    send = account is not None and account.state is AccountState.ACTIVE and not too_often
    record(
        session,
        ANONYMOUS,
        "account.reset_asked",
        subject_type="account",
        subject_id=account.id if account else None,
        subject_name=account.name if account else "",
        after={
            "address": client.address,
            "mail_digest": setup_of(session).digest("audit/email", key)[:16],
            "sent": send,
        },
    )
    if account is not None and send:
        token, until = links.issue(session, LinkPurpose.RESET, account.id)
        notifications.reset(session, ANONYMOUS, account, token, until)


def reset_account(session: Session, token: str) -> StaffAccount:
    """Return whose password a link resets, and change nothing. Raises LinkGone."""
    link = links.look_up(session, LinkPurpose.RESET, token)
    account = session.get(StaffAccount, link.account_id)
    if account is None or account.state is not AccountState.ACTIVE:
        raise links.gone()
    return account


def reset_password(session: Session, token: str, password: str, client: Client) -> StaffAccount:
    """Use up a link and set a new password; all sessions end, nobody is signed in by it.

    The second factor is asked at sign-in as before. Raises LinkGone, DomainError on
    `password`.
    """
    account = reset_account(session, token)
    encoded = checked_password(session, password, email=account.email, name=account.name)
    links.claim(session, LinkPurpose.RESET, token)
    account.password_hash, account.password_changed_at = encoded, clock.now()
    session.flush()
    actor = actor_of(account)
    note(session, actor, "account.password_reset", account, after={"address": client.address})
    end_sessions_of(session, actor, account, EndReason.PASSWORD_CHANGED)
    links.take_back(session, account.id, LinkPurpose.EMAIL_CHANGE)
    # Whoever locked this account from elsewhere keeps nobody out who reads its mail.
    throttle.clear(session, throttle.bucket_name(session, "sign-in/account", account.email_key))
    notifications.password_changed(session, actor, account, client)
    return account


def request_email_change(session: Session, actor: Actor, account: StaffAccount, email: str) -> str:
    """Send a link to the new address; nothing changes before it is opened. Returns the address.

    When another account has the address no mail goes out, and nobody is told so. Raises
    DomainError on `email`, TooMany.
    """
    address = email_of(email)
    if key_of(address) == account.email_key:
        raise DomainError(
            _("This is your address already. Enter the new one."), code="same_email", field="email"
        )
    bucket = throttle.bucket_name(session, "email-change", str(account.id))
    refusal = throttle.take(session, {bucket: throttle.EMAIL_CHANGE})
    if refusal is not None:
        raise TooMany(_("Too many tries. Try again tomorrow."), retry_after=refusal.retry_after)
    note(session, actor, "account.email_change_asked", account, after={"email": address})
    taken = session.scalar(
        sa.select(StaffAccount.id).where(StaffAccount.email_key == key_of(address))
    )
    if taken is None:
        token, until = links.issue(session, LinkPurpose.EMAIL_CHANGE, account.id, email=address)
        notifications.email_change(session, actor, account, address, token=token, until=until)
    return address


def new_email_of(session: Session, account: StaffAccount, token: str) -> str:
    """Return the address that a link would confirm for this very account. Raises LinkGone."""
    link = links.look_up(session, LinkPurpose.EMAIL_CHANGE, token)
    if link.account_id != account.id or link.email is None:
        raise links.gone()
    return link.email


def confirm_email_change(session: Session, actor: Actor, account: StaffAccount, token: str) -> None:
    """Use up the link, put the new address in place, and tell the old one.

    Raises LinkGone, Conflict when the address was taken meanwhile.
    """
    address = new_email_of(session, account, token)
    check_free(session, address)
    links.claim(session, LinkPurpose.EMAIL_CHANGE, token)
    before, account.email, account.email_key = account.email, address, key_of(address)
    account.changed_at = clock.now()
    session.flush()
    links.take_back(session, account.id, LinkPurpose.RESET)
    note(
        session, actor, "account.email_changed", account,
        before={"email": before}, after={"email": address},
    )  # fmt: skip
    notifications.email_changed(session, actor, account, before)
