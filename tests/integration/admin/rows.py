"""Many rows, written in few statements."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.audit.recorder import record
from app.identity.lifecycle import AccountState
from app.identity.models import RoleGrant, StaffAccount
from app.kernel import clock, ids
from app.outbox.lifecycle import JobState
from app.outbox.models import Job


def many_people(session: Session, count: int, **values: Any) -> list[dict[str, Any]]:
    """Write invited people named Person 00001 and so on, each with the role of a colleague."""
    start = session.execute(sa.select(sa.func.count()).select_from(StaffAccount)).scalar_one()
    rows = [
        {
            "id": ids.new_id(),
            "name": f"Person {number:05}",
            "name_key": f"person {number:05}",
            "email": f"p{number}@northwind.example",
            "email_key": f"p{number}@northwind.example",
            "state": AccountState.INVITED,
            "locale": "en",
            **values,
        }
        for number in range(start, start + count)
    ]
    session.execute(sa.insert(StaffAccount), rows)
    grants = [{"account_id": row["id"], "role": Role.COLLEAGUE} for row in rows]
    session.execute(sa.insert(RoleGrant), grants)
    return rows


def many_jobs(
    session: Session, count: int, state: JobState = JobState.DONE, **values: Any
) -> list[dict[str, Any]]:
    """Write jobs in one state, as the outbox leaves them."""
    now = clock.now()
    ended = state in (JobState.DONE, JobState.CANCELLED)
    rows = [
        {
            "id": ids.new_id(),
            "topic": "jobs.prune",
            "payload": {},
            "state": state,
            "priority": 1,
            "attempts": 1,
            "available_at": now,
            "created_at": now,
            "finished_at": now + dt.timedelta(minutes=1) if ended else None,
            "last_error": "The disk is full." if state is JobState.PARKED else None,
            **values,
        }
        for _ in range(count)
    ]
    session.execute(sa.insert(Job), rows)
    return rows


def many_events(session: Session, count: int, verb: str = "file.uploaded", **what: Any) -> None:
    """Have the recorder write events; they are appended when the unit of work ends."""
    for number in range(count):
        record(
            session,
            what.get("actor", SYSTEM),
            verb,
            subject_type=what.get("subject_type", "file"),
            subject_id=what.get("subject_id", ids.new_id()),
            subject_name=what.get("subject_name", f"report {number}.pdf"),
            before=what.get("before"),
            after=what.get("after", {"size": number}),
        )
