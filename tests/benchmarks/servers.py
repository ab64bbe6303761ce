"""The servers of a run: ours and nobody else's, on this machine only, ended with the run."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from config import ROOT
from tests.benchmarks.client import Ask, BenchError, Connection

PROCESSES, THREADS = 2, 8
START_SECONDS = 60
_END_SECONDS = 40
# As a careful administrator would have it: nothing that is answered may be lost.
DURABLE_POSTGRES = ("fsync=on", "synchronous_commit=on", "full_page_writes=on",
                    "max_connections=100", "shared_buffers=256MB", "jit=off", "timezone=UTC",
                    "log_min_messages=fatal")  # fmt: skip


class Server:
    """A started server with its address and its process."""

    def __init__(self, url: str, process: subprocess.Popen[bytes], log: Path) -> None:
        """Keep them."""
        self.url = url
        self.process = process
        self.log = log

    def wait(self, path: str) -> float:
        """Wait until a page answers; return after how many seconds."""
        began = time.monotonic()
        while True:
            try:
                with Connection(self.url) as connection:
                    connection.ask(Ask("GET", path))
                return time.monotonic() - began
            except (OSError, BenchError) as error:
                if self.process.poll() is not None or time.monotonic() - began > START_SECONDS:
                    words = self.log.read_text(errors="replace")[-2000:]
                    code = self.process.poll()
                    raise BenchError(f"The server did not start ({code}).\n{words}") from error
                time.sleep(0.01)

    def memory(self) -> list[int]:
        """Return the bytes in memory of each web process; empty where this cannot be read."""
        sizes = []
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ValueError):
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.process.pid:
                    pages = int((path / "statm").read_text().split()[1])
                    sizes.append(pages * os.sysconf("SC_PAGE_SIZE"))
        return sizes


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def started(
    command: list[str], environment: Mapping[str, str], port: int, log: Path
) -> Iterator[Server]:
    """Start a server, yield it, and end it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
    with log.open("wb") as words:
        process = subprocess.Popen(
            command, env={**kept, "PYTHONPATH": str(ROOT), **environment}, cwd=ROOT,
            stdout=words, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        yield Server(f"http://127.0.0.1:{port}", process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def portal_server(settings: Mapping[str, str], log: Path) -> Iterator[Server]:
    """Yield the portal as in production: gunicorn with our own settings, two processes."""
    port = free_port()
    own = {**settings, "ASSAY_PORT": str(port), "WEB_CONCURRENCY": str(PROCESSES)}
    command = [sys.executable, "-m", "gunicorn", "wsgi:application"]
    with started(command, own, port, log) as server:
        server.wait("/health/live")
        yield server


@contextlib.contextmanager
def reference_server(database_url: str, log: Path) -> Iterator[Server]:
    """Yield the plain pages, on the same kind and number of processes and threads."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--config", "/dev/null", "--no-control-socket",
        "--worker-class", "gthread", "--workers", str(PROCESSES), "--threads", str(THREADS),
        "--keep-alive", "75", "--bind", f"127.0.0.1:{port}", "--log-level", "warning",
        "tests.benchmarks.references:application",
    ]  # fmt: skip
    with started(command, {"ASSAY_BENCH_REFERENCES": database_url}, port, log) as server:
        server.wait("/r1")
        yield server


def seconds_to_first_page(data: Path, settings: Mapping[str, str], log: Path) -> float:
    """Return how long `./run serve` takes until it answers, from the start of the process."""
    port = free_port()
    command = [sys.executable, "-P", "-m", "app.cli", "serve"]
    own = {**settings, "ASSAY_DATA_DIR": str(data), "ASSAY_PORT": str(port)}
    with started(command, own, port, log) as server:
        return server.wait("/sign-in")
