"""Runs commands of the portal."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from app import logs
from app.cli import main
from config import ROOT

ROOMY = 120
"""Seconds that anything may take on a busy machine before a test gives up."""


def environment(data: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a command with its own data folder; settings without ASSAY_."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
    own = {"PYTHONPATH": str(ROOT), "ASSAY_DATA_DIR": str(data), **named(settings)}
    return {**kept, **own}


def named(settings: dict[str, str]) -> dict[str, str]:
    """Return settings by the names of their environment variables."""
    return {f"ASSAY_{name.upper()}": value for name, value in settings.items()}


def command(data: Path, *arguments: str, **settings: str) -> Result:
    """Run a command in this process, which saves seconds; all but the start is the same."""
    own = {"ASSAY_DATA_DIR": str(data), **named(settings)}
    result = CliRunner(env=own).invoke(main, arguments, prog_name="./run")
    logs.configure("ERROR")  # it wrote to the runner's own standard error, which is gone
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def process(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, as people do."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "app.cli", *arguments],
        env=environment(data, **settings), cwd=ROOT, text=True, capture_output=True,
        timeout=ROOMY, check=False,
    )  # fmt: skip


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + ROOMY
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)


def fetch(url: str) -> tuple[int, str]:
    """Return status and text of a page, whatever the status; status 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=ROOMY) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except (urllib.error.URLError, ConnectionError):
        return 0, ""


def children_of(pid: int) -> list[int]:
    """Return the processes that a process started and that still live."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it ended while we looked
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def is_alive(pid: int) -> bool:
    """Return whether a process lives; one that nobody has waited for yet does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
