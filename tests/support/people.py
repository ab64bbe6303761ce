"""People for tests: made by the services, signed in through the real form."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Mapping

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access.actor import SYSTEM, Actor, ActorKind
from app.access.roles import Role
from app.identity import entry, links, second_factor, services, sessions, units
from app.identity.lifecycle import LinkPurpose
from app.identity.models import BusinessUnit, StaffAccount, StaffSession
from app.identity.policies import in_force
from app.identity.sessions import Client
from app.identity.setup import setup_of
from app.kernel import clock
from app.mail.models import MailMessage
from app.outbox.models import Job
from tests.support.pages import PageClient

PASSWORD = "violet anchor biscuit moon"
"""What everybody made here signs in with."""

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
HERE = Client("192.0.2.7", "Firefox on Linux")

Roles = Collection[Role] | Mapping[Role, dt.date | None]


def make_account(
    session: Session,
    *,
    name: str = "Sam Oduya",
    email: str | None = None,
    roles: Roles = (Role.COLLEAGUE,),
    units: Collection[BusinessUnit] = (),
    sees_all_units: bool | None = None,
    password: str = PASSWORD,
    locale: str = "en",
) -> StaffAccount:
    """Return an active account: invited and accepted, without the mail and session of that.

    Roles without a date have no end; an auditor gets a year. Who is in no unit sees all of
    them, unless `sees_all_units` says otherwise.
    """
    account = invite_account(
        session, name=name, email=email, roles=roles, units=units, sees_all_units=sees_all_units,
        locale=locale,
    )  # fmt: skip
    token, _until = links.issue(session, LinkPurpose.INVITATION, account.id)
    entry.accept_invitation(
        session, token, name=name, password=password, locale=locale, client=HERE
    )
    session.execute(sa.delete(StaffSession).where(StaffSession.account_id == account.id))
    account.last_signed_in_at = None
    session.flush()
    return account


def invite_account(
    session: Session,
    *,
    name: str = "Sam Oduya",
    email: str | None = None,
    roles: Roles = (Role.COLLEAGUE,),
    units: Collection[BusinessUnit] = (),
    sees_all_units: bool | None = None,
    locale: str = "en",
) -> StaffAccount:
    """Return an invited account, without the mail of that."""
    granted = dict(roles) if isinstance(roles, Mapping) else {role: _end(role) for role in roles}
    account = services.invite(
        session,
        SYSTEM,
        email=email or f"{_plain(name)}@northwind.example",
        name=name,
        roles=granted,
        unit_ids=[unit.id for unit in units],
        sees_all_units=not units if sees_all_units is None else sees_all_units,
        locale=locale,
    )
    mails = session.scalars(
        sa.delete(MailMessage)
        .where(MailMessage.subject_id == str(account.id))
        .returning(MailMessage.id)
    ).all()
    session.execute(sa.delete(Job).where(Job.dedupe_key.in_([f"{mail}/1" for mail in mails])))
    return account


def make_unit(session: Session, name: str = "Claims") -> BusinessUnit:
    """Return a new business unit."""
    return units.create_unit(session, SYSTEM, name)


def actor_for(session: Session, account: StaffAccount, *, signed_in: bool = False) -> Actor:
    """Return an account as the actor that a request of its person would have.

    With `signed_in` there is a session, just confirmed.
    """
    session_id = None
    if signed_in:
        opened, _token = sessions.open_session(session, account, HERE, pending=False)
        session_id = opened.id
    return Actor(
        ActorKind.STAFF,
        account.id,
        account.name,
        roles=in_force(account.grants, today=setup_of(session).today()),
        business_units=None if account.sees_all_units else frozenset(u.id for u in account.units),
        session_id=session_id,
        confirmed_at=clock.now() if signed_in else None,
        locale=account.locale,
        theme=account.theme,
    )


def give_second_factor(session: Session, account: StaffAccount) -> tuple[pyotp.TOTP, list[str]]:
    """Set up the second factor as its page does; return the app's clock and the recovery codes.

    The code of the present time step counts as used: move the clock on before signing in.
    """
    actor = actor_for(session, account, signed_in=True)
    second_factor.start(session, actor, account)
    seed = second_factor.opened_seed(session, account)
    assert seed is not None
    phone = pyotp.TOTP(seed)
    codes = second_factor.prepare_codes(setup_of(session).passwords)
    second_factor.turn_on(session, actor, account, phone.at(clock.now()), codes)
    session.execute(sa.delete(StaffSession).where(StaffSession.id == actor.session_id))
    return phone, [code.shown for code in codes]


def sign_in(
    client: PageClient,
    account: StaffAccount,
    *,
    password: str = PASSWORD,
    code: str | None = None,
    user_agent: str = FIREFOX,
) -> TestResponse:
    """Sign in through the form, with the code where one is asked; return the last answer."""
    headers = {"User-Agent": user_agent}
    response = client.submit(
        "/sign-in", {"email": account.email, "password": password}, headers=headers
    )
    if code is not None:
        assert response.status_code == 303, response.get_data(as_text=True)
        response = client.submit("/sign-in/code", {"code": code}, headers=headers)
    return response


def is_signed_in(client: PageClient) -> bool:
    """Return whether the browser's session is good: whether its own account page opens."""
    return bool(client.get("/account").status_code == 200)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", ".", letters).strip(".")


def _end(role: Role) -> dt.date | None:
    if role is Role.AUDITOR:
        return clock.today(dt.UTC) + dt.timedelta(days=365)
    return None
