"""An upgrade takes a backup, and is whole or not at all, whatever kills it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.audit.verify import verify
from app.db import schema
from app.db.unit_of_work import unit_of_work
from config import ROOT
from tests.integration.ops.backups import Place, Places, save_one
from tests.integration.ops.commands import ROOMY, command, eventually

SLOW_VERSION = """
import pathlib, time
from alembic import op
import sqlalchemy as sa
revision = '9997'
down_revision = '{head}'
def upgrade():
    op.create_table('slow_one', sa.Column('id', sa.Integer, primary_key=True))
    op.execute('INSERT INTO slow_one VALUES (1)')
    pathlib.Path({marker!r}).write_text('half way')
    if {waits}:
        time.sleep(600)
    op.create_table('slow_two', sa.Column('id', sa.Integer, primary_key=True))
def downgrade():
    raise NotImplementedError
"""
SCRIPT = """
import sys
from pathlib import Path
from app import factory
from app.db import migrate, schema
from app.db.engine import Database
schema.FOLDER = Path(sys.argv[2])
migrate.upgrade(Database(sys.argv[1]))
"""


def newer(folder: Path, marker: Path, *, waits: bool) -> Path:
    """Return migrations with one more step, which may stop half way."""
    target = folder / f"migrations-{waits}"
    shutil.copytree(schema.FOLDER, target, ignore=shutil.ignore_patterns("__pycache__"))
    text = SLOW_VERSION.format(head=schema.pinned_head(), marker=str(marker), waits=waits)
    (target / "versions" / "9997_slow.py").write_text(text)
    (target / "HEAD").write_text("9997\n")
    return target


def run_upgrade(place: Place, migrations: Path) -> subprocess.Popen[bytes]:
    """Start an upgrade in a process of its own."""
    url = place.database.url.render_as_string(hide_password=False)
    return subprocess.Popen([sys.executable, "-c", SCRIPT, url, str(migrations)], cwd=ROOT)


@pytest.mark.slow
def test_an_upgrade_that_is_killed_leaves_what_was_there(
    places: Places, database_kind: str, tmp_path: Path
) -> None:
    place = places.make(database_kind, migrated=True)
    save_one(place, 1)
    head = schema.current_revision(place.database)
    tables = schema.table_names(place.database)
    marker = tmp_path / "marker"
    slow = newer(tmp_path, marker, waits=True)
    for _ in range(2):
        marker.unlink(missing_ok=True)
        upgrade = run_upgrade(place, slow)
        eventually(marker.exists, "half way through")
        upgrade.send_signal(signal.SIGKILL)
        upgrade.wait()
        eventually_unlocked(place)
        assert schema.current_revision(place.database) == head
        assert schema.table_names(place.database) == tables
    assert run_upgrade(place, newer(tmp_path, marker, waits=False)).wait(ROOMY) == 0
    assert schema.current_revision(place.database) == "9997"
    assert {"slow_one", "slow_two"} <= set(schema.table_names(place.database))
    with unit_of_work(place.database, write=False) as session:
        assert verify(session).holds


def eventually_unlocked(place: Place) -> None:
    """Wait until PostgreSQL has noticed that the killed process is gone; SQLite knows at once."""
    if place.database.is_sqlite:
        return

    def nobody_else() -> bool:
        with place.database.engine.connect() as connection:
            others = sa.text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND state = 'idle in transaction'"
            )
            return connection.execute(others).scalar_one() == 0

    deadline = time.monotonic() + ROOMY
    while not nobody_else():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.slow
def test_two_upgrades_at_once_do_it_once(
    places: Places, database_kind: str, tmp_path: Path
) -> None:
    place = places.make(database_kind, migrated=True)
    quick = newer(tmp_path, tmp_path / "marker", waits=False)
    upgrades = [run_upgrade(place, quick) for _ in range(3)]
    assert [upgrade.wait(ROOMY) for upgrade in upgrades] == [0, 0, 0]
    assert schema.current_revision(place.database) == "9997"
    with place.database.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM slow_one")).scalar_one() == 1


@pytest.mark.parametrize("arguments", [[], ["--no-backup"]])
def test_the_command_takes_a_backup_that_can_be_restored(
    places: Places,
    database_kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
) -> None:
    place = places.make(database_kind, migrated=True)
    for number in range(3):
        save_one(place, number)
    url = place.database.url.render_as_string(hide_password=False)
    empty = places.make(database_kind, migrated=False)
    old_head, old_folder = schema.pinned_head(), schema.FOLDER
    monkeypatch.setattr(schema, "FOLDER", newer(tmp_path, tmp_path / "marker", waits=False))
    data = tmp_path / "data"

    refused = command(data, "audit", "verify", database_url=url)
    assert refused.exit_code == 3
    assert f"at version {old_head} and the portal needs 9997" in refused.stderr
    done = command(data, "upgrade", *arguments, database_url=url)
    assert done.exit_code == 0, done.stderr
    assert "stands at version 9997 now" in done.stdout
    assert command(data, "audit", "verify", database_url=url).exit_code == 0
    backups = list((data / "backups").glob("*.zip"))
    if arguments:
        assert backups == []
        assert "No backup is taken, as you said." in done.stdout
        return
    (backup,) = backups
    assert f"Backup of version {old_head}: {backup}" in done.stdout
    monkeypatch.setattr(schema, "FOLDER", old_folder)
    assert Place(empty.database, place.storage).restore(backup).verdict.events == 3
    assert schema.current_revision(empty.database) == old_head
