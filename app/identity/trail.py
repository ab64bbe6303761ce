"""Writes what happened to an account into the audit trail."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.audit.recorder import Values, record
from app.identity.models import StaffAccount


def note(
    session: Session,
    actor: Actor,
    verb: str,
    account: StaffAccount,
    *,
    before: Values | None = None,
    after: Values | None = None,
) -> None:
    """Record that `actor` did `verb` to an account."""
    record(
        session,
        actor,
        verb,
        subject_type="account",
        subject_id=account.id,
        subject_name=account.name,
        before=before,
        after=after,
    )
