"""Reads stored files. Only people who may read files see the list; features link their own."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.access.actor import Actor, require
from app.access.permissions import Permission
from app.files.lifecycle import ScanState
from app.files.models import StoredFile
from app.files.topics import VERIFY_TOPIC
from app.kernel import ids
from app.kernel.errors import NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, make_page
from app.outbox.models import Job

_BATCH = 500


@dataclass(frozen=True, slots=True)
class FileFilter:
    """Which files a list shows; None shows all."""

    scan_state: ScanState | None = None
    damaged: bool = False


def list_files(
    session: Session,
    actor: Actor,
    wanted: FileFilter,
    *,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[StoredFile]:
    """Return one page of files, newest first. Raises Forbidden."""
    require(actor, Permission.FILES_READ)
    statement = sa.select(StoredFile).order_by(StoredFile.id.desc()).limit(size + 1)
    if wanted.scan_state is not None:
        statement = statement.where(StoredFile.scan_state == wanted.scan_state)
    if wanted.damaged:
        statement = statement.where(StoredFile.damage.is_not(None))
    values = decode_cursor(cursor, 1)
    last = ids.parse_id(str(values[0])) if values else None
    if last is not None:
        statement = statement.where(StoredFile.id < last)
    rows = session.scalars(statement).all()
    return make_page(rows, size=size, cursor_of=lambda row: [str(row.id)], is_first=last is None)


def count_by_state(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many files stand in each scan state, and how many are damaged ("damaged")."""
    require(actor, Permission.FILES_READ)
    counts: dict[str, int] = {state.value: 0 for state in ScanState}
    grouped = sa.select(StoredFile.scan_state, sa.func.count()).group_by(StoredFile.scan_state)
    for state, count in session.execute(grouped):
        counts[state.value] = count
    damaged = sa.select(sa.func.count()).where(StoredFile.damage.is_not(None))
    counts["damaged"] = session.scalars(damaged).one()
    return counts


def get_file(session: Session, actor: Actor, file_id: uuid.UUID) -> StoredFile:
    """Return one file; raise NotFound when there is none, Forbidden without the permission."""
    require(actor, Permission.FILES_READ)
    return find_file(session, file_id)


def find_file(session: Session, file_id: uuid.UUID, *, lock: bool = False) -> StoredFile:
    """Return one file for a caller who has checked access by its own rule; raise NotFound."""
    statement = sa.select(StoredFile).where(StoredFile.id == file_id)
    if lock:
        statement = statement.with_for_update()
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound("There is no such file.")
    return found


def next_kept(session: Session, after: uuid.UUID | None) -> list[StoredFile]:
    """Return the next files, after an id, whose bytes should be there; none at the end."""
    statement = (
        sa.select(StoredFile)
        .where(StoredFile.deleted_at.is_(None))
        .order_by(StoredFile.id)
        .limit(_BATCH)
    )
    if after is not None:
        statement = statement.where(StoredFile.id > after)
    return list(session.scalars(statement))


def waiting_for_scan(session: Session, before: dt.datetime) -> list[StoredFile]:
    """Return some files that have waited for the scanner since before an instant."""
    statement = (
        sa.select(StoredFile)
        .where(
            StoredFile.scan_state == ScanState.PENDING,
            StoredFile.created_at < before,
            StoredFile.deleted_at.is_(None),
        )
        .order_by(StoredFile.id)
        .limit(_BATCH)
    )
    return list(session.scalars(statement))


def count_kept(session: Session) -> int:
    """Return how many files have bytes in the store."""
    statement = sa.select(sa.func.count()).where(StoredFile.deleted_at.is_(None))
    return session.scalars(statement).one()


def known_keys(session: Session, keys: Collection[str]) -> dict[str, bool]:
    """Return the keys that have a row → whether their bytes were erased by rule."""
    statement = sa.select(StoredFile.storage_key, StoredFile.deleted_at).where(
        StoredFile.storage_key.in_(keys)
    )
    return {key: deleted is not None for key, deleted in session.execute(statement)}


def last_check(session: Session) -> Job | None:
    """Return the latest job that checks all files: waiting, running or ended."""
    statement = sa.select(Job).where(Job.topic == VERIFY_TOPIC).order_by(Job.id.desc()).limit(1)
    return session.scalars(statement).one_or_none()
