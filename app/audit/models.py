"""Tables of the audit trail. Triggers refuse UPDATE and DELETE on both databases."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import CanonicalJson


class AuditEvent(Base):
    """One thing that was done. `sequence` has no gaps; `hash` covers every other column."""

    __tablename__ = "audit_event"

    sequence: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[dt.datetime]
    actor_kind: Mapped[str] = mapped_column(sa.String(20))
    actor_id: Mapped[str | None] = mapped_column(sa.String(36))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    verb: Mapped[str] = mapped_column(sa.String(80))
    subject_type: Mapped[str] = mapped_column(sa.String(60))
    subject_id: Mapped[str | None] = mapped_column(sa.String(80))
    subject_name: Mapped[str] = mapped_column(sa.String(300), default="")
    before: Mapped[dict[str, Any] | None] = mapped_column(CanonicalJson)
    after: Mapped[dict[str, Any] | None] = mapped_column(CanonicalJson)
    request_id: Mapped[str | None] = mapped_column(sa.String(64))
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = (
        sa.Index("ix_audit_event_subject", "subject_type", "subject_id", "sequence"),
        sa.Index("ix_audit_event_actor", "actor_id", "sequence"),
        sa.Index("ix_audit_event_verb", "verb", "sequence"),
        sa.Index("ix_audit_event_at", "at", "sequence"),
    )


class AuditHead(Base):
    """The end of the chain: one row, locked by whoever appends."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)


TRIGGER_NAMES = {
    "sqlite": frozenset({"audit_event_no_update", "audit_event_no_delete"}),
    "postgresql": frozenset(
        {"audit_event_no_update", "audit_event_no_delete", "audit_event_no_truncate"}
    ),
}
"""The guards that migrations made; `verify` reports when one of them is missing."""
