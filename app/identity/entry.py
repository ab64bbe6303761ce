"""How people come in: by an invitation, and the very first one by a link from the terminal."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.audit.recorder import record
from app.identity import links
from app.identity.addresses import email_of, key_of, name_of
from app.identity.credentials import checked_password
from app.identity.lifecycle import ACCOUNT, AccountAction, AccountState, LinkPurpose
from app.identity.models import RoleGrant, StaffAccount
from app.identity.safeguards import check_free
from app.identity.sessions import Client, actor_of, open_session
from app.identity.setup import setup_of
from app.identity.trail import note
from app.kernel import clock
from app.mail.links import join


def first_administrator_link(session: Session, base_url: str) -> str | None:
    """Return a one-time link (24 hours) to make the first administrator; None when there is one.

    Each call makes a new link and ends the one before: the last one printed works.
    """
    if _has_administrator(session):
        return None
    token, _until = links.issue(session, LinkPurpose.FIRST_ADMINISTRATOR, None)
    record(session, SYSTEM, "first_administrator.link_made", subject_type="portal", subject_id=None)
    return join(base_url, f"/first-administrator/{token}")


def check_first_administrator_link(session: Session, token: str) -> None:
    """Raise LinkGone unless the link still makes an administrator; change nothing."""
    links.look_up(session, LinkPurpose.FIRST_ADMINISTRATOR, token)
    if _has_administrator(session):
        raise links.gone()


def create_first_administrator(
    session: Session,
    token: str,
    *,
    email: str,
    name: str,
    password: str,
    locale: str,
    client: Client,
) -> tuple[StaffAccount, str]:
    """Use up the link, make the administrator, sign in; return the account and session secret.

    Raises LinkGone, DomainError on `email`, `name` or `password`; the link then still works,
    since nothing of this transaction is kept.
    """
    address, person = email_of(email), name_of(name)
    setup = setup_of(session)
    encoded = checked_password(session, password, email=address, name=person)
    links.claim(session, LinkPurpose.FIRST_ADMINISTRATOR, token)
    if _has_administrator(session):
        raise links.gone()
    check_free(session, address)
    now = clock.now()
    account = StaffAccount(
        email=address,
        email_key=key_of(address),
        name=person,
        name_key=key_of(person),
        state=AccountState.ACTIVE,
        password_hash=encoded,
        password_changed_at=now,
        last_signed_in_at=now,
        sees_all_units=True,
        locale=locale or setup.default_locale,
        grants=[RoleGrant(role=Role.ADMINISTRATOR)],
    )
    session.add(account)
    session.flush()
    return account, _enter(session, account, client, "account.first_administrator_created")


def invited_account(session: Session, token: str) -> StaffAccount:
    """Return whom an invitation is for, and change nothing. Raises LinkGone."""
    link = links.look_up(session, LinkPurpose.INVITATION, token)
    account = session.get(StaffAccount, link.account_id)
    if account is None or account.state is not AccountState.INVITED:
        raise links.gone()
    return account


def accept_invitation(
    session: Session, token: str, *, name: str, password: str, locale: str, client: Client
) -> tuple[StaffAccount, str]:
    """Use up an invitation, set name and password, sign in; return account and session secret.

    Raises LinkGone, DomainError on `name` or `password`.
    """
    account = invited_account(session, token)
    person = name_of(name)
    encoded = checked_password(session, password, email=account.email, name=person)
    links.claim(session, LinkPurpose.INVITATION, token)
    now = clock.now()
    account.state = ACCOUNT.after(account.state, AccountAction.ACCEPT)
    account.name, account.name_key = person, key_of(person)
    account.locale = locale
    account.password_hash, account.password_changed_at = encoded, now
    account.last_signed_in_at = account.changed_at = now
    session.flush()
    return account, _enter(session, account, client, "account.accepted")


def _enter(session: Session, account: StaffAccount, client: Client, verb: str) -> str:
    actor = actor_of(account)
    note(session, actor, verb, account, after={"state": account.state.value})
    _opened, token = open_session(session, account, client, pending=False)
    note(
        session, actor, "account.signed_in", account,
        after={"device": client.device, "address": client.address},
    )  # fmt: skip
    return token


def _has_administrator(session: Session) -> bool:
    """Return whether an active account is administrator without an end date.

    One that is closed or time-boxed does not count: the portal could be left without any.
    """
    found = session.scalar(
        sa.select(RoleGrant.account_id)
        .join(StaffAccount, StaffAccount.id == RoleGrant.account_id)
        .where(
            RoleGrant.role == Role.ADMINISTRATOR,
            RoleGrant.ends_on.is_(None),
            StaffAccount.state == AccountState.ACTIVE,
        )
        .limit(1)
    )
    return found is not None
