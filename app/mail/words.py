"""What people read about a mail: its state, and what happened to it."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.mail.lifecycle import Fault, MailState

STATE_NAMES = {
    MailState.QUEUED: _("Waiting to be sent"),
    MailState.RETRYING: _("Trying again"),
    MailState.SENT: _("Sent"),
    MailState.NOT_SENT: _("Kept, not sent"),
    MailState.FAILED: _("Not delivered"),
    MailState.CANCELLED: _("Cancelled"),
}

_SENTENCES = {
    Fault.UNREACHABLE: _("The mail server did not answer."),
    Fault.DEFERRED: _("The mail server asked us to try later."),
    Fault.REFUSED: _(
        "The mail server refused this mail for good. Look at the address; "
        "correct it and send the mail again."
    ),
    Fault.SETUP: _(
        "The mail server is not set up right for us: look at the mail settings "
        "(server, encryption, account, sender address), then send the mail again."
    ),
    Fault.UNCONFIRMED: _(
        "The connection broke before the mail server confirmed. The mail may have arrived; "
        "ask the recipient before you send it again."
    ),
    Fault.OUTDATED: _(
        "The link in this mail ran out before it could be delivered. "
        "Make a new one where this one was made."
    ),
    Fault.INTERNAL: _(
        "The portal could not make or keep this mail. The log says more; "
        "when the cause is gone, send the mail again."
    ),
    Fault.UNREADABLE: _(
        "The link in this mail cannot be read any more, since the secret key was changed. "
        "Make a new one where this one was made."
    ),
}


def what_happened(fault: Fault | None, smtp_code: int | None, server_said: str) -> str:
    """Return the sentences for a fault, in the reader's language; empty when there is none.

    With the SMTP code and the server's own words, as the person who runs it needs them.
    """
    if fault is None:
        return ""
    sentence = str(_SENTENCES[fault])
    if smtp_code is not None and server_said:
        answer = gettext("It answered %(code)s: %(said)s", code=smtp_code, said=server_said)
    elif smtp_code is not None:
        answer = gettext("It answered %(code)s.", code=smtp_code)
    elif server_said:
        answer = gettext("Reason: %(said)s", said=server_said)
    else:
        return sentence
    return f"{sentence} {answer}"
