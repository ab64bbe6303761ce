"""Databases for tests: migrated once per process, then copied as often as tests need one."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from app.audit import recorder
from app.db import migrate, query_log
from app.db.engine import Database
from tests.support.postgres import PostgresServer, running_server

KINDS = ("sqlite", "postgres")


class DatabaseSource:
    """Gives out databases of both kinds. Nothing is made before it is asked for."""

    def __init__(self, folder: Path) -> None:
        """Keep templates and copies under `folder`."""
        self._folder = folder
        self._stack = ExitStack()
        self._server: PostgresServer | None = None
        self._templates: dict[str, str | Path] = {}
        self._shared: dict[str, Database] = {}
        self._numbers = itertools.count(1)

    def __enter__(self) -> DatabaseSource:
        """Give access to the databases."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close and remove everything that was given out."""
        self._stack.close()

    @property
    def server(self) -> PostgresServer:
        """Return the PostgreSQL server, started at the first call."""
        if self._server is None:
            self._server = self._stack.enter_context(running_server())
        return self._server

    @contextmanager
    def fresh_url(self, kind: str, folder: Path, *, migrated: bool = True) -> Iterator[str]:
        """Yield the address of a database of one's own: at the pinned head, or empty."""
        if kind == "sqlite":
            path = folder / "assay.db"
            if migrated:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self._template("sqlite"), path)
            yield f"sqlite:///{path}"
            return
        name = f"test_{next(self._numbers)}"
        template = str(self._template("postgres")) if migrated else "template0"
        url = self.server.create(name, template=template)
        try:
            yield url
        finally:
            self.server.drop(name)

    @contextmanager
    def fresh(self, kind: str, folder: Path, *, migrated: bool = True) -> Iterator[Database]:
        """Yield an open database of one's own, without what the parts of a portal put on it."""
        with self.fresh_url(kind, folder, migrated=migrated) as url:
            database = open_database(url)
            try:
                yield database
            finally:
                database.dispose()

    @contextmanager
    def rolled_back_session(self, kind: str, prepared_by: Database) -> Iterator[Session]:
        """Yield a writing session whose every change is gone afterwards; quick.

        It carries what the parts of the portal put on the sessions of `prepared_by`.
        """
        if kind not in self._shared:
            folder = self._folder / "shared"
            self._shared[kind] = self._stack.enter_context(self.fresh(kind, folder))
        with self._shared[kind].engine.connect() as connection:
            transaction = connection.begin()
            session = Session(
                connection, join_transaction_mode="create_savepoint", expire_on_commit=False
            )
            session.info["write"] = True
            for prepare in prepared_by.on_session:
                prepare(session)
            try:
                yield session
            finally:
                session.close()
                transaction.rollback()

    def _template(self, kind: str) -> str | Path:
        if kind not in self._templates:
            if kind == "sqlite":
                path = self._folder / "template.db"
                self._templates[kind] = path
                url = f"sqlite:///{path}"
            else:
                self._templates[kind] = "assay_template"
                url = self.server.create("assay_template")
            database = Database(url)
            migrate.upgrade(database)
            database.dispose()
        return self._templates[kind]


def open_database(url: str) -> Database:
    """Return a database as the factory opens it: with the audit recorder and the query log."""
    database = Database(url)
    database.on_session.append(recorder.install)
    query_log.install(database.engine)
    return database


@contextmanager
def pointed_at(database: Database, url: str) -> Iterator[Database]:
    """Let `database` stand for another one for a while: the portal that holds it goes along.

    Making a portal takes half a second of compiling routes and templates; one for all tests
    of a process, moved from database to database, takes none.
    """
    hooks = database.on_session
    database.dispose()
    Database.__init__(database, url)
    database.on_session = hooks
    query_log.install(database.engine)
    try:
        yield database
    finally:
        database.dispose()
