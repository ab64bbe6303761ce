"""Takes a backup while people work: one instant of the database, then the files that it names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.backup.archive import ArchiveWriter, OnProgress, new_archive, no_progress
from app.backup.manifest import (
    FILE_LIST,
    MANIFEST,
    BackupError,
    FilePart,
    Manifest,
    TablePart,
    file_line,
)
from app.backup.tables import columns_by_table, read_rows, snapshot
from app.backup.values import to_line
from app.db.engine import Database
from app.db.schema import SchemaError, current_revision
from app.db.types import instant_text
from app.files.storage import CHUNK, FileDamaged, Storage
from app.kernel import clock
from app.kernel.sealing import Sealer

KEY_CHECK = "backup.key_check"
_FILES = sa.table(
    "stored_file",
    sa.column("storage_key"),
    sa.column("size"),
    sa.column("sha256"),
    sa.column("deleted_at"),
)
"""Named by hand: before an upgrade the table is that of an older version."""


def take_backup(
    database: Database,
    storage: Storage | None,
    sealer: Sealer,
    target: Path,
    *,
    app_version: str,
    on_progress: OnProgress = no_progress,
) -> Manifest:
    """Write the backup `target` and return what is in it; without `storage`, no files.

    Everything that was answered as saved before this is called is in it. A stored file
    whose bytes are not whole does not stop it: the manifest names it. Raises BackupError,
    and SchemaError for a database without tables.
    """
    revision = current_revision(database)
    if revision is None:
        raise SchemaError("The database is empty: there is nothing to back up.")
    with new_archive(target, on_progress=on_progress) as writer:
        with snapshot(database) as connection:
            made_at = instant_text(clock.now())
            tables = _add_tables(writer, connection, on_progress)
            wanted = [] if storage is None else _named_files(connection, tables)
        kept, missing, listed = [], [], None
        if storage is not None:
            for done, part in enumerate(wanted, 1):
                if _add_file(writer, storage, part):
                    kept.append(part)
                else:
                    missing.append(part.key)
                on_progress("Copying files", done, len(wanted))
            listed = writer.add(FILE_LIST, map(file_line, kept))
        manifest = Manifest(
            revision=revision,
            made_at=made_at,
            app_version=app_version,
            source=database.url.get_backend_name(),
            key_check=sealer.seal(KEY_CHECK, b"assay"),
            tables=tuple(tables),
            file_list=listed,
            file_count=len(kept),
            missing_files=tuple(missing),
        )
        writer.add(MANIFEST, [manifest.to_json()])
    return manifest


def _add_tables(
    writer: ArchiveWriter, connection: Connection, on_progress: OnProgress
) -> list[TablePart]:
    found = columns_by_table(connection)
    parts = []
    for done, (name, columns) in enumerate(found.items(), 1):
        lines = _Lines(connection, name, columns)
        member = writer.add(f"tables/{name}.jsonl", lines)
        parts.append(TablePart(name, columns, lines.count, member))
        on_progress("Copying tables", done, len(found))
    return parts


class _Lines:
    """The rows of a table as lines, counted while they pass, in pieces of some size."""

    def __init__(self, connection: Connection, table: str, columns: tuple[str, ...]) -> None:
        self._rows = read_rows(connection, table, columns)
        self._table = table
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        piece = bytearray()
        for row in self._rows:
            try:
                piece += to_line(row)
            except (TypeError, ValueError) as error:
                raise BackupError(
                    f"A row of the table {self._table} cannot be kept in a backup: {error}."
                ) from error
            self.count += 1
            if len(piece) >= CHUNK:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece)


def _named_files(connection: Connection, tables: list[TablePart]) -> list[FilePart]:
    if _FILES.name not in {table.name for table in tables}:
        return []
    rows = connection.execute(
        sa.select(_FILES.c.storage_key, _FILES.c.size, _FILES.c.sha256)
        .where(_FILES.c.deleted_at.is_(None))
        .order_by(_FILES.c.storage_key)
    )
    return [FilePart(key, size, sha256) for key, size, sha256 in rows]


def _add_file(writer: ArchiveWriter, storage: Storage, part: FilePart) -> bool:
    """Add a file whose bytes are the ones that were uploaded; return whether they were."""
    try:
        file = storage.open_verified(part.key, size=part.size, sha256=part.sha256)
    except FileDamaged:
        return False
    with file:
        writer.add(part.member.name, iter(partial(file.read, CHUNK), b""), packed=False)
    return True
