"""Compares rows and bytes: digests of all files, bytes without a row, rows without bytes.

Reads long and writes short: no transaction is open while bytes are read.
"""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import structlog
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.audit.recorder import record
from app.db.engine import Database
from app.db.unit_of_work import in_unit_of_work, unit_of_work
from app.files.models import Damage, StoredFile
from app.files.queries import count_kept, known_keys, next_kept, waiting_for_scan
from app.files.services import ask_scan, note_damage
from app.files.storage import FileDamaged, Storage, StoredObject
from app.kernel import clock

log = structlog.get_logger()

ORPHAN_AGE = dt.timedelta(days=1)
"""Bytes younger than this may belong to an upload whose transaction has not ended."""

_WAIT_FOR_SCAN = dt.timedelta(days=1)
_BATCH = 500

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DamagedFile:
    """One file whose bytes are wrong."""

    id: uuid.UUID
    name: str
    damage: Damage


@dataclass(slots=True)
class VerifyReport:
    """What a check of all files found."""

    checked: int = 0
    damaged: list[DamagedFile] = field(default_factory=list)


@dataclass(slots=True)
class SweepReport:
    """What a sweep did: bytes removed without a row, or of erased files; rows without bytes."""

    drafts: int = 0
    orphans: int = 0
    erased: int = 0
    missing: list[DamagedFile] = field(default_factory=list)
    scans_asked: int = 0


def verify_files(
    database: Database, storage: Storage, on_progress: OnProgress | None = None
) -> VerifyReport:
    """Read every file and compare its size and digest; write down and report what is wrong.

    `on_progress` is told (files checked, files in all). Raises Unavailable when the store
    does not answer: that is no damage.
    """
    report = VerifyReport()
    with unit_of_work(database, write=False) as session:
        total = count_kept(session)
    for stored in _kept_files(database):
        damage = check_file(database, storage, stored)
        report.checked += 1
        if damage is not None:
            report.damaged.append(DamagedFile(stored.id, stored.original_name, damage))
        if on_progress is not None and report.checked % 20 == 0:
            on_progress(min(report.checked, total), total)
    return report


def check_file(database: Database, storage: Storage, stored: StoredFile) -> Damage | None:
    """Read one file, write down whether it is damaged when that is news, and return how."""
    try:
        storage.open_verified(stored.storage_key, size=stored.size, sha256=stored.sha256).close()
        damage = None
    except FileDamaged as error:
        damage = Damage(str(error.details["reason"]))
    if damage != stored.damage:
        write_damage(database, stored.id, damage)
    return damage


def write_damage(database: Database, file_id: uuid.UUID, damage: Damage | None) -> None:
    """Write down damage, or its end, in a transaction of its own; the log raises the alarm."""
    if in_unit_of_work(database, lambda session: note_damage(session, file_id, damage)):
        if damage is None:
            log.info("file.intact_again", file_id=str(file_id))
        else:
            log.error("file.damaged", file_id=str(file_id), damage=damage.value)


def sweep(database: Database, storage: Storage, *, scan: bool = False) -> SweepReport:
    """Bring rows and bytes together again; safe to run at any time and to repeat.

    Removes drafts and bytes without a row that are older than a day, and bytes of files
    erased by rule; notes rows whose bytes are gone; with `scan` asks the scanner again
    about files that have waited for a day.
    """
    began = clock.now()
    report = SweepReport(drafts=storage.clear_drafts(began - ORPHAN_AGE))
    found: set[str] = set()
    for batch in _grouped(storage.list_keys()):
        found.update(item.key for item in batch)
        _remove_unwanted(database, storage, batch, began - ORPHAN_AGE, report)
    for stored in _kept_files(database):
        damage = None if stored.storage_key in found else Damage.MISSING
        # Younger rows may have been written after their folder was listed.
        if damage is not None and stored.created_at < began:
            report.missing.append(DamagedFile(stored.id, stored.original_name, damage))
            if stored.damage != damage:
                write_damage(database, stored.id, damage)
    if scan:
        report.scans_asked = in_unit_of_work(
            database, lambda session: _ask_again(session, began - _WAIT_FOR_SCAN)
        )
    if report.orphans or report.erased:
        in_unit_of_work(database, lambda session: _note_sweep(session, report))
    return report


def _remove_unwanted(
    database: Database,
    storage: Storage,
    batch: list[StoredObject],
    before: dt.datetime,
    report: SweepReport,
) -> None:
    with unit_of_work(database, write=False) as session:
        known = known_keys(session, [item.key for item in batch])
    for item in batch:
        is_erased = known.get(item.key)
        if is_erased:
            storage.delete(item.key)
            report.erased += 1
        elif is_erased is None and item.modified_at < before:
            storage.delete(item.key)
            report.orphans += 1


def _kept_files(database: Database) -> Iterator[StoredFile]:
    """Return all files that should have bytes; each batch in a short transaction."""
    last: uuid.UUID | None = None
    while True:
        with unit_of_work(database, write=False) as session:
            rows = next_kept(session, last)
        if not rows:
            return
        yield from rows
        last = rows[-1].id


def _grouped(items: Iterator[StoredObject]) -> Iterator[list[StoredObject]]:
    while batch := list(itertools.islice(items, _BATCH)):
        yield batch


def _ask_again(session: Session, before: dt.datetime) -> int:
    waiting = waiting_for_scan(session, before)
    for stored in waiting:
        ask_scan(session, stored)
    return len(waiting)


def _note_sweep(session: Session, report: SweepReport) -> None:
    record(
        session,
        SYSTEM,
        "files.swept",
        subject_type="file_store",
        subject_id=None,
        after={"orphans": report.orphans, "erased": report.erased},
    )
