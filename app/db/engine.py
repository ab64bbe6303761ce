"""Engine and sessions. SQLite and PostgreSQL differ here and nowhere above."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.orm import Session, sessionmaker

BUSY_TIMEOUT_MS = 10_000
"""How long a SQLite connection waits for the writer before it."""

_PG_OPTIONS = "-c statement_timeout=30000 -c lock_timeout=10000 -c timezone=UTC"


class Database:
    """One database: its engine, and sessions that either read or write.

    A reading session cannot write (query_only, READ ONLY); a writing session on SQLite
    takes the write lock when it begins, since a read that turns into a write fails at
    once when somebody wrote in between, whatever the timeout.
    """

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        """Open `url`; nothing is connected before the first session."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if self.url.database in (None, "", ":memory:"):
                raise ValueError("SQLite needs a file: several connections share it")
            Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.engine = sa.create_engine(
                self.url,
                pool_size=pool_size,
                max_overflow=pool_size,
                pool_timeout=10,
                connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
            )
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = sa.create_engine(
                self.url,
                pool_size=pool_size,
                max_overflow=pool_size,
                pool_timeout=10,
                pool_pre_ping=True,
                connect_args={"connect_timeout": 5, "options": _PG_OPTIONS},
            )
        self._reading = self.engine.execution_options(
            assay_read_only=True, postgresql_readonly=True
        )
        self._sessions = sessionmaker(expire_on_commit=False, autoflush=True)
        self.on_session: list[Callable[[Session], None]] = []

    def session(self, *, write: bool) -> Session:
        """Return a new session; only `app.db.unit_of_work` should need it."""
        engine: Engine = self.engine if write else self._reading
        session = self._sessions(bind=engine)
        session.info["write"] = write
        for prepare in self.on_session:
            prepare(session)
        return session

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own BEGIN is deferred and comes too late; ours is sent by _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "temp_store=MEMORY",
        "cache_size=-16000",
        "journal_size_limit=67108864",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("assay_read_only"):
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
