"""How mails are drawn on pages, and the words of the audit trail for what happens to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.mail.lifecycle import MailState
from app.mail.words import STATE_NAMES


@dataclass(frozen=True, slots=True)
class StateLabel:
    """How a state is drawn: word, icon, tone."""

    word: LazyString
    icon: str
    tone: str


_DRAWN = {
    MailState.QUEUED: ("hourglass-split", "doing"),
    MailState.RETRYING: ("clock-history", "wait"),
    MailState.SENT: ("check2-circle", "ok"),
    MailState.NOT_SENT: ("inbox", "wait"),
    MailState.FAILED: ("exclamation-octagon", "stop"),
    MailState.CANCELLED: ("slash-circle", ""),
}

STATE_LABELS: Mapping[MailState, StateLabel] = {
    state: StateLabel(STATE_NAMES[state], icon, tone) for state, (icon, tone) in _DRAWN.items()
}

VERBS = {
    "mail.queued": _("asked for a mail"),
    "mail.sent": _("sent a mail"),
    "mail.kept": _("kept a mail in the data folder"),
    "mail.failed": _("could not deliver a mail"),
    "mail.resent": _("queued a mail again"),
    "mail.readdressed": _("sent a mail to another address"),
    "mail.cancelled": _("cancelled a mail"),
    "mail.link_shown": _("looked at the link of a mail"),
}

FIELDS = {
    "to_address": _("Recipient"),
    "topic": _("Kind of mail"),
    "state": _("State"),
    "attempts": _("Attempts"),
    "fault": _("Reason"),
    "smtp_reply": _("SMTP code"),
}

SUBJECTS = {"mail_message": _("Mail")}
