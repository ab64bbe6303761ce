"""One-time links: issued with a secret of 256 bits, looked up by its hash, claimed exactly once."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.identity.lifecycle import LinkPurpose
from app.identity.models import OneTimeLink
from app.kernel import clock, ids
from app.kernel.errors import DomainError

LIFETIMES = {
    LinkPurpose.INVITATION: dt.timedelta(days=7),
    LinkPurpose.RESET: dt.timedelta(hours=1),
    LinkPurpose.FIRST_ADMINISTRATOR: dt.timedelta(hours=24),
    LinkPurpose.EMAIL_CHANGE: dt.timedelta(hours=24),
}


class LinkGone(DomainError):
    """The link was used, ran out, was taken back or never was: the same answer for all."""

    code = "link_gone"
    status = 410


def issue(
    session: Session,
    purpose: LinkPurpose,
    account_id: uuid.UUID | None,
    *,
    email: str | None = None,
) -> tuple[str, dt.datetime]:
    """Make a link and take back older ones of its kind; return its secret and its end."""
    take_back(session, account_id, purpose)
    token = ids.new_token()
    expires_at = clock.now() + LIFETIMES[purpose]
    session.add(
        OneTimeLink(
            purpose=purpose,
            token_hash=ids.token_hash(token),
            account_id=account_id,
            email=email,
            expires_at=expires_at,
        )
    )
    session.flush()
    return token, expires_at


def look_up(session: Session, purpose: LinkPurpose, token: str) -> OneTimeLink:
    """Return a link that still works, and change nothing. Raises LinkGone."""
    found = session.scalars(_working(purpose, token)).one_or_none()
    if found is None:
        raise gone()
    return found


def claim(session: Session, purpose: LinkPurpose, token: str) -> OneTimeLink:
    """Use up a link and return it; of two who try at once one wins. Raises LinkGone."""
    found = look_up(session, purpose, token)
    now = clock.now()
    used = session.execute(
        sa.update(OneTimeLink)
        .where(
            OneTimeLink.id == found.id,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeLink.id)
        .execution_options(synchronize_session=False)
    )
    if used.one_or_none() is None:
        raise gone()
    return found


def take_back(session: Session, account_id: uuid.UUID | None, *purposes: LinkPurpose) -> None:
    """End all unused links of these purposes that an account has."""
    session.execute(
        sa.update(OneTimeLink)
        .where(
            OneTimeLink.account_id.is_(None)
            if account_id is None
            else OneTimeLink.account_id == account_id,
            OneTimeLink.purpose.in_(purposes),
            OneTimeLink.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def gone() -> LinkGone:
    """Return the answer for a link that does not work (any more)."""
    return LinkGone(_("This link does not work any more: it was used, replaced, or too old."))


def _working(purpose: LinkPurpose, token: str) -> sa.Select[OneTimeLink]:
    return sa.select(OneTimeLink).where(
        OneTimeLink.token_hash == ids.token_hash(token),
        OneTimeLink.purpose == purpose,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > clock.now(),
    )
