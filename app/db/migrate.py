"""Migrations: one pinned head, applied whole or not at all, after a backup."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from app.db.engine import Database
from config import ROOT

_FOLDER = ROOT / "migrations"


class SchemaError(Exception):
    """The database does not fit this version of the portal; the message says what to run."""


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return ScriptDirectory.from_config(config)


def pinned_head() -> str:
    """Return the revision that this version of the portal works with."""
    return (_FOLDER / "HEAD").read_text(encoding="ascii").strip()


def current_revision(database: Database) -> str | None:
    """Return the revision of the database; None when it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def check_schema(database: Database) -> None:
    """Raise SchemaError unless the database stands at the pinned head."""
    current, head = current_revision(database), pinned_head()
    if current == head:
        return
    if current is None:
        raise SchemaError("The database is empty. Run `./run upgrade` to set it up.")
    if is_known(current):
        raise SchemaError(
            f"The database is at version {current} and the portal needs {head}. "
            "Run `./run upgrade`; it takes a backup first."
        )
    raise SchemaError(
        f"The database is at version {current}, which this portal does not know: it was made by "
        "a newer one. Start that version, or restore a backup with `./run restore FILE`."
    )


def upgrade(database: Database, *, before: Callable[[str], Path | None] | None = None) -> bool:
    """Bring the database to the pinned head; return whether anything was done.

    `before` is called with the old revision when there is data, to take a backup. All
    steps run in one transaction, on SQLite too: a failed upgrade leaves what was there.
    Raises SchemaError for a database that is newer than the portal.
    """
    head = pinned_head()
    current = current_revision(database)
    if current == head:
        return False
    if current is not None:
        if not is_known(current):
            check_schema(database)
        if before is not None:
            before(current)
    _run(database, head)
    return True


def _run(database: Database, target: str) -> None:
    with rebuilding(database) as connection:
        bring_to(connection, target)


def is_known(revision: str) -> bool:
    """Return whether this version of the portal has the migrations up to a revision."""
    return revision in {script.revision for script in _script().walk_revisions()}


@contextmanager
def rebuilding(database: Database) -> Iterator[Connection]:
    """Yield a connection in one transaction that may change tables and load whole ones.

    On SQLite references are not enforced inside and checked before the commit; raises
    SchemaError when one is broken. Whatever is raised inside leaves what was there.
    """
    with database.engine.connect() as connection:
        if database.is_sqlite:
            # Outside a transaction, or SQLite ignores it: rebuilding a table must not
            # delete the rows that point at it. Checked again before the commit.
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.cursor().execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if database.is_sqlite:
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                    if broken:
                        raise SchemaError(f"The change would break references: {broken[:3]}")
        finally:
            if database.is_sqlite:
                connection.detach()


def bring_to(connection: Connection, target: str) -> None:
    """Run the migrations up to revision `target`, in the transaction of the connection."""
    script = _script()
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))

    def steps(revision: Any, _context: MigrationContext) -> list[Any]:
        return script._upgrade_revs(target, revision)

    context = EnvironmentContext(config, script, fn=steps, destination_rev=target)
    config.attributes["connection"] = connection
    with context:
        script.run_env()


def table_names(database: Database) -> list[str]:
    """Return the names of all tables, sorted."""
    return sorted(sa.inspect(database.engine).get_table_names())
