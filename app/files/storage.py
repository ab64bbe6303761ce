"""Where the bytes of files lie: what every store can do, whatever is behind it."""

from __future__ import annotations

import abc
import contextlib
import datetime as dt
import errno
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn, cast

from flask import Flask

from app.kernel import ids
from app.kernel.errors import DomainError, TooLarge, Unavailable

CHUNK = 64 * 1024
"""Bytes moved at a time, so that a file of any size needs the same memory."""

EXTENSION = "assay.files"

_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class StorageFull(Unavailable):
    """There is no room for the file; nothing was kept."""

    code = "storage_full"


class FileDamaged(DomainError):
    """The stored bytes are not the bytes that were uploaded, or are gone."""

    code = "file_damaged"
    status = 500


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a store took: its own random key, the size in bytes, the SHA-256 in hex."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What lies under a key: size in bytes and when it was written."""

    key: str
    size: int
    modified_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that is not kept yet: unbuffered, so that a full disk shows at the write.

    `path` is where it lies, or None when it has no name.
    """

    file: BinaryIO
    path: Path | None


Inspect = Callable[[BinaryIO], None]
"""Looks at a whole file before it is kept; raises DomainError to refuse it."""


def new_key() -> str:
    """Return a random key. Nothing that a person typed ever becomes part of a path."""
    text = ids.token_hash(ids.new_token())
    return f"{text[:2]}/{text}"


def is_key(text: str) -> bool:
    """Return whether `text` has the form of a key that a store gave out."""
    return _KEY.fullmatch(text) is not None


class Storage(abc.ABC):
    """One store of files. Safe to share between threads."""

    def put_stream(
        self, chunks: Iterable[bytes], *, limit: int, inspect: Inspect | None = None
    ) -> Receipt:
        """Keep the bytes of `chunks`, durably, after `inspect` has let them pass.

        Reads no further than `limit` bytes. Until the last step nothing but a draft
        exists, and whatever goes wrong removes the draft. Raises TooLarge, StorageFull,
        Unavailable, and what `inspect` and the source of the chunks raise.
        """
        with self._draft() as draft:
            digest, size = hashlib.sha256(), 0
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise too_large(limit)
                digest.update(chunk)
                with writing():
                    _write_all(draft.file, chunk)
            if inspect is not None:
                draft.file.seek(0)
                inspect(draft.file)
            draft.file.seek(0)
            receipt = Receipt(new_key(), size, digest.hexdigest())
            with writing():
                self._keep(draft, receipt)
            return receipt

    def put_back(self, key: str, chunks: Iterable[bytes], *, size: int, sha256: str) -> None:
        """Keep bytes under the key that they had, durably: for a restore.

        Raises FileDamaged when they are not the bytes of that size and digest, and what
        `put_stream` raises.
        """
        check_key(key)
        with self._draft() as draft:
            digest, count = hashlib.sha256(), 0
            for chunk in chunks:
                digest.update(chunk)
                count += len(chunk)
                with writing():
                    _write_all(draft.file, chunk)
            if count != size or digest.hexdigest() != sha256:
                raise damaged("changed")
            draft.file.seek(0)
            with writing():
                self._keep(draft, Receipt(key, size, sha256))

    @abc.abstractmethod
    def _draft(self) -> AbstractContextManager[Draft]:
        """Open a new empty draft for writing and reading; gone when the block ends unkept."""

    @abc.abstractmethod
    def _keep(self, draft: Draft, receipt: Receipt) -> None:
        """Make the draft durable under the key of the receipt."""

    @abc.abstractmethod
    def open_range(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Return the bytes from `start` up to, without, `end`, in pieces.

        Raises FileDamaged when they are not all there.
        """

    @abc.abstractmethod
    def open_verified(self, key: str, *, size: int, sha256: str) -> BinaryIO:
        """Return the file at its start, after reading all of it and comparing the digest.

        What is read from the result is what was compared: a change of the store in
        between does not reach the reader. Raises FileDamaged.
        """

    @abc.abstractmethod
    def delete(self, key: str) -> None:
        """Erase the bytes; a key that is gone already is no error."""

    @abc.abstractmethod
    def list_keys(self) -> Iterator[StoredObject]:
        """Return everything that is kept, in no order; drafts are left out."""

    @abc.abstractmethod
    def check(self) -> None:
        """Raise Unavailable when files could not be written now; for the readiness page."""

    @abc.abstractmethod
    def clear_drafts(self, before: dt.datetime) -> int:
        """Remove drafts that a killed process left behind before an instant; return how many."""


def storage_of(app: Flask) -> Storage:
    """Return the store of an application; `app.files.wiring` put it there."""
    return cast(Storage, app.extensions[EXTENSION])


def too_large(limit: int) -> TooLarge:
    """Return the refusal of more than `limit` bytes."""
    return TooLarge(
        f"This file is larger than {megabytes(limit)}. Make it smaller, for example by saving "
        "it as a PDF with smaller images, or split it into parts.",
        field="file",
        details={"limit": limit},
    )


def megabytes(size: int) -> str:
    """Return a limit as people read it, such as 25 MB."""
    return f"{size / 1_000_000:.0f} MB" if size >= 1_000_000 else f"{size} bytes"


def damaged(reason: str) -> FileDamaged:
    """Return the error for stored bytes that are wrong; `reason` is for logs and the trail."""
    return FileDamaged(
        "This file is not as it was when it was uploaded, so it is not handed out. Tell an "
        "administrator, who can restore it from a backup; then try again.",
        details={"reason": reason},
    )


def check_key(key: str) -> str:
    """Return the key; raise ValueError for anything that a store did not give out."""
    if not is_key(key):
        raise ValueError("not a storage key")
    return key


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Turn errors of the operating system into errors that have a sentence for people."""
    try:
        yield
    except OSError as error:
        refuse_write(error)


def refuse_write(error: OSError) -> NoReturn:
    """Raise StorageFull or Unavailable for an error of the operating system."""
    if error.errno in _NO_ROOM:
        raise StorageFull(
            "There is no room left to store files, so this one was not kept. Tell an "
            "administrator, and upload it again when there is room."
        ) from error
    raise Unavailable(
        "The file store does not take files right now. Nothing was kept; try again in a minute."
    ) from error


def _write_all(file: BinaryIO, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def copy_verified(
    read: Callable[[int], bytes], target: BinaryIO | None, *, size: int, sha256: str
) -> None:
    """Read a whole file, write it to `target` if given, and compare its size and digest.

    Raises FileDamaged.
    """
    digest, count = hashlib.sha256(), 0
    while chunk := read(CHUNK):
        count += len(chunk)
        if count > size:
            break
        digest.update(chunk)
        if target is not None:
            target.write(chunk)
    if count != size:
        raise damaged("longer" if count > size else "shorter")
    if digest.hexdigest() != sha256:
        raise damaged("changed")
