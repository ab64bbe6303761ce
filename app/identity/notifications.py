"""The mails of this package: which there are, and what each is told."""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date, format_datetime
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.identity.models import StaffAccount
from app.identity.sessions import Client
from app.identity.setup import setup_of
from app.kernel import clock
from app.mail.links import absolute
from app.mail.services import send
from app.mail.topics import MailTopic
from app.web.formatting import day_pattern

INVITATION = "identity.invitation"
RESET = "identity.reset"
EMAIL_CHANGE = "identity.email_change"
EMAIL_CHANGED = "identity.email_changed"
PASSWORD_CHANGED = "identity.password_changed"  # noqa: S105 - a topic, not a password
NEW_DEVICE = "identity.new_device"
SECOND_FACTOR_CHANGED = "identity.second_factor_changed"
SECOND_FACTOR_REFUSED = "identity.second_factor_refused"

FACTOR_ON, FACTOR_OFF, FACTOR_CODES, FACTOR_RESET = "on", "off", "codes", "reset"
RECOVERY_USED = "recovery_used"
"""What may have happened to a second factor, for its mail."""


def topics(base_url: str) -> list[MailTopic]:
    """Return all topics with samples, for the registry."""
    base = base_url.rstrip("/")
    where = {"device": "Firefox on Windows", "address": "192.0.2.7", "at": "3 Dec 2026, 14:02 UTC"}
    person = _l("The person of the account")
    return [
        MailTopic(
            INVITATION,
            _l("Invitation of a colleague"),
            _l("The colleague who is invited"),
            {"inviter": "Jana Reuter", "until": "10 Dec 2026", "email": "sam@northwind.example"},
            {"link": f"{base}/invitation/sample"},
        ),
        MailTopic(RESET, _l("Link for a new password"), person,
                  {"minutes": 60}, {"link": f"{base}/new-password/sample"}),
        MailTopic(EMAIL_CHANGE, _l("Confirm a new mail address"), _l("The new address"),
                  {"hours": 24}, {"link": f"{base}/account/email/sample"}),
        MailTopic(EMAIL_CHANGED, _l("Mail address changed"), _l("The old address"),
                  {"email": "sam.oduya@northwind.example", "at": where["at"]}),
        MailTopic(PASSWORD_CHANGED, _l("Password changed"), person, where),
        MailTopic(NEW_DEVICE, _l("Signed in from a new device"), person, where),
        MailTopic(SECOND_FACTOR_CHANGED, _l("Second factor changed"), person,
                  {"change": FACTOR_ON, "at": where["at"]}),
        MailTopic(SECOND_FACTOR_REFUSED, _l("Wrong codes at sign-in"), person, where),
    ]  # fmt: skip


def invitation(
    session: Session, actor: Actor, account: StaffAccount, token: str, until: dt.datetime
) -> None:
    """Send the link with which a colleague sets a password."""
    zone = setup_of(session).zone
    values = {
        "inviter": actor.name,
        "until": format_date(
            until.astimezone(zone), day_pattern(account.locale), locale=account.locale
        ),
        "email": account.email,
    }
    link = absolute(session, f"/invitation/{token}")
    _send(session, actor, account, INVITATION, values, link=link, expires_at=until)


def reset(
    session: Session, actor: Actor, account: StaffAccount, token: str, until: dt.datetime
) -> None:
    """Send the link with which a person sets a new password."""
    minutes = round((until - clock.now()).total_seconds() / 60)
    link = absolute(session, f"/new-password/{token}")
    _send(session, actor, account, RESET, {"minutes": minutes}, link=link, expires_at=until)


def email_change(
    session: Session, actor: Actor, account: StaffAccount, email: str, *, token: str,
    until: dt.datetime,
) -> None:  # fmt: skip
    """Send the link that confirms a new address, to that address."""
    hours = round((until - clock.now()).total_seconds() / 3600)
    link = absolute(session, f"/account/email/{token}")
    _send(
        session, actor, account, EMAIL_CHANGE, {"hours": hours}, to=email, link=link,
        expires_at=until,
    )  # fmt: skip


def email_changed(session: Session, actor: Actor, account: StaffAccount, old: str) -> None:
    """Tell the old address that another one took its place."""
    values = {"email": account.email, "at": _moment(session, account)}
    _send(session, actor, account, EMAIL_CHANGED, values, to=old)


def password_changed(session: Session, actor: Actor, account: StaffAccount, client: Client) -> None:
    """Tell a person that the password was changed, from where."""
    _send(session, actor, account, PASSWORD_CHANGED, _where(session, account, client))


def new_device(session: Session, actor: Actor, account: StaffAccount, client: Client) -> None:
    """Tell a person that a device not seen before signed in."""
    _send(session, actor, account, NEW_DEVICE, _where(session, account, client))


def second_factor_changed(
    session: Session, actor: Actor, account: StaffAccount, change: str
) -> None:
    """Tell a person that the second factor was set up, turned off, reset, or has new codes."""
    values = {"change": change, "at": _moment(session, account)}
    _send(session, actor, account, SECOND_FACTOR_CHANGED, values)


def second_factor_refused(
    session: Session, actor: Actor, account: StaffAccount, client: Client
) -> None:
    """Tell a person that somebody knows the password and guesses codes."""
    _send(session, actor, account, SECOND_FACTOR_REFUSED, _where(session, account, client))


def _where(session: Session, account: StaffAccount, client: Client) -> dict[str, str]:
    return {
        "device": client.device,
        "address": client.address,
        "at": _moment(session, account),
    }


def _moment(session: Session, account: StaffAccount) -> str:
    local = clock.now().astimezone(setup_of(session).zone)
    pattern = f"{day_pattern(account.locale)}, HH:mm zzz"
    return str(format_datetime(local, pattern, locale=account.locale))


def _send(
    session: Session,
    actor: Actor,
    account: StaffAccount,
    topic: str,
    values: dict[str, str] | dict[str, int],
    *,
    to: str | None = None,
    link: str | None = None,
    expires_at: dt.datetime | None = None,
) -> None:
    send(
        session,
        actor,
        topic=topic,
        to=to or account.email,
        to_name=account.name,
        locale=account.locale,
        values=values,
        secrets={"link": link} if link else None,
        subject_type="account",
        subject_id=account.id,
        expires_at=expires_at,
    )
