"""The drill: backups are taken while people save, and restored elsewhere. Nothing that was
acknowledged before a backup began may be missing from it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.audit.models import AuditEvent
from app.audit.verify import verify
from app.db.unit_of_work import unit_of_work
from app.files.models import StoredFile
from config import ROOT
from tests.integration.ops.backups import Place, Places

WRITERS = 2
REPETITIONS = 4


@contextlib.contextmanager
def writers(place: Place, folder: Path) -> Iterator[list[Path]]:
    """Run processes that save into the place; yield their ledgers."""
    ledgers = [folder / f"ledger-{number}" for number in range(WRITERS)]
    url = place.database.url.render_as_string(hide_password=False)
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.integration.ops.writer",
             url, str(place.storage.root), str(ledger), str(number * 1_000_000)],
            cwd=ROOT,
        )
        for number, ledger in enumerate(ledgers)
    ]  # fmt: skip
    try:
        wait_for(
            lambda: (
                any(process.poll() is not None for process in processes)
                or all(len(acknowledged([ledger])) > 5 for ledger in ledgers)
            )
        )
        yield ledgers
        assert all(process.poll() is None for process in processes), "a writer stopped by itself"
    finally:
        for process in processes:
            process.kill()
            process.wait()


def acknowledged(ledgers: list[Path]) -> set[str]:
    """Return the numbers whose save was acknowledged so far."""
    texts = [ledger.read_text("ascii") for ledger in ledgers if ledger.exists()]
    return {line for text in texts for line in text.splitlines(keepends=False)}


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@pytest.mark.slow
def test_what_was_acknowledged_before_a_backup_is_in_it(
    places: Places, database_kind: str, tmp_path: Path
) -> None:
    place = places.make(database_kind, migrated=True)
    taken = []
    with writers(place, tmp_path) as ledgers:
        for repetition in range(REPETITIONS):
            before = acknowledged(ledgers)
            target = tmp_path / f"{repetition}.zip"
            manifest = place.back_up(target)
            assert manifest.missing_files == ()
            taken.append((target, before))
            wait_for(lambda before=before: len(acknowledged(ledgers)) > len(before) + 5)
    assert len(taken[-1][1]) > len(taken[0][1]), "nothing was saved meanwhile"
    for target, before in taken:
        other = places.make(database_kind, migrated=False)
        done = other.restore(target)
        assert done.verdict.holds
        with unit_of_work(other.database, write=False) as session:
            saved = set(
                session.scalars(
                    sa.select(AuditEvent.subject_id).where(AuditEvent.verb == "number.saved")
                )
            )
            assert before <= saved
            stored = session.scalars(sa.select(StoredFile)).all()
            assert len(stored) == len(saved), "half a save was kept"
            for file in stored:
                other.storage.open_verified(
                    file.storage_key, size=file.size, sha256=file.sha256
                ).close()
            assert verify(session).holds
