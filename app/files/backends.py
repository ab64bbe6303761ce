"""The two stores: a local folder, and S3-compatible storage.

The local folder uses the operating system directly. obstore's local store was measured
and does not suit: it renames without fsync, so a file that was acknowledged can be empty
after a power cut, and a process that was forked after using it hangs.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from app.files.storage import (
    CHUNK,
    Draft,
    Receipt,
    Storage,
    StoredObject,
    check_key,
    copy_verified,
    damaged,
    is_key,
    refuse_write,
    writing,
)
from app.kernel import ids
from app.kernel.errors import Unavailable
from config import Settings

_DRAFT = "draft-"


def open_storage(settings: Settings) -> Storage:
    """Return the store that the settings name: S3, or the folder `files` in the data folder."""
    if settings.storage_url:
        return ObjectStorage(settings.storage_url)
    return LocalStorage(settings.data_dir / "files")


class LocalStorage(Storage):
    """Files in a folder that only this user may enter."""

    def __init__(self, root: Path) -> None:
        """Make the folder if need be. Raises Unavailable when that cannot be done."""
        self.root = root
        with writing():
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            root.chmod(0o700)

    @contextlib.contextmanager
    def _draft(self) -> Iterator[Draft]:
        # In the same file system as its last place, so that the rename is one step.
        path = self.root / f"{_DRAFT}{ids.token_hash(ids.new_token())}"
        with writing():
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w+b", buffering=0) as file:
                yield Draft(cast(BinaryIO, file), path)
        finally:
            # Kept files have another name by now. What cannot be removed, the sweep removes.
            with contextlib.suppress(OSError):
                path.unlink()

    def _keep(self, draft: Draft, receipt: Receipt) -> None:
        assert draft.path is not None
        target = self._path(receipt.key)
        os.fsync(draft.file.fileno())
        if not target.parent.exists():
            target.parent.mkdir(exist_ok=True, mode=0o700)
            _sync_folder(self.root)
        draft.path.rename(target)
        _sync_folder(target.parent)

    def open_range(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Return the bytes from `start` up to `end` in pieces; raise FileDamaged if short."""
        with self._open(key) as file:
            file.seek(start)
            left = end - start
            while left > 0:
                chunk = file.read(min(CHUNK, left))
                if not chunk:
                    raise damaged("shorter")
                left -= len(chunk)
                yield chunk

    def open_verified(self, key: str, *, size: int, sha256: str) -> BinaryIO:
        """Return the file at its start after comparing the digest; raise FileDamaged."""
        file = self._open(key)
        try:
            if os.fstat(file.fileno()).st_size != size:
                raise damaged("size")
            copy_verified(file.read, None, size=size, sha256=sha256)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def delete(self, key: str) -> None:
        """Erase the bytes, durably."""
        path = self._path(key)
        with writing():
            path.unlink(missing_ok=True)
            if path.parent.exists():
                _sync_folder(path.parent)

    def list_keys(self) -> Iterator[StoredObject]:
        """Return everything that is kept; drafts and foreign files are left out."""
        for folder in sorted(self.root.iterdir()):
            if not folder.is_dir():
                continue
            for path in folder.iterdir():
                key = f"{folder.name}/{path.name}"
                with contextlib.suppress(FileNotFoundError):  # erased while we look
                    if is_key(key):
                        yield StoredObject(key, path.stat().st_size, _modified(path))

    def check(self) -> None:
        """Write and remove a small draft; raise Unavailable when that cannot be done."""
        with self._draft() as draft, writing():
            draft.file.write(b"check")

    def clear_drafts(self, before: dt.datetime) -> int:
        """Remove drafts older than an instant; return how many."""
        cleared = 0
        for path in self.root.glob(f"{_DRAFT}*"):
            with contextlib.suppress(FileNotFoundError):
                if _modified(path) < before:
                    path.unlink()
                    cleared += 1
        return cleared

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    def _open(self, key: str) -> BinaryIO:
        # Opened here and closed by whoever it is handed to.
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as error:
            raise damaged("missing") from error
        except OSError as error:
            raise Unavailable(
                "The file store does not answer right now. Try again in a minute."
            ) from error


def _modified(path: Path) -> dt.datetime:
    return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)


def _sync_folder(path: Path) -> None:
    """Make a rename in a folder survive a power cut; Windows has nothing to ask for that."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class ObjectStorage(Storage):
    """Files in an S3-compatible bucket; credentials and endpoint come from the AWS_* variables."""

    def __init__(self, url: str) -> None:
        """Keep the address, such as s3://bucket/prefix; nothing is asked of it yet."""
        self._store = S3Store.from_url(
            url,
            config={"checksum_algorithm": "SHA256"},
            client_options={
                "connect_timeout": "5s",
                "timeout": "60s",
                "allow_http": _allows_http(),
            },
            retry_config={"max_retries": 2, "retry_timeout": dt.timedelta(seconds=15)},
        )
        self._process: int | None = None

    @contextlib.contextmanager
    def _draft(self) -> Iterator[Draft]:
        with tempfile.TemporaryFile(buffering=0) as file:
            yield Draft(cast(BinaryIO, file), None)

    def _keep(self, draft: Draft, receipt: Receipt) -> None:
        with self._asking():
            # One piece up to 5 MB, else a multipart upload; either appears whole or not at all.
            obstore.put(self._ready(), receipt.key, draft.file, max_concurrency=2)
            if obstore.head(self._ready(), receipt.key)["size"] != receipt.size:
                raise Unavailable("The file store kept only a part of the file; try again.")

    def open_range(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Return the bytes from `start` up to `end` in pieces; raise FileDamaged if short."""
        check_key(key)
        if start >= end:
            return
        left = end - start
        with self._asking():
            answer = obstore.get(self._ready(), key, options={"range": (start, end)})
            for chunk in answer.stream(min_chunk_size=CHUNK):
                left -= len(chunk)
                yield bytes(chunk)
        if left != 0:
            raise damaged("shorter")

    def open_verified(self, key: str, *, size: int, sha256: str) -> BinaryIO:
        """Return a checked local copy of the object at its start; raise FileDamaged."""
        check_key(key)
        copy = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - handed to the caller
        try:
            with self._asking():
                answer = obstore.get(self._ready(), key)
                if answer.meta["size"] != size:
                    raise damaged("size")
                chunks = iter(answer.stream(min_chunk_size=CHUNK))
                copy_verified(
                    lambda _size: bytes(next(chunks, b"")), copy, size=size, sha256=sha256
                )
            copy.seek(0)
        except OSError as error:
            copy.close()
            refuse_write(error)
        except BaseException:
            copy.close()
            raise
        return copy

    def delete(self, key: str) -> None:
        """Erase the object."""
        check_key(key)
        with self._asking(), contextlib.suppress(FileNotFoundError):
            obstore.delete(self._ready(), key)

    def list_keys(self) -> Iterator[StoredObject]:
        """Return everything under the prefix that is a file of ours."""
        with self._asking():
            for batch in obstore.list(self._ready(), chunk_size=1000):
                for item in batch:
                    if is_key(item["path"]):
                        yield StoredObject(item["path"], item["size"], item["last_modified"])

    def check(self) -> None:
        """Ask for the name of one object; raise Unavailable when there is no answer."""
        with self._asking():
            next(iter(obstore.list(self._ready(), chunk_size=1)), None)

    def clear_drafts(self, before: dt.datetime) -> int:
        """Do nothing: drafts here have no name, so the system removes them with the process."""
        del before
        return 0

    def _ready(self) -> S3Store:
        # The library's threads do not survive a fork, and its calls then wait for ever.
        if self._process is None:
            self._process = os.getpid()
        elif self._process != os.getpid():
            raise RuntimeError("the file store was used before this process was forked")
        return self._store

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise damaged("missing") from error
        except BaseError as error:
            raise Unavailable(
                "The file store does not answer right now. Nothing was changed; try again in a "
                "minute."
            ) from error


def _allows_http() -> bool:
    """Return whether the endpoint was named with http://, as for a store on this machine."""
    return os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
