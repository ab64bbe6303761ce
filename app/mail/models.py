"""Table of mails: one row for each mail, from the wish to send it until what became of it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Stamped
from app.db.types import CanonicalJson, state_column
from app.mail import words
from app.mail.lifecycle import Fault, MailState


class MailMessage(Identified, Stamped, Base):
    """One mail to one person.

    `values` fill the templates and are plain; what must not be read in the database (a
    one-time link) lies sealed in `secrets_sealed` and is wiped when the mail is sent,
    cancelled, or past `expires_at`. `round` counts how often it was put in the queue: a
    job of an earlier round does nothing. The Message-ID follows from the id.
    """

    __tablename__ = "mail_message"

    topic: Mapped[str] = mapped_column(sa.String(80))
    to_address: Mapped[str] = mapped_column(sa.String(320))
    to_name: Mapped[str] = mapped_column(sa.String(200))
    reply_to: Mapped[str | None] = mapped_column(sa.String(320))
    locale: Mapped[str] = mapped_column(sa.String(12))
    values: Mapped[dict[str, Any]] = mapped_column(CanonicalJson)
    needs_secrets: Mapped[bool] = mapped_column(default=False)
    secrets_sealed: Mapped[str | None] = mapped_column(sa.Text)
    expires_at: Mapped[dt.datetime | None]
    subject_type: Mapped[str] = mapped_column(sa.String(60))
    subject_id: Mapped[str] = mapped_column(sa.String(80))
    subject_line: Mapped[str | None] = mapped_column(sa.String(400))
    requested_by: Mapped[uuid.UUID | None]
    requested_by_name: Mapped[str] = mapped_column(sa.String(200))

    state: Mapped[MailState] = mapped_column(state_column(MailState), default=MailState.QUEUED)
    round: Mapped[int] = mapped_column(default=1)
    queued_at: Mapped[dt.datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    unconfirmed: Mapped[int] = mapped_column(default=0)
    in_flight_since: Mapped[dt.datetime | None]
    next_attempt_at: Mapped[dt.datetime | None]
    sent_at: Mapped[dt.datetime | None]
    fault: Mapped[Fault | None] = mapped_column(state_column(Fault))
    smtp_code: Mapped[int | None]
    server_said: Mapped[str] = mapped_column(sa.String(500), default="")

    __table_args__ = (
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_time"),
        sa.CheckConstraint(
            "(state = 'retrying') = (next_attempt_at IS NOT NULL)", name="retrying_has_time"
        ),
        sa.CheckConstraint(
            "(state IN ('retrying', 'failed')) = (fault IS NOT NULL)", name="fault_has_kind"
        ),
        sa.CheckConstraint(
            "secrets_sealed IS NULL OR "
            "(needs_secrets AND state IN ('queued', 'retrying', 'not_sent', 'failed'))",
            name="secrets_wiped",
        ),
        sa.CheckConstraint(
            "in_flight_since IS NULL OR state IN ('queued', 'retrying')", name="in_flight_waits"
        ),
        sa.CheckConstraint("needs_secrets = (expires_at IS NOT NULL)", name="secrets_expire"),
        sa.CheckConstraint("attempts >= unconfirmed AND unconfirmed >= 0", name="attempts_counted"),
        sa.CheckConstraint("round >= 1", name="round_counted"),
        sa.CheckConstraint("to_address <> ''", name="has_recipient"),
        sa.Index("ix_mail_message_state", "state", "id"),
        sa.Index("ix_mail_message_topic", "topic", "id"),
        sa.Index("ix_mail_message_subject", "subject_type", "subject_id", "id"),
        sa.Index("ix_mail_message_expires_at", "expires_at"),
    )

    @property
    def last_error(self) -> str:
        """Return what went wrong last, in sentences for the reader; empty when nothing did."""
        return words.what_happened(self.fault, self.smtp_code, self.server_said)

    @property
    def can_be_sent_again(self) -> bool:
        """Return whether everything that the mail says is still there."""
        return not self.needs_secrets or self.secrets_sealed is not None
