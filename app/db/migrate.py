"""Migrations: one pinned head, applied whole or not at all, after a backup."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from app.db import schema
from app.db.engine import Database


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(schema.FOLDER))
    return ScriptDirectory.from_config(config)


def upgrade(database: Database, *, before: Callable[[str], Path | None] | None = None) -> bool:
    """Bring the database to the pinned head; return whether anything was done.

    `before` is called with the old revision when there is data, to take a backup. All
    steps run in one transaction, on SQLite too: a failed upgrade leaves what was there.
    Raises SchemaError for a database that is newer than the portal.
    """
    head = schema.pinned_head()
    current = schema.current_revision(database)
    if current == head:
        return False
    if current is not None:
        if not schema.is_known(current):
            schema.check_schema(database)
        if before is not None:
            before(current)
    _run(database, head)
    return True


def _run(database: Database, target: str) -> None:
    with rebuilding(database) as connection:
        bring_to(connection, target)


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
                        raise schema.SchemaError(f"The change would break references: {broken[:3]}")
        finally:
            if database.is_sqlite:
                connection.detach()


def bring_to(connection: Connection, target: str) -> None:
    """Run the migrations up to revision `target`, in the transaction of the connection."""
    script = _script()
    config = Config()
    config.set_main_option("script_location", str(schema.FOLDER))

    def steps(revision: Any, _context: MigrationContext) -> list[Any]:
        return script._upgrade_revs(target, revision)

    context = EnvironmentContext(config, script, fn=steps, destination_rev=target)
    config.attributes["connection"] = connection
    with context:
        script.run_env()
