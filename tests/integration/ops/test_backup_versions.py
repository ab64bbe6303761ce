"""A backup of an older version is restored by a newer portal, which brings it to its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.audit.verify import verify
from app.backup.manifest import BackupError
from app.db import migrate, schema
from app.db.unit_of_work import unit_of_work
from tests.integration.ops.backups import Places, save_one

NEXT_VERSION = """
from alembic import op
import sqlalchemy as sa
revision = '9998'
down_revision = '{head}'
def upgrade():
    op.create_table('newer', sa.Column('id', sa.Integer, primary_key=True),
                    sa.Column('owner', sa.Integer, sa.ForeignKey('newer.id')))
    op.execute('INSERT INTO newer VALUES (1, NULL)')
    op.add_column('job', sa.Column('newer', sa.String(10)))
    op.execute("UPDATE job SET newer = topic")
def downgrade():
    raise NotImplementedError
"""


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Make the portal one migration newer than it is."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = NEXT_VERSION.format(head=schema.pinned_head())
    (folder / "versions" / "9998_newer.py").write_text(text)
    (folder / "HEAD").write_text("9998\n")
    monkeypatch.setattr(schema, "FOLDER", folder)


def test_an_older_backup_is_brought_to_this_version(
    places: Places, database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    place = places.make(database_kind, migrated=True)
    for number in range(3):
        save_one(place, number)
    place.back_up(tmp_path / "old.zip")
    places.make(database_kind, migrated=True)  # the template is made before the version changes
    request.getfixturevalue("next_version")

    other = places.make(database_kind, migrated=False)
    done = other.restore(tmp_path / "old.zip")
    assert done.verdict.holds
    schema.check_schema(other.database)
    with unit_of_work(other.database, write=False) as session:
        assert verify(session).holds
        assert session.scalars(sa.text("SELECT newer FROM job")).all() == ["test.topic"] * 3
        assert session.scalars(sa.text("SELECT id FROM newer")).all() == [1]
    # References are as strict as the migrations made them.
    with pytest.raises(sa.exc.IntegrityError), other.database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO newer VALUES (2, 77)")

    # And the backup before an upgrade reads the tables as they are, not as they will be.
    manifest = place.back_up(tmp_path / "before.zip", files=False)
    assert "newer" not in {table.name for table in manifest.tables}


def test_rows_that_point_ahead_and_at_themselves_come_back(
    places: Places, database_kind: str, tmp_path: Path, next_version: None
) -> None:
    place = places.make(database_kind, migrated=False)
    migrate.upgrade(place.database)
    with place.database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO newer VALUES (3, 3)")
        connection.exec_driver_sql("INSERT INTO newer VALUES (2, 3)")
        connection.exec_driver_sql("UPDATE newer SET owner = 2 WHERE id = 1")
    place.back_up(tmp_path / "one.zip")
    other = places.make(database_kind, migrated=False)
    other.restore(tmp_path / "one.zip")
    with other.database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT id, owner FROM newer ORDER BY id").all()
        if not other.database.is_sqlite:
            numbered = connection.exec_driver_sql("SELECT nextval('newer_id_seq')").scalar()
            assert numbered == 4
    assert [tuple(row) for row in rows] == [(1, 2), (2, 3), (3, 3)]


def test_a_backup_whose_references_do_not_hold_is_refused(
    places: Places, database_kind: str, tmp_path: Path, next_version: None
) -> None:
    place = places.make("sqlite", migrated=False)
    migrate.upgrade(place.database)
    with place.database.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.cursor().execute("PRAGMA foreign_keys=OFF")
        raw.cursor().execute("INSERT INTO newer VALUES (5, 77)")
        connection.detach()
    place.back_up(tmp_path / "one.zip")
    other = places.make(database_kind, migrated=False)
    with pytest.raises((BackupError, schema.SchemaError)):
        other.restore(tmp_path / "one.zip")
    assert schema.table_names(other.database) == []
