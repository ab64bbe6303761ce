"""What the tests of backups share: a portal's data, and restoring it elsewhere."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.audit import recorder
from app.audit.recorder import record
from app.backup.archive import open_archive
from app.backup.manifest import Manifest
from app.backup.restoring import EndSessions, Restore, Restored
from app.backup.writing import take_backup
from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.files.backends import LocalStorage
from app.files.lifecycle import ScanState
from app.files.models import StoredFile
from app.kernel.sealing import Sealer
from app.outbox.publish import publish
from tests.support.databases import DatabaseSource

SEALER = Sealer(["a secret key for tests of backups"])


@dataclass(frozen=True, slots=True)
class Place:
    """A database and a file store that belong together."""

    database: Database
    storage: LocalStorage

    def back_up(self, target: Path, *, files: bool = True) -> Manifest:
        """Take a backup of this place."""
        storage = self.storage if files else None
        return take_backup(self.database, storage, SEALER, target, app_version="test")

    def restore(
        self,
        source: Path,
        *,
        files: bool = True,
        end_sessions: EndSessions | None = None,
        sealer: Sealer = SEALER,
    ) -> Restored:
        """Restore a backup into this place."""
        storage = self.storage if files else None
        with open_archive(source) as archive:
            return Restore(self.database, storage, sealer, end_sessions).run(archive)


class Places:
    """Gives out places of both kinds in folders of their own."""

    def __init__(self, source: DatabaseSource, folder: Path, stack: ExitStack) -> None:
        self._source = source
        self._folder = folder
        self._stack = stack
        self._count = 0

    def make(self, kind: str, *, migrated: bool) -> Place:
        """Return a new place; not migrated, it is empty."""
        self._count += 1
        folder = self._folder / f"place-{self._count}"
        folder.mkdir()
        database = self._stack.enter_context(self._source.fresh(kind, folder, migrated=migrated))
        database.on_session.append(recorder.install)
        return Place(database, LocalStorage(folder / "files"))


@contextmanager
def places_in(source: DatabaseSource, folder: Path) -> Iterator[Places]:
    """Yield the giver of places; all of them are closed afterwards."""
    with ExitStack() as stack:
        yield Places(source, folder, stack)


def save_one(place: Place, number: int) -> None:
    """Do what a save of a person does: a file, a job and an event, in one transaction."""
    with unit_of_work(place.database) as session:
        save_with(session, place.storage, number)


def save_with(session: Session, storage: LocalStorage, number: int) -> None:
    """Write a file, a row for it, a job and an event of the number."""
    content = f"content {number} \N{SNOWMAN}".encode() * (number % 7 + 1)
    receipt = storage.put_stream([content], limit=10_000)
    session.add(
        StoredFile(
            storage_key=receipt.key,
            original_name=f"file {number} \N{SNOWMAN}.txt",
            size=receipt.size,
            sha256=receipt.sha256,
            media_type="text/plain",
            purpose="test",
            scan_state=ScanState.UNSCANNED,
            uploaded_by_kind="system",
            uploaded_by_name="Test",
        )
    )
    publish(session, "test.topic", {"number": number, "text": 'quote " and \n line'})
    record(
        session,
        SYSTEM,
        "number.saved",
        subject_type="number",
        subject_id=str(number),
        subject_name=f"Number {number}",
        before={"value": None},
        after={"value": number, "names": ["Zoë", "文档", "\N{SNOWMAN}"]},
    )


def tables_of(backup: Path) -> dict[str, list[str]]:
    """Return the rows of each table in a backup, sorted, by name; each row by column name."""
    found = {}
    with zipfile.ZipFile(backup) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        for table in manifest["tables"]:
            lines = archive.read(table["member"]["name"]).decode().splitlines()
            rows = [dict(zip(table["columns"], json.loads(line), strict=True)) for line in lines]
            found[table["name"]] = sorted(json.dumps(row, sort_keys=True) for row in rows)
    return found
