"""Hands a stored file out: whole or a range, always to be saved, never to be shown in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from werkzeug.datastructures import Range
from werkzeug.wrappers import Request, Response

from app.files.lifecycle import ScanState
from app.files.models import StoredFile
from app.files.names import content_disposition
from app.files.storage import CHUNK, Storage
from app.kernel.errors import Conflict, DomainError


class FileHeld(Conflict):
    """The file is there and not for handing out."""

    code = "file_held"


class FileErased(DomainError):
    """The bytes were erased by a retention rule."""

    code = "file_erased"
    status = 410


def send_stored_file(stored: StoredFile, storage: Storage, request: Request) -> Response:
    """Return the answer to a GET or HEAD for a file; the caller has checked who asks.

    All bytes are compared with the digest before the first one leaves. Answers 200, 206 or
    416. Raises FileHeld, FileErased, FileDamaged and Unavailable.
    """
    refuse_unless_released(stored)
    etag = f'"{stored.sha256}"'
    headers = {
        "Content-Disposition": content_disposition(stored.original_name),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
        "ETag": etag,
    }
    wanted = _wanted(request.range, request.headers.get("If-Range"), etag)
    start, end, status = 0, stored.size, 200
    if wanted is not None:
        found = _satisfied(wanted, stored.size)
        if found is None:
            headers["Content-Range"] = f"bytes */{stored.size}"
            return Response(status=416, headers=headers, content_type="text/plain; charset=utf-8")
        (start, end), status = found, 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{stored.size}"
    headers["Content-Length"] = str(end - start)
    file = storage.open_verified(stored.storage_key, size=stored.size, sha256=stored.sha256)
    body: Iterator[bytes] = iter(())
    if request.method == "HEAD":
        file.close()
    else:
        body = _range(file, start, end)
    response = Response(
        body, status=status, headers=headers, content_type=_content_type(stored.media_type)
    )
    response.call_on_close(file.close)
    return response


def refuse_unless_released(stored: StoredFile) -> None:
    """Raise FileHeld or FileErased, each with what to do, for a file that nobody gets."""
    if stored.deleted_at is not None:
        raise FileErased(
            "The content of this file was erased when its keeping time ended. Its name and digest "
            "are kept; ask the sender if you need it again."
        )
    if stored.scan_state is ScanState.PENDING:
        raise FileHeld(
            "This file is still being checked for malware. Try again in a few minutes.",
            code="file_pending",
        )
    if stored.scan_state is ScanState.QUARANTINED:
        raise FileHeld(
            "This file is held back because something harmful was found in it. Ask the sender for "
            "a clean copy, or an administrator to look at it.",
            code="file_quarantined",
        )


def _content_type(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _wanted(wanted: Range | None, if_range: str | None, etag: str) -> tuple[int, int | None] | None:
    """Return the one range that is asked for; None sends the whole file.

    Several ranges at once, other units and a range of another version get the whole file,
    as RFC 9110 allows.
    """
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    if if_range is not None and if_range.strip() != etag:
        return None
    return wanted.ranges[0]


def _satisfied(wanted: tuple[int, int | None], size: int) -> tuple[int, int] | None:
    start, end = wanted
    if start < 0:  # the last bytes
        return max(0, size + start), size
    if start >= size:
        return None
    return start, size if end is None else min(end, size)


def _range(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = end - start
        while left > 0:
            chunk = file.read(min(CHUNK, left))
            if not chunk:  # cut while we read: the length that was promised is not reached
                raise OSError("the stored file became shorter while it was sent")
            left -= len(chunk)
            yield chunk
