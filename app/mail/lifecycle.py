"""States of a mail, what moves it, and when it is tried again. Pure."""

from __future__ import annotations

import datetime as dt
import enum

from app.kernel.transitions import Transitions


class MailState(enum.StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    RETRYING = "retrying"
    SENT = "sent"
    NOT_SENT = "not_sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class MailAction(enum.StrEnum):
    """What can happen to a mail: the first four come from a delivery, the rest from a person."""

    ACCEPT = "accept"
    KEEP = "keep"
    DEFER = "defer"
    FAIL = "fail"
    RESEND = "resend"
    READDRESS = "readdress"
    CANCEL = "cancel"


class Fault(enum.StrEnum):
    """Why a mail did not get out. Sentences for people are in `words`."""

    UNREACHABLE = "unreachable"
    """No connection, no answer in time, or it broke before the mail was handed over."""
    DEFERRED = "deferred"
    """The server answered 4xx: not now."""
    REFUSED = "refused"
    """The server answered 5xx to the recipient or the mail: never."""
    SETUP = "setup"
    """Certificate, encryption, account or sender address: somebody must set something right."""
    UNCONFIRMED = "unconfirmed"
    """The connection broke after the whole mail was handed over: it may have arrived."""
    OUTDATED = "outdated"
    """Its link ran out before the mail could be delivered."""
    UNREADABLE = "unreadable"
    """Its link cannot be opened with the secret keys that are set."""
    INTERNAL = "internal"
    """Something of our own stood in the way; the log has more under the job's id."""


_S, _A = MailState, MailAction

MOVES: Transitions[MailState, MailAction] = Transitions(
    "mail",
    {
        (_S.QUEUED, _A.ACCEPT): _S.SENT,
        (_S.QUEUED, _A.KEEP): _S.NOT_SENT,
        (_S.QUEUED, _A.DEFER): _S.RETRYING,
        (_S.QUEUED, _A.FAIL): _S.FAILED,
        # A job that a person ended on the Jobs page leaves its mail waiting: queue it anew.
        (_S.QUEUED, _A.RESEND): _S.QUEUED,
        (_S.QUEUED, _A.CANCEL): _S.CANCELLED,
        (_S.RETRYING, _A.ACCEPT): _S.SENT,
        (_S.RETRYING, _A.KEEP): _S.NOT_SENT,
        (_S.RETRYING, _A.DEFER): _S.RETRYING,
        (_S.RETRYING, _A.FAIL): _S.FAILED,
        (_S.RETRYING, _A.RESEND): _S.QUEUED,
        (_S.RETRYING, _A.READDRESS): _S.QUEUED,
        (_S.RETRYING, _A.CANCEL): _S.CANCELLED,
        (_S.NOT_SENT, _A.RESEND): _S.QUEUED,
        (_S.NOT_SENT, _A.READDRESS): _S.QUEUED,
        (_S.NOT_SENT, _A.CANCEL): _S.CANCELLED,
        (_S.FAILED, _A.RESEND): _S.QUEUED,
        (_S.FAILED, _A.READDRESS): _S.QUEUED,
        (_S.FAILED, _A.CANCEL): _S.CANCELLED,
    },
)
"""A sent mail is never sent again: its link was wiped, and a new mail says so more honestly."""

WAITING = frozenset({MailState.QUEUED, MailState.RETRYING})
"""States in which a worker will still deliver."""

KEEPS_SECRETS = frozenset(
    {MailState.QUEUED, MailState.RETRYING, MailState.NOT_SENT, MailState.FAILED}
)
"""States in which a mail may still hold its link: it can still go out or be handed over."""

SHOWS_SECRETS = frozenset({MailState.NOT_SENT, MailState.FAILED})
"""States in which a person may be shown the link, to hand it over by other means."""

IN_FLIGHT_LIMIT = dt.timedelta(minutes=10)
"""A delivery that began this recently may still be going on; nobody interferes with it."""

UNCONFIRMED_LIMIT = 1
"""How often a mail that may have arrived is repeated (same Message-ID, same link)."""

_RETRIED = frozenset({Fault.UNREACHABLE, Fault.DEFERRED})

RETRY_DELAYS = tuple(
    dt.timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300, 600, 900, *[1800] * 46)
)
"""Waits between attempts: close together at first, then every half hour, about a day in all."""


def action_for(fault: Fault, *, attempts: int, unconfirmed: int, at_most_once: bool) -> MailAction:
    """Return what follows from a fault: DEFER or FAIL.

    `attempts` counts attempts so far, with this one; `unconfirmed` those that may have
    arrived, with this one.
    """
    if fault is Fault.UNCONFIRMED:
        repeat = not at_most_once and unconfirmed <= UNCONFIRMED_LIMIT
        return MailAction.DEFER if repeat else MailAction.FAIL
    if fault in _RETRIED and attempts <= len(RETRY_DELAYS):
        return MailAction.DEFER
    return MailAction.FAIL


def retry_delay(attempts: int) -> dt.timedelta:
    """Return the wait after `attempts` attempts (1 or more), without jitter."""
    return RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1]
