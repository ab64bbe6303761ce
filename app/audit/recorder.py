"""Writes the trail, in the transaction of the change that it records.

Events are collected during the transaction and appended just before its commit: the lock
on the end of the chain is then held only for the commit itself, so that writers queue
for moments and not for whole requests.
"""

from __future__ import annotations

import contextvars
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, SessionTransaction

from app.access.actor import Actor
from app.audit.chain import event_hash
from app.audit.models import AuditEvent, AuditHead
from app.db.types import canonical_json, instant_text
from app.kernel import clock

request_id: contextvars.ContextVar[str | None] = contextvars.ContextVar(
    "assay_request_id", default=None
)
"""Id of the request, job or command at work; logs and audit events carry it."""

Values = Mapping[str, str | int | bool | list[str] | None]

_SECRET_WORDS = ("password", "secret", "token", "code", "hash", "seed")


@dataclass(frozen=True, slots=True)
class _Pending:
    actor: Actor
    verb: str
    subject_type: str
    subject_id: str | None
    subject_name: str
    before: Values | None
    after: Values | None
    savepoint: SessionTransaction | None


def record(
    session: Session,
    actor: Actor,
    verb: str,
    *,
    subject_type: str,
    subject_id: uuid.UUID | str | None,
    subject_name: str = "",
    before: Values | None = None,
    after: Values | None = None,
) -> None:
    """Note that `actor` did `verb` (past tense, such as `account.invited`) to a subject.

    `before` and `after` hold plain values of the fields that changed, by field name, and
    never a secret: a name that sounds like one raises ValueError.
    """
    for values in (before, after):
        for name in values or ():
            if any(word in name.split("_") for word in _SECRET_WORDS):
                raise ValueError(f"the audit trail keeps no secrets: {name}")
    pending: list[_Pending] = session.info.setdefault("audit_pending", [])
    pending.append(
        _Pending(
            actor=actor,
            verb=verb,
            subject_type=subject_type,
            subject_id=None if subject_id is None else str(subject_id),
            subject_name=subject_name[:300],
            before=before,
            after=after,
            savepoint=session.get_nested_transaction(),
        )
    )


def install(session: Session) -> None:
    """Make a session append its events before it commits, and forget them when it rolls back."""
    sa.event.listen(session, "before_commit", _append)
    sa.event.listen(session, "after_soft_rollback", _forget)


def _forget(session: Session, ended: SessionTransaction) -> None:
    pending: list[_Pending] = session.info.get("audit_pending", [])
    if ended.nested:
        pending[:] = [event for event in pending if event.savepoint is not ended]
    else:
        pending.clear()


def _append(session: Session) -> None:
    pending: list[_Pending] = session.info.get("audit_pending", [])
    if not pending or session.in_nested_transaction():
        return
    session.flush()
    # The lock on this row is what keeps the chain in one line with several processes:
    # FOR UPDATE on PostgreSQL; SQLite has only one writer anyway.
    head = session.execute(
        sa.select(AuditHead.sequence, AuditHead.hash).where(AuditHead.id == 1).with_for_update()
    ).one()
    sequence, previous = head.sequence, head.hash
    rows = []
    for event in pending:
        sequence += 1
        at = clock.now()
        actor_id = None if event.actor.id is None else str(event.actor.id)
        row = {
            "sequence": sequence,
            "at": at,
            "actor_kind": event.actor.kind.value,
            "actor_id": actor_id,
            "actor_name": event.actor.name[:200],
            "verb": event.verb,
            "subject_type": event.subject_type,
            "subject_id": event.subject_id,
            "subject_name": event.subject_name,
            "before": event.before,
            "after": event.after,
            "request_id": request_id.get(),
            "previous_hash": previous,
        }
        previous = event_hash(previous, hashed_fields(row))
        rows.append({**row, "hash": previous})
    pending.clear()
    session.execute(sa.insert(AuditEvent), rows)
    session.execute(
        sa.update(AuditHead).where(AuditHead.id == 1).values(sequence=sequence, hash=previous)
    )


def hashed_fields(row: Mapping[Any, Any]) -> list[str | None]:
    """Return the columns of an event as the texts that its hash covers, in fixed order."""
    before, after = row["before"], row["after"]
    return [
        str(row["sequence"]),
        instant_text(row["at"]),
        *(
            None if row[name] is None else str(row[name])
            for name in (
                "actor_kind",
                "actor_id",
                "actor_name",
                "verb",
                "subject_type",
                "subject_id",
                "subject_name",
                "request_id",
            )
        ),
        None if before is None else before if isinstance(before, str) else canonical_json(before),
        None if after is None else after if isinstance(after, str) else canonical_json(after),
    ]
