"""Migrations apply whole or not at all, and the portal refuses a database it does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from app import factory
from app.db import migrate, schema
from app.db.base import Base
from app.db.engine import Database

assert factory  # loads every model, as a start does


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    yield database
    database.dispose()


@pytest.fixture
def broken_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a copy of the migrations whose last step fails after its first table."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    for source in (schema.FOLDER / "versions").glob("*.py"):
        (folder / "versions" / source.name).write_text(source.read_text())
    for name in ("env.py", "script.py.mako"):
        (folder / name).write_text((schema.FOLDER / name).read_text())
    head = schema.pinned_head()
    (folder / "versions" / "9999_broken.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        f"revision = '9999'\ndown_revision = '{head}'\n"
        "def upgrade():\n"
        "    op.create_table('half', sa.Column('id', sa.Integer, primary_key=True))\n"
        "    op.execute('INSERT INTO half VALUES (1)')\n"
        "    op.execute('INSERT INTO no_such_table VALUES (1)')\n"
    )
    (folder / "HEAD").write_text("9999\n")
    monkeypatch.setattr(schema, "FOLDER", folder)
    return folder


def test_there_is_one_head_and_it_is_pinned() -> None:
    assert migrate._script().get_heads() == [schema.pinned_head()]


def test_migrations_make_exactly_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [
            entry for entry in compare_metadata(context, Base.metadata) if "test_" not in str(entry)
        ]
    assert differences == []


def test_migrations_make_the_same_tables_to_the_letter(empty: Database, tmp_path: Path) -> None:
    # CHECKs and conditions of indexes are what autogenerate does not compare.
    migrate.upgrade(empty)
    models = Database(f"sqlite:///{tmp_path / 'models.db'}")
    with models.engine.begin() as connection:
        Base.metadata.create_all(
            connection,
            [t for t in Base.metadata.sorted_tables if not t.name.startswith("test_")],
        )
    made, wanted = statements_of(empty), statements_of(models)
    models.dispose()
    made = {name: text for name, text in made.items() if name not in GUARDS}
    assert made == wanted


def statements_of(database: Database) -> dict[str, str]:
    """Return what made each table and index, with columns in one order and no line breaks."""
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql <> ''")
        return {name: normalised(text) for name, text in rows}


def normalised(statement: str) -> str:
    """Return a statement with its parts sorted: their order is no difference."""
    head, _, body = statement.partition("(")
    parts = [" ".join(part.split()) for part in body.strip().removesuffix(")").split(", \n")]
    return f"{head.strip()} ({'; '.join(sorted(parts))})"


GUARDS = {"alembic_version", "audit_event_no_update", "audit_event_no_delete"}
"""What migrations make besides the models."""


def test_upgrade_twice_does_nothing_the_second_time(empty: Database) -> None:
    with pytest.raises(schema.SchemaError, match=r"empty.*upgrade"):
        schema.check_schema(empty)
    assert migrate.upgrade(empty)
    schema.check_schema(empty)
    assert not migrate.upgrade(empty)


def test_a_failing_step_leaves_what_was_there(database: Database, broken_step: Path) -> None:
    head_before = schema.current_revision(database)
    tables_before = schema.table_names(database)
    asked: list[str] = []

    def backup(revision: str) -> None:
        asked.append(revision)

    for _ in range(2):
        with pytest.raises(sa.exc.DBAPIError):
            migrate.upgrade(database, before=backup)
        assert schema.current_revision(database) == head_before
        assert schema.table_names(database) == tables_before
    assert asked == [head_before, head_before]
    with pytest.raises(schema.SchemaError, match=r"needs 9999.*upgrade.*backup"):
        schema.check_schema(database)
    with database.engine.connect() as connection:
        if database.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_an_unknown_head_is_refused(empty: Database) -> None:
    migrate.upgrade(empty)
    with empty.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '4711'")
    with pytest.raises(schema.SchemaError, match=r"4711.*newer"):
        schema.check_schema(empty)
    with pytest.raises(schema.SchemaError, match=r"4711.*newer"):
        migrate.upgrade(empty)
