"""The table of stored files. The bytes lie in the store; a row is never rewritten or removed."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Stamped
from app.db.types import state_column
from app.files.lifecycle import RELEASED, ScanState


class Damage(enum.StrEnum):
    """How the stored bytes differ from the uploaded ones."""

    MISSING = "missing"
    SIZE = "size"
    SHORTER = "shorter"
    LONGER = "longer"
    CHANGED = "changed"


class StoredFile(Base, Identified, Stamped):
    """One uploaded file.

    `storage_key` is random and ours; `original_name` is data, cleaned for people. `size` is
    in bytes, `sha256` in hex, `media_type` from our own list. `purpose` says which feature
    wanted it. The uploader is kept as plain text, since accounts live above this package
    and vendors have none. `damage` is set when the bytes were found wrong, and taken away
    when a later check finds them right again. `deleted_at`: the bytes were erased by rule;
    the row stays.
    """

    __tablename__ = "stored_file"

    storage_key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    original_name: Mapped[str] = mapped_column(sa.String(200))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    purpose: Mapped[str] = mapped_column(sa.String(40))
    scan_state: Mapped[ScanState] = mapped_column(state_column(ScanState))
    scanned_at: Mapped[dt.datetime | None]
    scan_finding: Mapped[str | None] = mapped_column(sa.String(200))
    uploaded_by_kind: Mapped[str] = mapped_column(sa.String(20))
    uploaded_by_id: Mapped[str | None] = mapped_column(sa.String(36))
    uploaded_by_name: Mapped[str] = mapped_column(sa.String(200))
    damage: Mapped[Damage | None] = mapped_column(state_column(Damage))
    damaged_at: Mapped[dt.datetime | None]
    deleted_at: Mapped[dt.datetime | None]

    __table_args__ = (
        sa.CheckConstraint("size > 0", name="size"),
        sa.CheckConstraint("length(sha256) = 64", name="sha256"),
        sa.CheckConstraint("original_name <> '' AND purpose <> ''", name="named"),
        sa.CheckConstraint(
            "(scan_state IN ('clean', 'quarantined')) = (scanned_at IS NOT NULL)",
            name="answered_has_instant",
        ),
        sa.CheckConstraint(
            "(scan_state = 'quarantined') = (scan_finding IS NOT NULL)",
            name="quarantined_has_finding",
        ),
        sa.CheckConstraint("(damage IS NULL) = (damaged_at IS NULL)", name="damaged_has_instant"),
        sa.Index("ix_stored_file_scan_state", "scan_state", "id"),
        sa.Index(
            "ix_stored_file_damage",
            "id",
            sqlite_where=sa.text("damage IS NOT NULL"),
            postgresql_where=sa.text("damage IS NOT NULL"),
        ),
    )

    @property
    def is_released(self) -> bool:
        """Return whether people may have the bytes."""
        return self.scan_state in RELEASED and self.deleted_at is None
