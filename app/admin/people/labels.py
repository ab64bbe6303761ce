"""Words and signs for people, on pages and in the audit trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.roles import Role
from app.identity.lifecycle import AccountState
from app.identity.models import ACCOUNT_STATE_LABELS
from app.web.formatting import date
from app.web.labels import ROLE_LABELS


@dataclass(frozen=True, slots=True)
class StateLook:
    """How a state is drawn: word, icon, tone."""

    word: LazyString
    icon: str
    tone: str


LOOKS: Mapping[AccountState, StateLook] = {
    AccountState.ACTIVE: StateLook(ACCOUNT_STATE_LABELS[AccountState.ACTIVE], "person-check", "ok"),
    AccountState.INVITED: StateLook(ACCOUNT_STATE_LABELS[AccountState.INVITED], "envelope", "wait"),
    AccountState.DISABLED: StateLook(
        ACCOUNT_STATE_LABELS[AccountState.DISABLED], "slash-circle", ""
    ),
}

STATE_HINTS: Mapping[AccountState, LazyString] = {
    AccountState.ACTIVE: _l("May sign in."),
    AccountState.INVITED: _l("Has not accepted the invitation yet."),
    AccountState.DISABLED: _l("May not sign in."),
}


def role_words(recorded: str) -> str:
    """Return a role as the audit trail keeps it ("auditor until 2026-03-01") in words."""
    name, _until, day = recorded.partition(" until ")
    if name not in {role.value for role in Role}:
        return recorded
    label = str(ROLE_LABELS[Role(name)])
    if not day:
        return label
    return str(_("%(role)s until %(day)s", role=label, day=date(dt.date.fromisoformat(day))))


def state_words(recorded: str) -> str:
    """Return a state of an account as the audit trail keeps it in words."""
    known = {state.value: words for state, words in ACCOUNT_STATE_LABELS.items()}
    return str(known.get(recorded, recorded))
