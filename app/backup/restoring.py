"""Puts a backup back: into an empty database and an empty file store, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.audit import recorder
from app.audit.verify import Verdict, verify
from app.backup.archive import Archive, OnProgress, no_progress
from app.backup.manifest import BackupError, DamagedBackup, Manifest
from app.backup.tables import (
    columns_by_table,
    empty_tables,
    references_checked_last,
    set_sequences,
    write_rows,
)
from app.backup.writing import KEY_CHECK
from app.db.engine import Database
from app.db.migrate import bring_to, rebuilding
from app.db.schema import is_known, pinned_head, table_names
from app.files.storage import Storage
from app.kernel.sealing import Sealer, Unsealable

EndSessions = Callable[[Session], int]
"""Ends the sessions and one-time links of the old copy; returns how many there were."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `verdict` is that of the audit trail after it."""

    manifest: Manifest
    verdict: Verdict
    ended: int | None
    key_fits: bool


@dataclass(slots=True)
class Restore:
    """One restore: where to, and how.

    `storage` is None to leave the file store alone. `end_sessions` is None to let the
    sessions of the old copy live on.
    """

    database: Database
    storage: Storage | None
    sealer: Sealer
    end_sessions: EndSessions | None
    on_progress: OnProgress = field(default=no_progress)

    def run(self, archive: Archive) -> Restored:
        """Restore a backup and return what was done.

        Everything is checked before anything is written. Files come first and the one
        transaction of the database last: a restore that was cut off can be done again. A
        backup of an older version is brought to the present one.
        Raises BackupError and DamagedBackup with a sentence; the database is then as empty
        as before.
        """
        self._check_target(archive)
        archive.verify(self.on_progress)
        self._restore_files(archive)
        try:
            with rebuilding(self.database) as connection:
                self._fill(archive, connection)
                bring_to(connection, pinned_head())
                verdict, ended = self._finish(archive.manifest, connection)
        except DBAPIError as error:
            raise BackupError(
                f"The database did not take the backup ({_first_line(error)}); it is still empty."
            ) from error
        return Restored(archive.manifest, verdict, ended, self._key_fits(archive.manifest))

    def _check_target(self, archive: Archive) -> None:
        if not is_known(archive.manifest.revision):
            raise BackupError(
                f"This backup is of version {archive.manifest.revision}, which this portal does "
                "not know: a newer one made it. Restore it with that version."
            )
        tables = table_names(self.database)
        if tables:
            raise BackupError(
                "The database is not empty. A backup is restored beside what is there, never "
                "over it: set ASSAY_DATA_DIR to a new folder (and ASSAY_DATABASE_URL to an empty "
                "database, if you set it), restore there, look at it, then let the portal use it."
            )
        if self.storage is None or archive.manifest.file_list is None:
            return
        known = {part.key for part in archive.files()}
        if any(item.key not in known for item in self.storage.list_keys()):
            raise BackupError(
                "The file store holds files that are not in this backup. Set ASSAY_DATA_DIR to a "
                "new folder (or ASSAY_STORAGE_URL to an empty place), then restore again."
            )

    def _restore_files(self, archive: Archive) -> None:
        if self.storage is None:
            return
        for done, part in enumerate(archive.files(), 1):
            self.storage.put_back(
                part.key, archive.chunks(part.member), size=part.size, sha256=part.sha256
            )
            self.on_progress("Writing files", done, archive.manifest.file_count)

    def _fill(self, archive: Archive, connection: Connection) -> None:
        manifest = archive.manifest
        bring_to(connection, manifest.revision)
        fresh = columns_by_table(connection)
        expected = {table.name: table.columns for table in manifest.tables}
        if {name: set(columns) for name, columns in fresh.items()} != {
            name: set(columns) for name, columns in expected.items()
        }:
            raise BackupError(
                f"The tables in this backup are not those of version {manifest.revision} as this "
                "portal knows it. Restore it with the version of Assay that made it."
            )
        empty_tables(connection, fresh)
        with references_checked_last(connection):
            for done, table in enumerate(manifest.tables, 1):
                count = write_rows(connection, table.name, table.columns, archive.rows(table))
                if count != table.rows:
                    raise DamagedBackup(
                        f"The table {table.name} has {count} rows and the list of contents says "
                        f"{table.rows}. Use another backup."
                    )
                self.on_progress("Writing tables", done, len(manifest.tables))
        set_sequences(connection, fresh)

    def _finish(self, manifest: Manifest, connection: Connection) -> tuple[Verdict, int | None]:
        """Check the audit trail, end what must not live on, and write down the restore."""
        # Sessions that join the transaction of the connection: their ends end nothing of it.
        with Session(bind=connection, join_transaction_mode="rollback_only") as session:
            verdict = verify(
                session,
                lambda done, total: self.on_progress("Checking the audit trail", done, total),
            )
        with Session(bind=connection, join_transaction_mode="rollback_only") as session:
            for prepare in self.database.on_session:
                prepare(session)
            with session.begin():
                ended = None if self.end_sessions is None else self.end_sessions(session)
                recorder.record(
                    session,
                    SYSTEM,
                    "backup.restored",
                    subject_type="backup",
                    subject_id=None,
                    after={"made_at": manifest.made_at, "sessions_ended": ended},
                )
        return verdict, ended

    def _key_fits(self, manifest: Manifest) -> bool:
        try:
            self.sealer.open(KEY_CHECK, manifest.key_check)
        except Unsealable:
            return False
        return True


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0][:200]
