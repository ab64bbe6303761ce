"""Everything that can be done with a mail. Each function writes in the caller's transaction."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access.actor import Actor, require
from app.access.permissions import Permission
from app.audit.recorder import record
from app.kernel import clock, ids
from app.kernel.errors import Conflict, NotFound
from app.kernel.sealing import Unsealable
from app.mail.addresses import checked_address, checked_name
from app.mail.lifecycle import (
    IN_FLIGHT_LIMIT,
    MOVES,
    SHOWS_SECRETS,
    MailAction,
    MailState,
)
from app.mail.links import absolute, starts_at
from app.mail.models import MailMessage
from app.mail.queries import can_go_again
from app.mail.setup import MailSetup, setup_of
from app.outbox.models import Priority
from app.outbox.publish import publish

DELIVER = "mail.deliver"
SUBJECT_TYPE = "mail_message"
TEST_TOPIC = "portal.test"
TEST_PATH = "/admin/mail/"
SECRETS_KEPT = dt.timedelta(days=14)
"""How long a link is kept when the caller names no end."""
RESEND_AT_ONCE = 500


def send(
    session: Session,
    actor: Actor,
    *,
    topic: str,
    to: str,
    to_name: str = "",
    locale: str | None = None,
    values: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
    subject_type: str,
    subject_id: uuid.UUID | str,
    reply_to: str | None = None,
    expires_at: dt.datetime | None = None,
    field: str = "email",
) -> MailMessage:
    """Write a mail and the job that delivers it; nothing leaves before the caller's commit.

    `values` are plain JSON for the templates; `secrets` (such as the link) are sealed until
    the mail is sent, and no longer than `expires_at` (14 days when not given). `link`, in
    either, must lead to the portal. Raises DomainError on `field` for an address or name
    that cannot stand in a mail's head; KeyError for an unknown topic, ValueError for a link
    that leads elsewhere: those are slips in the caller.
    """
    setup = setup_of(session)
    setup.topics.get(topic)
    hidden = dict(secrets or {})
    _check_values(setup, values, hidden)
    now = clock.now()
    mail = MailMessage(
        id=ids.new_id(),
        created_at=now,
        topic=topic,
        to_address=checked_address(to, field=field),
        to_name=checked_name(to_name, field="name"),
        reply_to=checked_address(reply_to, field="reply_to") if reply_to else None,
        locale=locale or setup.default_locale,
        values=dict(values),
        needs_secrets=bool(hidden),
        expires_at=(expires_at or now + SECRETS_KEPT) if hidden else None,
        subject_type=subject_type,
        subject_id=str(subject_id),
        requested_by=actor.id,
        requested_by_name=actor.name[:200],
        state=MailState.QUEUED,
        queued_at=now,
    )
    if hidden:
        mail.secrets_sealed = setup.sealer.seal(_purpose(mail.id), json.dumps(hidden).encode())
    session.add(mail)
    session.flush()
    _publish(session, mail)
    _record(
        session, actor, "mail.queued", mail, after={"topic": topic, "to_address": mail.to_address}
    )
    return mail


def send_test(
    session: Session, actor: Actor, *, to: str, to_name: str, locale: str | None
) -> MailMessage:
    """Send a mail that says that mail works. Raises Forbidden."""
    require(actor, Permission.MAIL_MANAGE)
    return send(
        session,
        actor,
        topic=TEST_TOPIC,
        to=to,
        to_name=to_name,
        locale=locale,
        values={"link": absolute(session, TEST_PATH)},
        subject_type="account",
        subject_id=str(actor.id),
    )


def resend(session: Session, actor: Actor, mail_id: uuid.UUID) -> MailMessage:
    """Put a mail into the queue again, to be tried at once.

    Raises Forbidden, NotFound, Conflict.
    """
    require(actor, Permission.MAIL_MANAGE)
    mail = _locked(session, mail_id)
    _queue_again(session, mail, MailAction.RESEND)
    _record(session, actor, "mail.resent", mail)
    return mail


def readdress(
    session: Session, actor: Actor, mail_id: uuid.UUID, address: str, name: str | None = None
) -> MailMessage:
    """Send a mail to another address in place of the one it has; `name` None keeps the name.

    Raises DomainError on `address`, Forbidden, NotFound, Conflict.
    """
    require(actor, Permission.MAIL_MANAGE)
    mail = _locked(session, mail_id)
    new_address = checked_address(address, field="address")
    new_name = mail.to_name if name is None else checked_name(name, field="name")
    before = mail.to_address
    mail.to_address, mail.to_name = new_address, new_name
    _queue_again(session, mail, MailAction.READDRESS)
    _record(
        session,
        actor,
        "mail.readdressed",
        mail,
        before={"to_address": before},
        after={"to_address": mail.to_address},
    )
    return mail


def cancel(session: Session, actor: Actor, mail_id: uuid.UUID) -> MailMessage:
    """Give a mail up and forget its link. Raises Forbidden, NotFound, Conflict."""
    require(actor, Permission.MAIL_MANAGE)
    mail = _locked(session, mail_id)
    before = mail.state
    after = MOVES.after(mail.state, MailAction.CANCEL)
    _refuse_in_flight(mail)
    mail.state = after
    mail.secrets_sealed = mail.next_attempt_at = mail.in_flight_since = mail.fault = None
    mail.smtp_code, mail.server_said = None, ""
    _record(
        session, actor, "mail.cancelled", mail, before={"state": before}, after={"state": after}
    )
    return mail


def show_secrets(session: Session, actor: Actor, mail_id: uuid.UUID) -> dict[str, str]:
    """Return what a mail that did not get out keeps sealed, and record who looked.

    Raises Forbidden, NotFound, Conflict.
    """
    require(actor, Permission.MAIL_MANAGE)
    mail = _locked(session, mail_id)
    if mail.state not in SHOWS_SECRETS or not mail.needs_secrets:
        raise Conflict(_("Only the link of a mail that was kept or not delivered can be shown."))
    secrets = _opened(session, mail)
    _record(session, actor, "mail.link_shown", mail)
    return secrets


def resend_all(session: Session, actor: Actor, state: MailState) -> int:
    """Queue the mails that were kept (NOT_SENT) or not delivered (FAILED); return how many.

    For the moment after the mail server was set right. Oldest first, up to 500 at once;
    those whose link is gone stay where they are. Raises Forbidden.
    """
    require(actor, Permission.MAIL_MANAGE)
    if state not in SHOWS_SECRETS:
        raise ValueError(f"mails that are {state} are not sent again in bulk")
    mails = session.execute(
        sa.select(MailMessage)
        .where(*can_go_again(state))
        .order_by(MailMessage.id)
        .limit(RESEND_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).scalars()
    count = 0
    for mail in mails:
        _queue_again(session, mail, MailAction.RESEND)
        _record(session, actor, "mail.resent", mail)
        count += 1
    return count


def opened_secrets(session: Session, mail: MailMessage) -> dict[str, str]:
    """Return a mail's secrets, empty when it has none: for the delivery only.

    Raises Unsealable when no key opens them.
    """
    if mail.secrets_sealed is None:
        return {}
    data = setup_of(session).sealer.open(_purpose(mail.id), mail.secrets_sealed)
    return dict(json.loads(data))


def _opened(session: Session, mail: MailMessage) -> dict[str, str]:
    gone = Conflict(_("The link of this mail has run out. Make a new one where this one was made."))
    if mail.secrets_sealed is None or _is_outdated(mail):
        raise gone
    try:
        return opened_secrets(session, mail)
    except Unsealable:
        raise gone from None


def _queue_again(session: Session, mail: MailMessage, action: MailAction) -> None:
    after = MOVES.after(mail.state, action)
    _refuse_in_flight(mail)
    if mail.needs_secrets:
        _opened(session, mail)
    mail.state = after
    mail.round += 1
    mail.queued_at = clock.now()
    mail.unconfirmed = 0
    mail.next_attempt_at = mail.in_flight_since = mail.fault = None
    mail.smtp_code, mail.server_said = None, ""
    session.flush()
    _publish(session, mail)


def _publish(session: Session, mail: MailMessage) -> None:
    publish(
        session,
        DELIVER,
        {"mail_id": str(mail.id), "round": mail.round},
        dedupe_key=f"{mail.id}/{mail.round}",
        priority=Priority.URGENT,
    )


def _locked(session: Session, mail_id: uuid.UUID) -> MailMessage:
    mail = session.get(MailMessage, mail_id, with_for_update=True, populate_existing=True)
    if mail is None:
        raise NotFound(_("There is no such mail. It may be listed on the Mail page."))
    return mail


def _refuse_in_flight(mail: MailMessage) -> None:
    since = mail.in_flight_since
    if since is not None and clock.now() - since < IN_FLIGHT_LIMIT:
        raise Conflict(
            _("This mail is being delivered right now. Wait a minute, then reload the page.")
        )


def _is_outdated(mail: MailMessage) -> bool:
    return mail.expires_at is not None and mail.expires_at <= clock.now()


def _check_values(setup: MailSetup, values: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    if both := values.keys() & secrets.keys():
        raise ValueError(f"secret and plain at once: {', '.join(sorted(both))}")
    for name, value in (*values.items(), *secrets.items()):
        if name == "link" and not starts_at(setup.base_url, str(value)):
            raise ValueError("a link in a mail starts with the base address: links.absolute")


def _purpose(mail_id: uuid.UUID) -> str:
    return f"mail/{mail_id}"


def _record(
    session: Session,
    actor: Actor,
    verb: str,
    mail: MailMessage,
    *,
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
) -> None:
    record(
        session,
        actor,
        verb,
        subject_type=SUBJECT_TYPE,
        subject_id=mail.id,
        subject_name=mail.to_address,
        before=before,
        after=after,
    )
