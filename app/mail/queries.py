"""Reads mails for the people who may see them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from app.access.actor import Actor, require
from app.access.permissions import Permission
from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.ids import parse_id
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, make_page
from app.mail.lifecycle import MailState
from app.mail.models import MailMessage


@dataclass(frozen=True, slots=True)
class MailFilter:
    """What a list of mails is narrowed to; None and empty narrow nothing.

    `recipient` is a part of the address or name.
    """

    state: MailState | None = None
    topic: str | None = None
    recipient: str = ""


def list_mails(
    session: Session,
    actor: Actor,
    wanted: MailFilter,
    *,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[MailMessage]:
    """Return one page of mails, newest first. Raises Forbidden."""
    require(actor, Permission.MAIL_READ)
    statement = (
        sa.select(MailMessage)
        .options(defer(MailMessage.values), defer(MailMessage.secrets_sealed))
        .where(*_conditions(wanted))
        .order_by(MailMessage.id.desc())
        .limit(size + 1)
    )
    before = _id_of(cursor)
    if before is not None:
        statement = statement.where(MailMessage.id < before)
    rows = session.execute(statement).scalars().all()
    return make_page(
        rows, size=size, cursor_of=lambda mail: [str(mail.id)], is_first=before is None
    )


def count_by_state(session: Session, actor: Actor, wanted: MailFilter) -> dict[MailState, int]:
    """Return how many mails each state holds, with the other filters applied. Raises Forbidden."""
    require(actor, Permission.MAIL_READ)
    narrowed = MailFilter(topic=wanted.topic, recipient=wanted.recipient)
    rows = session.execute(
        sa.select(MailMessage.state, sa.func.count())
        .where(*_conditions(narrowed))
        .group_by(MailMessage.state)
    )
    counts = dict.fromkeys(MailState, 0)
    for state, count in rows:
        counts[state] = count
    return counts


def get_mail(session: Session, actor: Actor, mail_id: uuid.UUID) -> MailMessage:
    """Return one mail. Raises Forbidden or NotFound."""
    require(actor, Permission.MAIL_READ)
    mail = session.get(MailMessage, mail_id)
    if mail is None:
        raise NotFound("There is no such mail. It may be listed on the Mail page.")
    return mail


def count_can_go_again(session: Session, actor: Actor, state: MailState) -> int:
    """Return how many mails of a state could be sent again. Raises Forbidden."""
    require(actor, Permission.MAIL_READ)
    statement = sa.select(sa.func.count()).select_from(MailMessage).where(*can_go_again(state))
    return session.scalar(statement) or 0


def can_go_again(state: MailState) -> list[sa.ColumnElement[bool]]:
    """Return the conditions under which a mail of a state still has all that it says."""
    return [
        MailMessage.state == state,
        sa.or_(
            sa.not_(MailMessage.needs_secrets),
            sa.and_(MailMessage.secrets_sealed.is_not(None), MailMessage.expires_at > clock.now()),
        ),
    ]


def mails_about(session: Session, subject_type: str, subject_id: str) -> Sequence[MailMessage]:
    """Return the mails about one thing, newest first: for the services that own the thing.

    They decide who may see it, so no actor is asked for.
    """
    return (
        session.execute(
            sa.select(MailMessage)
            .where(MailMessage.subject_type == subject_type, MailMessage.subject_id == subject_id)
            .order_by(MailMessage.id.desc())
        )
        .scalars()
        .all()
    )


def _conditions(wanted: MailFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.state is not None:
        conditions.append(MailMessage.state == wanted.state)
    if wanted.topic:
        conditions.append(MailMessage.topic == wanted.topic)
    if wanted.recipient:
        conditions.append(
            sa.or_(
                MailMessage.to_address.icontains(wanted.recipient, autoescape=True),
                MailMessage.to_name.icontains(wanted.recipient, autoescape=True),
            )
        )
    return conditions


def _id_of(cursor: str | None) -> uuid.UUID | None:
    values = decode_cursor(cursor, 1)
    return parse_id(values[0]) if values and isinstance(values[0], str) else None
