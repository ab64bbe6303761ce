"""The file of a backup: a zip that any tool opens, written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from app.backup.manifest import (
    FILE_LIST,
    MANIFEST,
    BackupError,
    DamagedBackup,
    FilePart,
    Manifest,
    Member,
    TablePart,
    parse,
    parse_file_line,
)
from app.backup.values import from_line
from app.files.storage import CHUNK

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What zipfile raises for a broken file: a changed byte may claim a password or another method."""

OnProgress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is in all."""


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


class ArchiveWriter:
    """Adds members to a backup and counts what goes in."""

    def __init__(self, zip_file: zipfile.ZipFile) -> None:
        """Write into an open zip file."""
        self._zip = zip_file

    def add(self, name: str, chunks: Iterable[bytes], *, packed: bool = True) -> Member:
        """Add a member from pieces; files are mostly packed already and go in as they are."""
        info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as member:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                member.write(chunk)
        return Member(name, size, digest.hexdigest())


@contextlib.contextmanager
def new_archive(target: Path, *, on_progress: OnProgress = no_progress) -> Iterator[ArchiveWriter]:
    """Yield a writer of the backup `target`; it has that name only when it was read back whole.

    Raises BackupError when there is a file of that name or it cannot be written. Whatever
    goes wrong leaves nothing behind, save a draft beside it when the process is killed.
    """
    if target.exists():
        raise BackupError(f"There is a file {target} already; name another one.")
    draft = target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")
    try:
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _cannot_write(target, error) from error
    try:
        with os.fdopen(descriptor, "w+b") as file:
            with zipfile.ZipFile(file, "w", compresslevel=6) as zip_file:
                yield ArchiveWriter(zip_file)
            file.flush()
            os.fsync(file.fileno())
        with open_archive(draft) as archive:
            archive.verify(on_progress)
        draft.rename(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        draft.unlink(missing_ok=True)


def _cannot_write(target: Path, error: OSError) -> BackupError:
    return BackupError(
        f"The backup {target} cannot be written ({error.strerror or error}); nothing was kept. "
        "Name a folder that this user may write and that has room."
    )


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows has no such thing
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Archive:
    """A backup open for reading."""

    def __init__(self, zip_file: zipfile.ZipFile, manifest: Manifest) -> None:
        """Keep the open zip file and what it says about itself."""
        self._zip = zip_file
        self.manifest = manifest

    def verify(self, on_progress: OnProgress = no_progress) -> None:
        """Read everything and compare it with the digests; raise DamagedBackup if it differs."""
        manifest = self.manifest
        total = len(manifest.tables) + manifest.file_count
        for done, table in enumerate(manifest.tables, 1):
            self._compare(table.member)
            on_progress("Checking the backup", done, total)
        if manifest.file_list is None:
            return
        self._compare(manifest.file_list)
        count = 0
        for count, part in enumerate(self.files(), 1):
            self._compare(part.member)
            on_progress("Checking the backup", len(manifest.tables) + count, total)
        if count != manifest.file_count:
            raise DamagedBackup(_CHANGED)

    def _compare(self, member: Member) -> None:
        digest, size = hashlib.sha256(), 0
        for chunk in self.chunks(member):
            digest.update(chunk)
            size += len(chunk)
        if size != member.size or digest.hexdigest() != member.sha256:
            raise DamagedBackup(_CHANGED)

    def chunks(self, member: Member) -> Iterator[bytes]:
        """Return the bytes of a member in pieces, never more than its size says."""
        with self._open(member.name) as file, _reading():
            left = member.size + 1
            while left > 0 and (chunk := file.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk

    def rows(self, table: TablePart) -> Iterator[list[object]]:
        """Return the rows of a table; raise DamagedBackup for a line that is none."""
        with self._open(table.member.name) as file, _reading():
            for line in file:
                row = from_line(line)
                if len(row) != len(table.columns):
                    raise DamagedBackup(_CHANGED)
                yield row

    def files(self) -> Iterator[FilePart]:
        """Return the stored files that are in the backup."""
        if self.manifest.file_list is not None:
            with self._open(FILE_LIST) as file, _reading():
                for line in file:
                    yield parse_file_line(line)

    def _open(self, name: str) -> BinaryIO:
        try:
            return cast(BinaryIO, self._zip.open(name))
        except (KeyError, *_UNREADABLE) as error:
            raise DamagedBackup(_CHANGED) from error


_CHANGED = (
    "This backup is not as it was when it was taken: something in it was changed or lost. "
    "Use another backup."
)


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (KeyError, *_UNREADABLE) as error:
        raise DamagedBackup(_CHANGED) from error


@contextlib.contextmanager
def open_archive(source: Path) -> Iterator[Archive]:
    """Yield a backup open for reading; raise BackupError or DamagedBackup with a sentence."""
    try:
        file = source.open("rb")
    except OSError as error:
        raise BackupError(f"The backup {source} cannot be read ({error.strerror}).") from error
    with file:
        try:
            zip_file = zipfile.ZipFile(file)
        except _UNREADABLE as error:
            raise DamagedBackup(
                f"The file {source} is not a whole backup: it was cut short or is something "
                "else. Use another backup."
            ) from error
        with zip_file:
            try:
                data = zip_file.read(MANIFEST)
            except _UNREADABLE as error:
                raise DamagedBackup(_CHANGED) from error
            except KeyError as error:
                raise DamagedBackup(
                    f"The file {source} is no backup of Assay: its list of contents is missing."
                ) from error
            yield Archive(zip_file, parse(data))
