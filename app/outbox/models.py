"""Tables of the outbox: jobs, slots of periodic jobs, signs of life of workers."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Stamped
from app.db.types import CanonicalJson, state_column
from app.outbox.lifecycle import JobState
from app.outbox.retry import REASON_LENGTH


class Priority(enum.IntEnum):
    """Which jobs go first. Few on purpose: the claim looks at each lane in turn."""

    URGENT = 0
    NORMAL = 1
    LOW = 2


class Job(Base, Identified, Stamped):
    """One message or piece of work, written in the transaction that wants it done.

    `id` is the stable id for the outside: each attempt shows the same one. `payload` holds
    ids and plain values, never a secret. `dedupe_key` is unique within its topic.
    `owner_id` is the account that may see progress and result under the words of `title`;
    accounts live above this package, so it is no foreign key.
    """

    __tablename__ = "job"

    topic: Mapped[str] = mapped_column(sa.String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(CanonicalJson)
    dedupe_key: Mapped[str | None] = mapped_column(sa.String(200))
    state: Mapped[JobState] = mapped_column(state_column(JobState), default=JobState.READY)
    priority: Mapped[int] = mapped_column(sa.SmallInteger, default=Priority.NORMAL)
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    available_at: Mapped[dt.datetime]
    lease_until: Mapped[dt.datetime | None]
    lease_token: Mapped[uuid.UUID | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None] = mapped_column(sa.String(REASON_LENGTH))
    owner_id: Mapped[uuid.UUID | None]
    title: Mapped[str | None] = mapped_column(sa.String(200))
    progress_done: Mapped[int | None] = mapped_column(sa.Integer)
    progress_total: Mapped[int | None] = mapped_column(sa.Integer)
    result: Mapped[dict[str, Any] | None] = mapped_column(CanonicalJson)
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    seen_at: Mapped[dt.datetime | None]
    """When the owner put the notice of the result away."""

    __table_args__ = (
        sa.UniqueConstraint("topic", "dedupe_key"),
        sa.CheckConstraint("priority BETWEEN 0 AND 2", name="priority"),
        sa.CheckConstraint("attempts >= 0", name="attempts"),
        sa.CheckConstraint(
            "(state = 'running') = (lease_until IS NOT NULL) "
            "AND (state = 'running') = (lease_token IS NOT NULL)",
            name="running_has_lease",
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'cancelled')) = (finished_at IS NOT NULL)",
            name="final_has_instant",
        ),
        sa.CheckConstraint("state <> 'parked' OR last_error IS NOT NULL", name="parked_has_reason"),
        sa.CheckConstraint(
            "progress_done IS NULL OR (progress_done >= 0 AND "
            "(progress_total IS NULL OR progress_done <= progress_total))",
            name="progress",
        ),
        # The two that a claim reads hold only what is open, so that a million done jobs
        # cost it nothing. They repeat the state, or SQLite prefers the index of all states.
        sa.Index(
            "ix_job_ready",
            "state",
            "priority",
            "available_at",
            "id",
            sqlite_where=sa.text("state = 'ready'"),
            postgresql_where=sa.text("state = 'ready'"),
        ),
        sa.Index(
            "ix_job_running",
            "state",
            "lease_until",
            "id",
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        ),
        sa.Index("ix_job_state", "state", "id"),
        sa.Index("ix_job_topic", "topic", "id"),
        sa.Index(
            "ix_job_owner",
            "owner_id",
            "id",
            sqlite_where=sa.text("owner_id IS NOT NULL"),
            postgresql_where=sa.text("owner_id IS NOT NULL"),
        ),
        # Asked on each page of a signed-in person.
        sa.Index(
            "ix_job_unseen",
            "owner_id",
            "id",
            sqlite_where=sa.text("seen_at IS NULL AND title IS NOT NULL"),
            postgresql_where=sa.text("seen_at IS NULL AND title IS NOT NULL"),
        ),
    )


class PeriodicSlot(Base):
    """A slot of a periodic job that was opened; the primary key lets exactly one worker do it.

    `job_id` is the job of the slot. It is no foreign key: done jobs are pruned earlier.
    """

    __tablename__ = "periodic_slot"

    name: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    slot_start: Mapped[dt.datetime] = mapped_column(primary_key=True)
    job_id: Mapped[uuid.UUID]


class WorkerHeartbeat(Base, Identified):
    """A worker process that said it was alive at `seen_at`; removed when it stops in peace."""

    __tablename__ = "worker_heartbeat"

    name: Mapped[str] = mapped_column(sa.String(120))
    started_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
