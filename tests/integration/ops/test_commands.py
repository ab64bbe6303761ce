"""Commands do what they say, in one sentence, and end with a code that a script can read."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from tests.integration.ops.commands import command, process

CHANGE_ONE_BYTE = "UPDATE audit_event SET subject_name = 'Nummer' WHERE sequence = 2"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder with a database."""
    folder = tmp_path / "data"
    assert command(folder, "upgrade").exit_code == 0
    return folder


def seeded(folder: Path) -> Path:
    """Return a data folder with the sample organisation."""
    assert command(folder, "upgrade").exit_code == 0
    # A cheap way to fill it: the quick hasher of tests.
    made = command(folder, "seed-demo", demo="1", environment="test")
    assert made.exit_code == 0, made.stderr
    return folder


def one_sentence(text: str) -> bool:
    """Return whether a person reads one clear sentence (or two) and no Python."""
    lines = text.strip().splitlines()
    return len(lines) == 1 and lines[0][-1] in ".?" and "Traceback" not in text


def test_audit_verify_is_green_then_names_the_changed_row(tmp_path: Path) -> None:
    folder = seeded(tmp_path / "data")
    good = process(folder, "audit", "verify")
    assert (good.returncode, good.stderr) == (0, "")
    assert "The audit trail holds" in good.stdout

    connection = sqlite3.connect(folder / "assay.db")
    connection.execute("DROP TRIGGER audit_event_no_update")
    connection.execute(CHANGE_ONE_BYTE)
    connection.commit()
    connection.close()
    bad = process(folder, "audit", "verify")
    assert bad.returncode == 1
    assert "broken at event 2. Event 2 was changed" in bad.stdout


def test_backup_and_restore_of_a_whole_portal(tmp_path: Path) -> None:
    folder = seeded(tmp_path / "data")
    taken = command(folder, "backup", str(tmp_path / "mine.zip"))
    assert taken.exit_code == 0, taken.stderr
    assert "1 files" in taken.stdout
    backup = tmp_path / "mine.zip"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert command(folder, "check-backup", str(backup)).exit_code == 0

    again = command(folder, "backup", str(tmp_path / "mine.zip"))
    assert again.exit_code == 3
    assert one_sentence(again.stderr)
    over = command(folder, "restore", str(backup))
    assert over.exit_code == 3
    assert "set ASSAY_DATA_DIR to a new folder" in over.stderr

    other = tmp_path / "other"
    back = command(other, "restore", str(backup))
    assert back.exit_code == 0, back.stderr
    assert "Ended 1 sessions and links" in back.stdout  # the invitation that waits
    assert "second factors cannot be opened" in back.stderr  # its secret key is another one
    (other / "secret-key").write_bytes((folder / "secret-key").read_bytes())
    assert command(other, "audit", "verify").exit_code == 0
    assert command(other, "files", "verify").stdout.startswith("1 files checked, 0 damaged")

    third = tmp_path / "third"
    third.mkdir()
    (third / "secret-key").write_bytes((folder / "secret-key").read_bytes())
    kept = command(third, "restore", "--keep-sessions", str(backup))
    assert (kept.exit_code, kept.stderr) == (0, "")
    assert "Ended" not in kept.stdout

    backup.write_bytes(backup.read_bytes()[:-100])
    cut = command(folder, "check-backup", str(backup))
    assert cut.exit_code == 1
    assert one_sentence(cut.stderr)


def test_a_damaged_file_stays_out_and_is_named(tmp_path: Path) -> None:
    folder = seeded(tmp_path / "data")
    (stored,) = [path for path in (folder / "files").rglob("*") if path.is_file()]
    stored.write_bytes(b"something else")
    taken = command(folder, "backup", str(tmp_path / "mine.zip"))
    assert taken.exit_code == 1
    assert stored.name in taken.stderr


def test_upgrade_says_what_it_did(data: Path) -> None:
    again = command(data, "upgrade")
    assert again.exit_code == 0
    assert "nothing to do" in again.stdout


@pytest.mark.parametrize("arguments", [["serve"], ["audit", "verify"], ["backup", "x.zip"],
                                       ["upgrade"], ["worker"]])  # fmt: skip
def test_a_database_of_a_newer_version_is_refused(data: Path, arguments: list[str]) -> None:
    connection = sqlite3.connect(data / "assay.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    refused = command(data, *arguments)
    assert refused.exit_code != 0
    assert "version 9999, which this portal does not know" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"port": "many"}, 2, "ASSAY_PORT must be a whole number"),
        ({"prot": "8400"}, 2, "no setting ASSAY_PROT; did you mean ASSAY_PORT?"),
        ({"environment": "production"}, 2, "secret key"),
        ({"database_url": "mysql://x"}, 2, "ASSAY_DATABASE_URL must start with"),
        ({"database_url": "postgresql+nonsense://x"}, 2, "not an address of a database"),
        ({"database_url": "postgresql+psycopg://me@127.0.0.1:1/x"}, 3, "Connection refused"),
        ({"host": "no such host"}, 3, "ASSAY_HOST"),
        ({"host": "192.0.2.1"}, 3, "not of this machine"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said(
    tmp_path: Path, settings: dict[str, str], code: int, words: str
) -> None:
    refused = command(tmp_path / "data", "serve", **settings)
    assert refused.exit_code == code, refused.stderr
    assert words in refused.stderr
    assert one_sentence(refused.stderr)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    refused = process(tmp_path / "file" / "data", "serve")
    assert refused.returncode == 2
    assert "ASSAY_DATA_DIR" in refused.stderr
    assert one_sentence(refused.stderr)


def test_a_secret_key_can_be_made_before_production_starts(tmp_path: Path) -> None:
    production = {"environment": "production", "base_url": "https://assess.example"}
    data = tmp_path / "data"
    assert "make-secret-key" in process(data, "audit", "verify", **production).stderr
    made = process(data, "make-secret-key", **production)
    assert made.returncode == 0
    key = data / "secret-key"
    assert len(key.read_text()) >= 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert "already" in process(data, "make-secret-key", **production).stdout
    assert process(data, "upgrade", **production).returncode == 0


def test_the_sample_organisation_keeps_out_of_real_portals(tmp_path: Path) -> None:
    folder = seeded(tmp_path / "data")
    assert "only for a demo" in command(folder, "seed-demo").stderr
    assert "people already" in command(folder, "seed-demo", demo="1").stderr


def test_help_and_routes_work_from_anywhere(data: Path) -> None:
    shown = command(data, "--help")
    assert shown.exit_code == 0
    for name in ("serve", "worker", "backup", "restore", "audit", "files", "bench"):
        assert f"  {name} " in shown.stdout
    assert "worker-beside" not in shown.stdout
    routes = command(data, "routes")
    assert routes.exit_code == 0
    assert "/health/live" in routes.stdout
    assert "nobody" not in routes.stdout
    assert command(data, "no-such-command").exit_code == 2
