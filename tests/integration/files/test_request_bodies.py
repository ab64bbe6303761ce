"""Bodies that are too large or never end, sent to real servers over a real socket."""

from __future__ import annotations

import gc
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import waitress.server
from waitress import wasyncore

from app.access.actor import Actor
from app.commands.serving import PortalChannel
from app.db.unit_of_work import unit_of_work
from app.files.backends import LocalStorage
from app.files.limits import largest_request, waitress_options
from app.files.models import StoredFile
from app.files.storage import storage_of
from app.web.application import Application
from config import Settings
from tests.unit.files import file_samples as samples

# waitress leaves the temporary file of a broken request to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

MEGABYTE = 1_000_000
BOUNDARY = "limit"
HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    "Content-Type: text/plain\r\n\r\n"
).encode()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings with a limit that a test reaches soon."""
    return settings.with_values(upload_max_megabytes=20)


@pytest.fixture
def served(app: Application, administrator: Actor) -> Iterator[int]:
    """The portal behind waitress with our limits, an administrator in front; gives the port."""
    app.actor_loader = lambda _request: administrator
    app.config["WTF_CSRF_ENABLED"] = False  # the token is not what is looked at here
    connections: dict[int, object] = {}
    server = waitress.server.create_server(
        app, host="127.0.0.1", port=0, map=connections, threads=4, **waitress_options(app.settings)
    )
    server.channel_class = PortalChannel
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=0.05, map=connections, count=1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.effective_port
    stopping.set()
    thread.join(10)
    server.task_dispatcher.shutdown()
    wasyncore.close_all(connections)
    del server
    gc.collect()


def head(port: int, path: str, *lines: str) -> bytes:
    return "\r\n".join(
        [
            f"POST {path} HTTP/1.1",
            f"Host: localhost:{port}",
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
            *lines,
            "",
            "",
        ]
    ).encode()


def send_without_end(
    connection: socket.socket, frame: Callable[[bytes], bytes], most: int
) -> tuple[int, bytes]:
    """Send until the server answers or `most` bytes are sent; return (bytes sent, answer)."""
    sent, answer = 0, b""
    connection.settimeout(0.0)
    waiting = frame(HEAD)
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        try:
            part = connection.recv(65_536)
            answer += part
            if not part or b"</html>" in answer:
                break
        except BlockingIOError:
            pass
        except ConnectionError:
            break
        if sent >= most:
            continue
        try:
            count = connection.send(waiting)
            sent += count
            waiting = waiting[count:] or frame(b"a" * 65_536)
        except BlockingIOError:
            time.sleep(0.001)
        except ConnectionError:
            continue
    return sent, answer


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def temporary_files() -> set[str]:
    """Return the files in the folder for temporary files that this process holds, named or not."""
    folder = tempfile.gettempdir()
    found = set()
    for path in Path("/proc/self/fd").iterdir():
        try:
            target = str(path.readlink())
        except FileNotFoundError:
            continue
        if target.startswith(f"{folder}/") and "(deleted)" in target:
            found.add(target)
    return found


@contextmanager
def memory_stays_below(growth: int) -> Iterator[None]:
    """Fail when this process grows by more than `growth` bytes meanwhile."""
    process, stopping = psutil.Process(), threading.Event()
    before = process.memory_info().rss
    peak = [before]

    def watch() -> None:
        while not stopping.wait(0.005):
            peak[0] = max(peak[0], process.memory_info().rss)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield
    stopping.set()
    thread.join(5)
    assert peak[0] - before < growth, f"grew by {(peak[0] - before) / MEGABYTE:.0f} MB"


def nothing_is_kept(app: Application) -> bool:
    storage = storage_of(app)
    assert isinstance(storage, LocalStorage)
    with unit_of_work(app.database, write=False) as session:
        rows = session.query(StoredFile).count()
    return rows == 0 and not [path for path in storage.root.rglob("*") if path.is_file()]


def test_a15_a_body_without_end_is_cut_soon_after_the_limit(served: int, app: Application) -> None:
    before = temporary_files()
    with (
        memory_stays_below(15 * MEGABYTE),
        socket.create_connection(("127.0.0.1", served)) as connection,
    ):
        connection.sendall(head(served, "/admin/files/upload", "Transfer-Encoding: chunked"))
        sent, answer = send_without_end(connection, chunk, 2**31)
    assert sent < largest_request(app.settings) + 10 * MEGABYTE
    assert b" 413 " in answer.splitlines()[0]
    assert b"larger than this portal takes. Go back, and send a smaller file" in answer
    assert nothing_is_kept(app)
    for _ in range(100):
        if temporary_files() <= before:
            break
        time.sleep(0.05)
    assert temporary_files() <= before


def test_a15_an_announced_body_of_2_gib_is_refused_before_it_is_sent(
    served: int, app: Application
) -> None:
    with socket.create_connection(("127.0.0.1", served), timeout=10) as connection:
        connection.sendall(head(served, "/admin/files/upload", f"Content-Length: {2**31}"))
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert b" 413 " in answer.splitlines()[0]
    assert b"Go back, and send a smaller file or split it into parts." in answer
    assert nothing_is_kept(app)


def test_a15_a_body_a_little_over_the_limit_gets_our_page(served: int, app: Application) -> None:
    body = HEAD + b"a" * (largest_request(app.settings) + 1) + f"\r\n--{BOUNDARY}--\r\n".encode()
    with socket.create_connection(("127.0.0.1", served), timeout=20) as connection:
        connection.sendall(head(served, "/admin/files/upload", f"Content-Length: {len(body)}"))
        connection.sendall(body)
        answer = b""
        while b"</html>" not in answer:
            answer += connection.recv(65_536)
    assert b" 413 " in answer.splitlines()[0]
    assert b"Send a smaller file, or split it into parts." in answer
    assert nothing_is_kept(app)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json"])
def test_a15_fields_alone_never_reach_the_size_of_a_file(
    served: int, app: Application, kind: str
) -> None:
    """Two megabytes are far below the limit of a file, and a million fields above all sense."""
    body = b"a&" * MEGABYTE
    request = head(served, "/preferences/theme", f"Content-Length: {len(body)}").replace(
        b"multipart/form-data; boundary=limit", kind.encode()
    )
    with (
        memory_stays_below(15 * MEGABYTE),
        socket.create_connection(("127.0.0.1", served), timeout=20) as connection,
    ):
        connection.sendall(request + body)
        answer = b""
        while b"</html>" not in answer:
            answer += connection.recv(65_536)
    assert b" 413 " in answer.splitlines()[0]


def test_a15_others_are_served_while_somebody_sends_without_end(served: int) -> None:
    with socket.create_connection(("127.0.0.1", served)) as slow:
        slow.sendall(head(served, "/admin/files/upload", "Transfer-Encoding: chunked"))
        slow.sendall(chunk(HEAD) + chunk(b"a" * 500_000))
        with socket.create_connection(("127.0.0.1", served), timeout=10) as other:
            request = f"GET /admin/files/ HTTP/1.1\r\nHost: localhost:{served}\r\n\r\n"
            other.sendall(request.encode())
            assert other.recv(65_536).startswith(b"HTTP/1.1 200")


def test_f17_a_socket_cut_half_way_leaves_nothing_and_the_retry_works(
    served: int, app: Application
) -> None:
    content = b"line of text\n" * 100_000
    body = HEAD + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    start = head(served, "/admin/files/upload", f"Content-Length: {len(body)}", "Connection: close")
    with socket.create_connection(("127.0.0.1", served), timeout=10) as connection:
        connection.sendall(start + body[: len(body) // 2])
    time.sleep(0.3)
    assert nothing_is_kept(app)
    with socket.create_connection(("127.0.0.1", served), timeout=10) as connection:
        connection.sendall(start + body)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 303")
    with unit_of_work(app.database, write=False) as session:
        stored = session.query(StoredFile).one()
    storage = storage_of(app)
    assert [item.key for item in storage.list_keys()] == [stored.storage_key]
    with storage.open_verified(stored.storage_key, size=len(content), sha256=stored.sha256) as file:
        assert file.read() == content


GUNICORN_APP = """
from flask import Flask, request
app = Flask("limits")
app.config.update(MAX_CONTENT_LENGTH={limit}, MAX_FORM_MEMORY_SIZE=1_000_000, MAX_FORM_PARTS=100)
@app.errorhandler(413)
def too_large(error):
    return "<!doctype html><p>Send a smaller file.</html>", 413
@app.post("/upload")
def upload():
    return str(len(request.files["file"].read()))
"""


@pytest.fixture
def gunicorn(tmp_path: Path) -> Iterator[tuple[int, psutil.Process]]:
    """gunicorn as in production, with our limits, around one upload route."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (tmp_path / "limited.py").write_text(GUNICORN_APP.format(limit=5 * MEGABYTE))
    with subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "4",
            "--no-control-socket", "--bind", f"127.0.0.1:{port}", "limited:app",
        ],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    ) as process:  # fmt: skip
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionError:
                time.sleep(0.05)
        yield port, psutil.Process(process.pid)
        process.terminate()


def test_a15_gunicorn_cuts_a_body_without_end(gunicorn: tuple[int, psutil.Process]) -> None:
    port, master = gunicorn
    (worker,) = master.children()
    before = worker.memory_info().rss
    for lines, frame in (
        (["Transfer-Encoding: chunked"], chunk),
        ([f"Content-Length: {2**31}"], lambda data: data),
    ):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head(port, "/upload", *lines))
            sent, answer = send_without_end(connection, frame, 2**31)
        assert sent < 25 * MEGABYTE
        assert re.match(rb"HTTP/1.1 413 ", answer)
        assert b"Send a smaller file" in answer
    assert worker.memory_info().rss - before < 15 * MEGABYTE
    assert worker.num_fds() < 30
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        body = HEAD + samples.PDF + f"\r\n--{BOUNDARY}--\r\n".encode()
        closing = head(port, "/upload", f"Content-Length: {len(body)}", "Connection: close")
        connection.sendall(closing + body)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        assert answer.endswith(str(len(samples.PDF)).encode())
