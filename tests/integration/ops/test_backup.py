"""A backup holds everything, is restored into either database, and says so when it is damaged."""

from __future__ import annotations

import os
import random
import stat
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.audit.verify import verify
from app.backup.archive import open_archive
from app.backup.manifest import BackupError, DamagedBackup
from app.db.base import Base
from app.db.schema import SchemaError, check_schema, table_names
from app.db.unit_of_work import unit_of_work
from app.files.models import StoredFile
from app.kernel.sealing import Sealer
from tests.integration.ops.backups import Place, Places, save_one, tables_of

postgres = pytest.mark.postgres
ALL_WAYS = [
    ("sqlite", "sqlite"),
    pytest.param("sqlite", "postgres", marks=postgres),
    pytest.param("postgres", "sqlite", marks=postgres),
    pytest.param("postgres", "postgres", marks=postgres),
]
GROWS = {"audit_event", "audit_head"}
"""A restore writes down that it was done."""


@pytest.fixture
def filled(places: Places, database_kind: str) -> Place:
    place = places.make(database_kind, migrated=True)
    for number in range(30):
        save_one(place, number)
    return place


@pytest.mark.parametrize(("source", "target"), ALL_WAYS)
def test_everything_comes_back(places: Places, tmp_path: Path, source: str, target: str) -> None:
    place = places.make(source, migrated=True)
    for number in range(30):
        save_one(place, number)
    manifest = place.back_up(tmp_path / "one.zip")
    assert manifest.file_count == 30
    ours = {name for name in Base.metadata.tables if not name.startswith("test_")}
    assert {table.name for table in manifest.tables} == ours

    other = places.make(target, migrated=False)
    done = other.restore(tmp_path / "one.zip")
    assert done.verdict.holds
    assert done.verdict.events == 30
    assert done.key_fits
    check_schema(other.database)
    other.back_up(tmp_path / "two.zip")
    before, after = tables_of(tmp_path / "one.zip"), tables_of(tmp_path / "two.zip")
    for name in before.keys() - GROWS:
        assert after[name] == before[name], name
    assert set(before["audit_event"]) < set(after["audit_event"])
    with unit_of_work(other.database, write=False) as session:
        assert verify(session).holds
        for stored in session.scalars(sa.select(StoredFile)):
            other.storage.open_verified(
                stored.storage_key, size=stored.size, sha256=stored.sha256
            ).close()
    # The restored portal goes on working: the chain, the references and the guards.
    save_one(other, 99)
    with unit_of_work(other.database, write=False) as session:
        assert verify(session).events == 32


def test_a_backup_is_for_its_owner_only_and_leaves_no_draft(filled: Place, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    filled.back_up(folder / "one.zip")
    assert [path.name for path in folder.iterdir()] == ["one.zip"]
    if os.name != "nt":
        assert stat.S_IMODE((folder / "one.zip").stat().st_mode) == 0o600


def test_a_backup_never_replaces_a_file(filled: Place, tmp_path: Path) -> None:
    target = tmp_path / "one.zip"
    target.write_text("mine")
    with pytest.raises(BackupError, match="already; name another"):
        filled.back_up(target)
    assert target.read_text() == "mine"


def test_a_backup_into_no_folder_is_a_sentence(filled: Place, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be written"):
        filled.back_up(tmp_path / "no folder" / "one.zip")


def test_an_empty_database_has_no_backup(
    places: Places, database_kind: str, tmp_path: Path
) -> None:
    with pytest.raises(SchemaError, match="nothing to back up"):
        places.make(database_kind, migrated=False).back_up(tmp_path / "one.zip")


def test_a_file_that_is_gone_or_changed_is_named_and_the_rest_is_kept(
    filled: Place, places: Places, database_kind: str, tmp_path: Path
) -> None:
    stored = sorted(path for path in filled.storage.root.rglob("*") if path.is_file())
    stored[0].unlink()
    stored[1].write_bytes(b"\0" + stored[1].read_bytes()[1:])
    manifest = filled.back_up(tmp_path / "one.zip")
    assert sorted(manifest.missing_files) == sorted(
        f"{path.parent.name}/{path.name}" for path in stored[:2]
    )
    assert manifest.file_count == 28
    other = places.make(database_kind, migrated=False)
    assert other.restore(tmp_path / "one.zip").manifest.missing_files == manifest.missing_files
    assert len(list(other.storage.list_keys())) == 28


def test_without_files_the_store_is_left_alone(
    filled: Place, places: Places, database_kind: str, tmp_path: Path
) -> None:
    manifest = filled.back_up(tmp_path / "one.zip", files=False)
    assert manifest.file_list is None
    other = places.make(database_kind, migrated=False)
    save_files = filled.storage
    same_store = Place(other.database, save_files)
    same_store.restore(tmp_path / "one.zip")
    assert len(list(save_files.list_keys())) == 30


def test_restoring_over_something_is_refused_and_changes_nothing(
    filled: Place, places: Places, database_kind: str, tmp_path: Path
) -> None:
    filled.back_up(tmp_path / "one.zip")
    before = tables_of(tmp_path / "one.zip")
    with pytest.raises(BackupError, match="The database is not empty"):
        filled.restore(tmp_path / "one.zip")
    filled.back_up(tmp_path / "two.zip")
    assert tables_of(tmp_path / "two.zip") == before

    other = places.make(database_kind, migrated=False)
    other.storage.put_stream([b"somebody's"], limit=100)
    with pytest.raises(BackupError, match="file store holds files"):
        other.restore(tmp_path / "one.zip")
    assert table_names(other.database) == []


def test_a_restore_that_was_cut_off_can_be_done_again(
    filled: Place, places: Places, database_kind: str, tmp_path: Path
) -> None:
    filled.back_up(tmp_path / "one.zip")
    other = places.make(database_kind, migrated=False)

    class PowerCutError(Exception):
        pass

    def cut(*_: object) -> int:
        raise PowerCutError

    with pytest.raises(PowerCutError):
        other.restore(tmp_path / "one.zip", end_sessions=cut)
    assert table_names(other.database) == []
    assert len(list(other.storage.list_keys())) == 30
    assert other.restore(tmp_path / "one.zip").verdict.holds


def test_another_secret_key_is_noticed(
    filled: Place, places: Places, database_kind: str, tmp_path: Path
) -> None:
    filled.back_up(tmp_path / "one.zip")
    other = places.make(database_kind, migrated=False)
    done = other.restore(tmp_path / "one.zip", sealer=Sealer(["quite another secret key"]))
    assert not done.key_fits


def test_a_backup_of_a_newer_version_is_refused(
    filled: Place, places: Places, database_kind: str, tmp_path: Path
) -> None:
    filled.back_up(tmp_path / "one.zip")
    rewrite(tmp_path / "one.zip", "manifest.json", b'"revision": "0001"', b'"revision": "9876"')
    other = places.make(database_kind, migrated=False)
    with pytest.raises(BackupError, match=r"version 9876.*does not know"):
        other.restore(tmp_path / "one.zip")


def test_a_changed_row_is_damage_and_nothing_is_restored(
    filled: Place, places: Places, database_kind: str, tmp_path: Path
) -> None:
    filled.back_up(tmp_path / "one.zip")
    rewrite(tmp_path / "one.zip", "tables/audit_event.jsonl", b"Number 7", b"Number 8")
    other = places.make(database_kind, migrated=False)
    with pytest.raises(DamagedBackup, match="not as it was"):
        other.restore(tmp_path / "one.zip")
    assert table_names(other.database) == []
    assert list(other.storage.list_keys()) == []


def test_a_broken_chain_is_restored_and_named(
    places: Places, database_kind: str, tmp_path: Path
) -> None:
    place = places.make(database_kind, migrated=True)
    for number in range(5):
        save_one(place, number)
    with place.database.engine.begin() as connection:
        for statement in (
            ["DROP TRIGGER audit_event_no_update"]
            if place.database.is_sqlite
            else ["ALTER TABLE audit_event DISABLE TRIGGER USER"]
        ):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("UPDATE audit_event SET subject_name = 'x' WHERE sequence = 3")
    place.back_up(tmp_path / "one.zip")
    other = places.make(database_kind, migrated=False)
    done = other.restore(tmp_path / "one.zip")
    assert done.verdict.broken_at == 3


def test_any_flipped_byte_is_found_or_does_no_harm(filled: Place, tmp_path: Path) -> None:
    filled.back_up(tmp_path / "one.zip")
    whole = (tmp_path / "one.zip").read_bytes()
    expected = tables_of(tmp_path / "one.zip")
    found = 0
    chance = random.Random(20261123)
    for position in [chance.randrange(len(whole)) for _ in range(150)]:
        broken = bytearray(whole)
        broken[position] ^= 1 << chance.randrange(8)
        damaged = tmp_path / "damaged.zip"
        damaged.write_bytes(broken)
        try:
            with open_archive(damaged) as archive:
                archive.verify()
        except BackupError:
            found += 1
        else:
            assert tables_of(damaged) == expected, position
    assert found > 100


@pytest.mark.parametrize("kept", [0, 10, 1000, -30])
def test_a_backup_that_was_cut_short_is_damage(filled: Place, tmp_path: Path, kept: int) -> None:
    filled.back_up(tmp_path / "one.zip")
    whole = (tmp_path / "one.zip").read_bytes()
    (tmp_path / "short.zip").write_bytes(whole[:kept])
    with (
        pytest.raises(DamagedBackup, match="not a whole backup"),
        open_archive(tmp_path / "short.zip"),
    ):
        pass


def test_another_zip_is_no_backup(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("letter.txt", "Dear all")
    with (
        pytest.raises(DamagedBackup, match="no backup of Assay"),
        open_archive(tmp_path / "other.zip"),
    ):
        pass


def rewrite(path: Path, member: str, old: bytes, new: bytes) -> None:
    """Change bytes of one member of a zip, keeping the zip itself whole."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    assert old in members[member]
    members[member] = members[member].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
