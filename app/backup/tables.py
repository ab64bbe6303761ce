"""Reads and fills whole tables as they are in the database, whatever version made them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.db.engine import Database

_BATCH = 2_000
_VERSION = sa.table("alembic_version")


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """Yield a connection that sees one instant of the database and cannot write.

    Everything that was committed before the block begins is in it; nobody waits for it.
    """
    options: dict[str, Any] = {"assay_read_only": True}
    if not database.is_sqlite:
        options.update(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with database.engine.connect() as connection:
        connection.execution_options(**options)
        with connection.begin():
            if not database.is_sqlite:
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            # The instant is that of the first read.
            connection.execute(sa.select(sa.column("version_num")).select_from(_VERSION)).all()
            yield connection


def columns_by_table(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Return the columns of every table of ours by its name, sorted; computed ones left out."""
    inspector = sa.inspect(connection)
    found = {}
    for name in sorted(set(inspector.get_table_names()) - _derived(connection) - {_VERSION.name}):
        columns = inspector.get_columns(name)
        found[name] = tuple(column["name"] for column in columns if "computed" not in column)
    return found


def _derived(connection: Connection) -> set[str]:
    """Return tables that SQLite keeps for its search indexes; they fill themselves."""
    if connection.dialect.name != "sqlite":
        return set()
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    tables = {str(name): str(sql or "") for name, sql in rows}
    virtual = {name for name, sql in tables.items() if sql.startswith("CREATE VIRTUAL")}
    shadows = {name for name in tables for owner in virtual if name.startswith(f"{owner}_")}
    return virtual | shadows


def read_rows(
    connection: Connection, table: str, columns: Sequence[str]
) -> Iterator[Sequence[Any]]:
    """Return the rows of a table as the driver gives them, a few at a time."""
    wanted: list[sa.ColumnClause[Any]] = [sa.column(name) for name in columns]
    statement = sa.select(*wanted).select_from(sa.table(table))
    result = connection.execute(statement, execution_options={"yield_per": _BATCH})
    try:
        yield from result
    finally:
        result.close()


def empty_tables(connection: Connection, names: Iterable[str]) -> None:
    """Remove what the migrations put into fresh tables, such as the start of the audit chain."""
    for name in names:
        connection.execute(sa.delete(sa.table(name)))


def write_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterator[list[Any]]
) -> int:
    """Load rows in the spelling of `values.py` into a table; return how many."""
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    raw = connection.connection.dbapi_connection
    assert raw is not None
    cursor: Any = raw.cursor()
    count = 0
    if connection.dialect.name == "postgresql":
        with cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
    else:
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {quote(table)} ({names}) VALUES ({marks})"  # noqa: S608 - quoted names of our own tables
        while batch := list(islice(rows, _BATCH)):
            cursor.executemany(statement, batch)
            count += len(batch)
    cursor.close()
    return count


@contextmanager
def references_checked_last(connection: Connection) -> Iterator[None]:
    """Let PostgreSQL look at references when all rows are in, so that their order is free.

    SQLite needs nothing: `migrate.rebuilding` checks them at its end.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    quote = connection.dialect.identifier_preparer.quote
    strict = [
        (quote(table), quote(name))
        for table, name in connection.exec_driver_sql(
            "SELECT c.relname, k.conname FROM pg_constraint k "
            "JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype = 'f' AND NOT k.condeferrable "
            "AND c.relnamespace = current_schema()::regnamespace"
        )
    ]
    for table, name in strict:
        connection.exec_driver_sql(
            f"ALTER TABLE {table} ALTER CONSTRAINT {name} DEFERRABLE INITIALLY DEFERRED"
        )
    yield
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    for table, name in strict:
        connection.exec_driver_sql(f"ALTER TABLE {table} ALTER CONSTRAINT {name} NOT DEFERRABLE")


def set_sequences(connection: Connection, tables: dict[str, tuple[str, ...]]) -> None:
    """Make PostgreSQL count on from the highest number loaded; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    quote = connection.dialect.identifier_preparer.quote
    for table, columns in tables.items():
        for column in columns:
            sequence = connection.execute(
                sa.text("SELECT pg_get_serial_sequence(:table, :column)"),
                {"table": quote(table), "column": column},
            ).scalar()
            if sequence is not None:
                highest = connection.execute(
                    sa.select(sa.func.max(sa.column(column, sa.BigInteger))).select_from(
                        sa.table(table)
                    )
                ).scalar()
                # The third value says whether the second is taken already.
                connection.execute(
                    sa.select(sa.func.setval(sequence, highest or 1, highest is not None))
                )
