"""Downloads: the bytes that came in, as something to save and never as a page."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from app.files.backends import LocalStorage
from app.files.download import FileErased, send_stored_file
from app.files.lifecycle import ScanState
from app.files.models import StoredFile
from app.files.storage import FileDamaged, Storage
from app.kernel import clock

DATA = random.Random(7).randbytes(200_001)


def put(storage: Storage, data: bytes = DATA, **values: object) -> StoredFile:
    receipt = storage.put_stream([data], limit=10_000_000)
    sound: dict[str, object] = {
        "original_name": "report.pdf",
        "media_type": "application/pdf",
        "scan_state": ScanState.UNSCANNED,
    }
    return StoredFile(
        storage_key=receipt.key, size=receipt.size, sha256=receipt.sha256, **{**sound, **values}
    )


def ask(
    stored: StoredFile, storage: Storage, method: str = "GET", **headers: str
) -> tuple[Response, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(EnvironBuilder(method=method, headers=named).get_environ())
    response = send_stored_file(stored, storage, request)
    body = b"".join(response.iter_encoded()) if method == "GET" else b""
    response.close()
    return response, body


def test_a16_every_download_is_an_attachment_in_a_sandbox(storage: Storage) -> None:
    stored = put(storage, original_name='naïve "x"; a=b.html.txt', media_type="text/plain")
    response, body = ask(stored, storage)
    assert body == DATA
    headers = response.headers
    assert headers["Content-Disposition"].startswith("attachment; filename=")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Content-Length"] == str(len(DATA))
    assert headers["Accept-Ranges"] == "bytes"


def test_a18_the_name_never_chooses_the_type_or_breaks_the_header(
    local_storage: LocalStorage,
) -> None:
    for name in ("x.html", "a\r\nSet-Cookie: b=c.pdf", "../../x.pdf", "文档.pdf", '";x.pdf'):
        response, _ = ask(put(local_storage, original_name=name), local_storage)
        assert response.headers["Content-Type"] == "application/pdf"
        assert "Set-Cookie" not in response.headers
        assert "\n" not in response.headers["Content-Disposition"]


def test_head_has_the_headers_and_no_bytes(storage: Storage) -> None:
    response, _ = ask(put(storage), storage, "HEAD")
    assert response.status_code == 200
    assert response.headers["Content-Length"] == str(len(DATA))
    assert b"".join(response.iter_encoded()) == b""


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=200000-", 200_000, 200_001),
        ("bytes=-10", 199_991, 200_001),
        ("bytes=-900000", 0, 200_001),
        ("bytes=5-900000", 5, 200_001),
        ("bytes=0-", 0, 200_001),
    ],
)
def test_one_range_is_answered(storage: Storage, wanted: str, start: int, end: int) -> None:
    response, body = ask(put(storage), storage, Range=wanted)
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/200001"
    assert response.headers["Content-Length"] == str(end - start)
    assert body == DATA[start:end]


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-1,5-6"},
        {"Range": "lines=1-2"},
        {"Range": "bytes=9-1"},
        {"Range": "nonsense"},
        {"Range": "bytes=0-1", "If_Range": '"another version"'},
        {"Range": "bytes=0-1", "If_Range": "Mon, 23 Nov 2026 10:00:00 GMT"},
    ],
)
def test_what_is_no_single_range_of_this_version_gets_the_whole_file(
    local_storage: LocalStorage, headers: dict[str, str]
) -> None:
    response, body = ask(put(local_storage), local_storage, **headers)
    assert (response.status_code, body) == (200, DATA)


def test_a_range_of_this_version_is_answered(local_storage: LocalStorage) -> None:
    stored = put(local_storage)
    etag = ask(stored, local_storage)[0].headers["ETag"]
    response, body = ask(stored, local_storage, Range="bytes=0-1", If_Range=etag)
    assert (response.status_code, body) == (206, DATA[:2])


@pytest.mark.parametrize("wanted", ["bytes=200001-", "bytes=999999-1000000"])
def test_a_range_behind_the_end_is_416(local_storage: LocalStorage, wanted: str) -> None:
    response, body = ask(put(local_storage), local_storage, Range=wanted)
    assert (response.status_code, body) == (416, b"")
    assert response.headers["Content-Range"] == "bytes */200001"


@pytest.fixture(scope="module")
def module_storage(tmp_path_factory: pytest.TempPathFactory) -> LocalStorage:
    return LocalStorage(tmp_path_factory.mktemp("files"))


@given(
    data=st.binary(min_size=1, max_size=3_000),
    start=st.integers(0, 4_000),
    length=st.integers(0, 4_000),
)
@example(data=b"a" * 200_000, start=65_535, length=65_538)
@hypothesis_settings(max_examples=150, deadline=None)
def test_downloaded_bytes_are_the_stored_bytes_in_any_range(
    module_storage: LocalStorage, data: bytes, start: int, length: int
) -> None:
    stored = put(module_storage, data)
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    _, whole = ask(stored, module_storage)
    assert whole == data
    response, part = ask(stored, module_storage, Range=f"bytes={start}-{start + length}")
    if start >= len(data):
        assert response.status_code == 416
    else:
        assert (response.status_code, part) == (206, data[start : start + length + 1])
    assert part == b"".join(
        module_storage.open_range(
            stored.storage_key, min(start, len(data)), min(start + length + 1, len(data))
        )
    )


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("wanted", [None, "bytes=0-3"])
def test_f10_wrong_bytes_never_leave_not_even_a_whole_range_of_them(
    local_storage: LocalStorage, method: str, wanted: str | None
) -> None:
    stored = put(local_storage)
    path = local_storage.root / stored.storage_key
    headers = {} if wanted is None else {"Range": wanted}
    for content in (DATA[:-1] + bytes([DATA[-1] ^ 1]), DATA[:-1], DATA + b"x"):
        path.write_bytes(content)
        with pytest.raises(FileDamaged, match="not as it was when it was uploaded"):
            ask(stored, local_storage, method, **headers)
    path.unlink()
    with pytest.raises(FileDamaged):
        ask(stored, local_storage, method, **headers)


def test_erased_files_say_so(local_storage: LocalStorage) -> None:
    stored = put(local_storage, deleted_at=clock.now())
    with pytest.raises(FileErased, match="keeping time ended"):
        ask(stored, local_storage)


def test_open_files_are_closed_when_the_reader_goes_away(local_storage: LocalStorage) -> None:
    stored = put(local_storage)
    request = Request(EnvironBuilder().get_environ())
    response = send_stored_file(stored, local_storage, request)
    body = response.iter_encoded()
    assert next(iter(body)) == DATA[: 64 * 1024]
    response.close()
    descriptors = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    assert local_storage.root / stored.storage_key not in descriptors
