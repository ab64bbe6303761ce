"""Words of the audit trail for what happens to mails."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

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
