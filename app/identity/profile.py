"""What people change about themselves without further proof: name, language, theme."""

from __future__ import annotations

import uuid

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.identity.addresses import key_of, name_of
from app.identity.lifecycle import EndReason
from app.identity.models import StaffAccount
from app.identity.sessions import end_sessions_of
from app.identity.trail import note
from app.kernel.errors import NotFound


def change_profile(
    session: Session, actor: Actor, account: StaffAccount, *, name: str, locale: str, theme: str
) -> None:
    """Change name, language and theme. Raises DomainError on `name`."""
    person = name_of(name)
    before = {"name": account.name, "language": account.locale, "theme": account.theme}
    account.name, account.name_key = person, key_of(person)
    account.locale, account.theme = locale, theme
    session.flush()
    after = {"name": person, "language": locale, "theme": theme}
    changed = [name for name in before if before[name] != after[name]]
    if changed:
        note(
            session, actor, "account.profile_changed", account,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )  # fmt: skip


def end_own_session(
    session: Session, actor: Actor, account: StaffAccount, session_id: uuid.UUID
) -> None:
    """End one of one's own sessions. Raises NotFound when it is not (or no longer) open."""
    if not end_sessions_of(session, actor, account, EndReason.ENDED_BY_PERSON, only=session_id):
        raise NotFound(_("This session has ended already."))


def end_other_sessions(session: Session, actor: Actor, account: StaffAccount) -> int:
    """End all own sessions but the one at hand; return how many."""
    return end_sessions_of(
        session, actor, account, EndReason.ENDED_BY_PERSON, keep=actor.session_id
    )


def sign_out(session: Session, actor: Actor, account: StaffAccount) -> None:
    """End the session at hand: its cookie opens nothing any more."""
    end_sessions_of(session, actor, account, EndReason.SIGNED_OUT, only=actor.session_id)
    note(session, actor, "account.signed_out", account)
