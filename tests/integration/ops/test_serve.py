"""`serve`: the first start, the worker beside it, and every way in which it may end."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.ops.commands import (
    ROOMY,
    children_of,
    environment,
    eventually,
    fetch,
    free_port,
    is_alive,
)
from tests.support.databases import DatabaseSource

pytestmark = pytest.mark.slow


class Portal:
    """A started portal."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._words = data.parent / f"{data.name}.out"
        with self._words.open("w") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "app.cli", "serve"],
                env=environment(data, port=str(self.port), environment="test", **settings),
                cwd=data.parent, stdout=words, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def wait_until_ready(self) -> None:
        """Wait until pages are answered and the worker lives."""
        eventually(lambda: self.process.poll() is not None or self.worker_state() == "ok", "ready")
        assert self.process.poll() is None, self.words

    def worker_state(self) -> str:
        """Return what the readiness page says of the worker."""
        status, text = fetch(f"{self.url}/health/ready")
        return str(json.loads(text)["parts"]["worker"]) if status in (200, 503) else "no answer"

    @property
    def words(self) -> str:
        """Return what was printed so far."""
        return self._words.read_text()

    @property
    def worker(self) -> int:
        """Return the process id of the worker."""
        (pid,) = children_of(self.process.pid)
        return pid

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(ROOMY)


@contextlib.contextmanager
def started(data: Path, **settings: str) -> Iterator[Portal]:
    """Yield a started portal; it is gone afterwards with all that it started."""
    portal = Portal(data, **settings)
    try:
        yield portal
    finally:
        children = children_of(portal.process.pid)
        for pid in [portal.process.pid, *children]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        portal.process.wait()


def test_first_start_worker_and_the_end(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with started(data) as portal:
        portal.wait_until_ready()
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert stat.S_IMODE((data / "secret-key").stat().st_mode) == 0o600
        assert f"Assay is at {portal.url}" in portal.words
        found = re.search(rf"{portal.url}/first-administrator/\S+", portal.words)
        assert found is not None
        assert fetch(found[0])[0] == 200
        assert fetch(f"{portal.url}/first-administrator/another")[0] == 410

        # A worker that dies is replaced.
        first = portal.worker
        os.kill(first, signal.SIGKILL)
        eventually(lambda: not is_alive(first), "the worker is dead")
        eventually(lambda: len(children_of(portal.process.pid)) == 1, "another worker")
        second = portal.worker
        assert second != first

        assert portal.end() == 0
        assert not is_alive(second)
        assert "Traceback" not in portal.words
    # A second start finds everything there, and its own link works in place of the first.
    with started(data) as portal:
        portal.wait_until_ready()
        assert "The database is set up" not in portal.words
        assert "/first-administrator/" in portal.words
        assert portal.end(signal.SIGINT) == 0


@pytest.fixture
def data(database_source: DatabaseSource, tmp_path: Path) -> Iterator[Path]:
    """Return a data folder whose database is there already."""
    with database_source.fresh_url("sqlite", tmp_path / "data"):
        yield tmp_path / "data"


def test_a_worker_never_outlives_the_portal(data: Path) -> None:
    with started(data) as portal:
        portal.wait_until_ready()
        worker = portal.worker
        portal.end(signal.SIGKILL)
        eventually(lambda: not is_alive(worker), "the worker ends by itself")


def test_requests_at_hand_are_finished_before_the_end(data: Path) -> None:
    with started(data) as portal:
        portal.wait_until_ready()
        body = b"email=a&password=b"
        with socket.create_connection(("127.0.0.1", portal.port), ROOMY) as slow:
            slow.sendall(
                b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body[:5]
            )
            portal.process.send_signal(signal.SIGTERM)
            eventually(lambda: fetch(f"{portal.url}/health/live")[0] == 0, "no new requests")
            assert portal.process.poll() is None
            slow.sendall(body[5:])
            answer = b"".join(iter(lambda: slow.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 400 ")  # it has no token; the page is whole
        assert answer.rstrip().endswith(b"</html>")
        assert portal.process.wait(ROOMY) == 0


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = subprocess.run(
            [sys.executable, "-P", "-m", "app.cli", "serve"],
            env=environment(tmp_path / "data", port=port),
            capture_output=True, text=True, timeout=ROOMY, check=False,
        )  # fmt: skip
    assert refused.returncode == 3
    assert f"Port {port}" in refused.stderr
    assert "ASSAY_PORT" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert not (tmp_path / "data" / "assay.db").exists()


def test_the_demo_has_its_people_and_refusals_are_plain(data: Path) -> None:
    with started(data, demo="1", organisation_name="Halden Insurance") as portal:
        portal.wait_until_ready()
        assert f"The Assay demo is at {portal.url}" in portal.words
        assert "/first-administrator/" not in portal.words
        status, page = fetch(f"{portal.url}/sign-in")
        assert status == 200
        assert "ingrid@halden.example" in page
        assert "ferry past the harbour lights" in page
        refusals_in_plain_words(portal.port)
        assert portal.end() == 0


def answer_to(port: int, request: bytes) -> bytes:
    """Return the answer to a request; asked again when the rest of a long one cut it off."""
    for _ in range(20):
        with (
            contextlib.suppress(ConnectionError),
            socket.create_connection(("127.0.0.1", port), ROOMY) as client,
        ):
            client.sendall(request)
            answer = b""
            while piece := client.recv(65536):
                answer += piece
                if b"</html>" in answer:
                    return answer
    raise AssertionError("no answer")


def refusals_in_plain_words(port: int) -> None:
    """Send what never reaches the application, and look at what the server says to it."""
    answers = []
    for request in (
        b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999999999\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost 127.0.0.1\r\n\r\n",
    ):
        answers.append(answer_to(port, request))
    too_large, long_address, unclear = answers
    assert b" 413 " in too_large.splitlines()[0]
    assert b"send a smaller file or split it into parts." in too_large
    assert b" 431 " in long_address.splitlines()[0]
    assert b" 400 " in unclear.splitlines()[0]
    for answer in answers:
        assert b"server:" not in answer.partition(b"\r\n\r\n")[0].lower()
        assert b"waitress" not in answer
