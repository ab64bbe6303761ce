"""Taking files in, and rows and bytes staying together whatever goes wrong."""

from __future__ import annotations

import datetime as dt
import io
import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.actor import ANONYMOUS, Actor
from app.audit.models import AuditEvent
from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.files import services
from app.files.backends import LocalStorage
from app.files.lifecycle import ScanState
from app.files.media_types import FileRefused
from app.files.models import Damage, StoredFile
from app.files.queries import FileFilter, count_by_state, get_file, list_files
from app.files.services import UploadRules
from app.files.storage import Storage
from app.files.upkeep import sweep, verify_files
from app.kernel.errors import Conflict, DomainError, Forbidden, NotFound, TooLarge
from app.kernel.ids import new_id
from app.outbox.models import Job
from tests.integration.files.conftest import RULES
from tests.unit.files import file_samples as samples


def store(
    database: Database,
    actor: Actor,
    storage: Storage,
    data: bytes = samples.PDF,
    name: str = "report.pdf",
    rules: UploadRules = RULES,
) -> StoredFile:
    with unit_of_work(database) as session:
        return services.store_upload(
            session, actor, storage, io.BytesIO(data), name=name, purpose="test", rules=rules
        )


def verbs(database: Database) -> list[str]:
    with unit_of_work(database, write=False) as session:
        return list(session.scalars(sa.select(AuditEvent.verb).order_by(AuditEvent.sequence)))


def reload(database: Database, stored: StoredFile) -> StoredFile:
    with unit_of_work(database, write=False) as session:
        return session.get_one(StoredFile, stored.id)


def age(storage: LocalStorage, days: int = 2) -> None:
    """Make everything in the store look as if it was written some days ago."""
    for path in storage.root.rglob("*"):
        if path.is_file():
            before = path.stat().st_mtime - days * 86_400
            os.utime(path, (before, before))


def test_an_upload_is_a_row_bytes_and_an_event(
    database: Database, storage: Storage, administrator: Actor
) -> None:
    stored = reload(database, store(database, administrator, storage, name="../Bericht\u202e.PDF"))
    assert stored.original_name == "Bericht.PDF"
    assert (stored.media_type, stored.size) == ("application/pdf", len(samples.PDF))
    assert stored.scan_state is ScanState.UNSCANNED
    assert stored.uploaded_by_name == "Ada Admin"
    assert stored.uploaded_by_id == str(administrator.id)
    assert [item.key for item in storage.list_keys()] == [stored.storage_key]
    with storage.open_verified(stored.storage_key, size=stored.size, sha256=stored.sha256) as file:
        assert file.read() == samples.PDF
    with unit_of_work(database, write=False) as session:
        event = session.scalars(sa.select(AuditEvent)).one()
    assert event.verb == "file.uploaded"
    assert event.after is not None
    assert event.after["sha256"] == stored.sha256


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (samples.SVG, "logo.svg", "This file is a web page or drawing that can hold scripts."),
        (samples.windows_program(), "report.pdf", "This file is a program, not a document."),
        (samples.zip_bomb(), "book.xlsx", "This document unpacks to more than is accepted"),
        (samples.million_rows(), "book.xlsx", "This document unpacks to more than is accepted"),
        (b"", "report.pdf", "This file is empty."),
    ],
)
def test_a16_a17_hostile_files_leave_nothing_but_a_sentence(
    database: Database,
    local_storage: LocalStorage,
    administrator: Actor,
    data: bytes,
    name: str,
    sentence: str,
) -> None:
    with pytest.raises(FileRefused) as caught:
        store(database, administrator, local_storage, data, name)
    assert caught.value.message.startswith(sentence)
    assert [path for path in local_storage.root.rglob("*") if path.is_file()] == []
    assert verbs(database) == []


def test_a18_a_long_name_with_path_parts_is_data(
    database: Database, local_storage: LocalStorage, administrator: Actor
) -> None:
    name = "../../../etc/" + "文档Ä\u202e" * 75 + ".pdf"
    first = store(database, administrator, local_storage, name=name)
    second = store(database, administrator, local_storage, name=name)
    for stored in (first, second):
        assert len(stored.original_name) <= 150
        assert stored.original_name.endswith(".pdf")
        assert "/" not in stored.original_name
    assert first.storage_key != second.storage_key
    paths = [
        p.relative_to(local_storage.root) for p in local_storage.root.rglob("*") if p.is_file()
    ]
    assert sorted(map(str, paths)) == sorted([first.storage_key, second.storage_key])


def test_a15_an_endless_stream_is_cut_at_the_limit(
    database: Database, local_storage: LocalStorage, administrator: Actor
) -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size: int = -1) -> bytes:
            self.taken += size
            return b"a" * size

    stream = Endless()
    with pytest.raises(TooLarge) as caught, unit_of_work(database) as session:
        services.store_upload(
            session, administrator, local_storage, stream,  # type: ignore[arg-type]
            name="a.txt", purpose="test", rules=RULES,
        )  # fmt: skip
    assert caught.value.field == "file"
    assert "larger than 2 MB" in caught.value.message
    assert stream.taken < RULES.limit + 200_000
    assert [path for path in local_storage.root.rglob("*") if path.is_file()] == []
    assert verbs(database) == []


def test_f17_an_upload_that_breaks_half_way_leaves_nothing(
    database: Database, local_storage: LocalStorage, administrator: Actor
) -> None:
    class Cut(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 100_000:
                raise ConnectionResetError("the line is cut")
            return super().read(size)

    with pytest.raises(ConnectionResetError), unit_of_work(database) as session:
        services.store_upload(
            session, administrator, local_storage, Cut(b"a" * 200_000),
            name="a.txt", purpose="test", rules=RULES,
        )  # fmt: skip
    assert [path for path in local_storage.root.rglob("*") if path.is_file()] == []
    assert verbs(database) == []
    assert store(database, administrator, local_storage).size == len(samples.PDF)


def test_f9_bytes_whose_transaction_was_lost_are_swept_after_a_day(
    database: Database, local_storage: LocalStorage, administrator: Actor
) -> None:
    kept = store(database, administrator, local_storage)

    def lose() -> None:
        with unit_of_work(database) as session:
            services.store_upload(
                session, administrator, local_storage, io.BytesIO(samples.png()),
                name="a.png", purpose="test", rules=RULES,
            )  # fmt: skip
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        lose()
    (local_storage.root / "draft-left").write_bytes(b"half")
    assert len(list(local_storage.list_keys())) == 2
    assert sweep(database, local_storage).orphans == 0, "it may belong to an upload at work"
    age(local_storage)
    report = sweep(database, local_storage)
    assert (report.orphans, report.drafts, report.missing) == (1, 1, [])
    assert [item.key for item in local_storage.list_keys()] == [kept.storage_key]
    assert verbs(database) == ["file.uploaded", "files.swept"]
    assert sweep(database, local_storage).orphans == 0
    assert verbs(database)[-1:] == ["files.swept"], "a sweep that did nothing is no event"
    assert len(verbs(database)) == 2


def test_sweeping_works_on_both_stores(
    database: Database, storage: Storage, administrator: Actor
) -> None:
    stored = store(database, administrator, storage)
    lost = store(database, administrator, storage, samples.png(), "a.png")
    storage.delete(lost.storage_key)
    report = sweep(database, storage)
    assert [file.id for file in report.missing] == [lost.id]
    assert reload(database, lost).damage is Damage.MISSING
    assert reload(database, stored).damage is None


def test_f10_flipped_cut_and_deleted_bytes_are_found_noted_once_and_forgiven(
    database: Database, local_storage: LocalStorage, administrator: Actor
) -> None:
    files = [store(database, administrator, local_storage, name=f"{n}.pdf") for n in range(4)]
    paths = [local_storage.root / file.storage_key for file in files]
    data = paths[0].read_bytes()
    paths[0].write_bytes(data[:10] + bytes([data[10] ^ 1]) + data[11:])
    paths[1].write_bytes(data[:-5])
    paths[2].unlink()
    seen: list[tuple[int, int]] = []
    report = verify_files(database, local_storage, lambda done, total: seen.append((done, total)))
    assert report.checked == 4
    assert {(file.name, file.damage) for file in report.damaged} == {
        ("0.pdf", Damage.CHANGED), ("1.pdf", Damage.SIZE), ("2.pdf", Damage.MISSING)
    }  # fmt: skip
    assert verbs(database).count("file.found_damaged") == 3
    verify_files(database, local_storage)
    assert verbs(database).count("file.found_damaged") == 3
    for path in paths:
        path.write_bytes(data)
    assert verify_files(database, local_storage).damaged == []
    assert verbs(database).count("file.intact_again") == 3
    assert [reload(database, file).damage for file in files] == [None] * 4


def test_progress_of_a_check_never_passes_its_total(
    database: Database, local_storage: LocalStorage, administrator: Actor
) -> None:
    for number in range(41):
        store(database, administrator, local_storage, name=f"{number}.pdf")
    seen: list[tuple[int, int]] = []
    verify_files(database, local_storage, lambda done, total: seen.append((done, total)))
    assert seen == [(20, 41), (40, 41)]


def test_erased_files_lose_their_bytes_and_keep_their_row(
    database: Database, local_storage: LocalStorage, administrator: Actor
) -> None:
    stored = store(database, administrator, local_storage)
    with unit_of_work(database) as session:
        services.erase(session, administrator, stored.id, "kept for 3 years")
    assert sweep(database, local_storage).erased == 1
    assert list(local_storage.list_keys()) == []
    assert reload(database, stored).sha256 == stored.sha256
    assert sweep(database, local_storage).missing == []
    assert verify_files(database, local_storage).checked == 0
    with unit_of_work(database) as session:
        services.erase(session, administrator, stored.id, "again")
    assert verbs(database) == ["file.uploaded", "file.erased", "files.swept"]


def test_holding_back_and_releasing(
    database: Database, local_storage: LocalStorage, administrator: Actor
) -> None:
    stored = store(database, administrator, local_storage)
    with pytest.raises(DomainError, match="Say why"), unit_of_work(database) as session:
        services.quarantine(session, administrator, stored.id, "  ")
    with unit_of_work(database) as session:
        services.quarantine(session, administrator, stored.id, "sent by mistake")
    held = reload(database, stored)
    assert (held.scan_state, held.scan_finding) == (ScanState.QUARANTINED, "sent by mistake")
    assert not held.is_released
    with pytest.raises(Conflict), unit_of_work(database) as session:
        services.quarantine(session, administrator, stored.id, "again")
    with unit_of_work(database) as session:
        services.release(session, administrator, stored.id)
    assert reload(database, stored).is_released
    assert verbs(database) == ["file.uploaded", "file.quarantined", "file.released"]
    nobody = ANONYMOUS
    for act in (
        lambda session: services.quarantine(session, nobody, stored.id, "x"),
        lambda session: services.release(session, nobody, stored.id),
        lambda session: list_files(session, nobody, FileFilter()),
        lambda session: count_by_state(session, nobody),
        lambda session: get_file(session, nobody, stored.id),
    ):
        with pytest.raises(Forbidden), unit_of_work(database) as session:
            act(session)


def test_lists_are_paged_and_filtered(
    database: Database, local_storage: LocalStorage, administrator: Actor
) -> None:
    files = [store(database, administrator, local_storage, name=f"{n}.pdf") for n in range(5)]
    with unit_of_work(database) as session:
        services.quarantine(session, administrator, files[1].id, "x")
        services.note_damage(session, files[3].id, Damage.CHANGED)
    with unit_of_work(database, write=False) as session:
        names: list[str] = []
        cursor: str | None = None
        for _ in range(3):
            found = list_files(session, administrator, FileFilter(), cursor=cursor, size=2)
            names += [file.original_name for file in found.items]
            cursor = found.next_cursor
        assert (names, cursor) == (["4.pdf", "3.pdf", "2.pdf", "1.pdf", "0.pdf"], None)
        held = list_files(session, administrator, FileFilter(ScanState.QUARANTINED))
        assert [file.original_name for file in held.items] == ["1.pdf"]
        damaged = list_files(session, administrator, FileFilter(damaged=True))
        assert [file.original_name for file in damaged.items] == ["3.pdf"]
        broken = list_files(session, administrator, FileFilter(), cursor="%%%", size=2)
        assert broken.is_first
        assert count_by_state(session, administrator) == {
            "unscanned": 4, "pending": 0, "clean": 0, "quarantined": 1, "damaged": 1
        }  # fmt: skip
        with pytest.raises(NotFound):
            get_file(session, administrator, new_id())


@pytest.mark.parametrize(
    "values",
    [
        {"size": 0},
        {"sha256": "abc"},
        {"original_name": ""},
        {"scan_state": ScanState.CLEAN},
        {"scan_state": ScanState.QUARANTINED, "scanned_at": dt.datetime.now(dt.UTC)},
        {"scan_finding": "found without a state"},
        {"damage": Damage.CHANGED},
    ],
)
def test_the_database_keeps_rows_sensible(session: Session, values: dict[str, object]) -> None:
    sound: dict[str, object] = {
        "storage_key": "ab/" + "a" * 64, "original_name": "a.pdf", "size": 1, "sha256": "a" * 64,
        "media_type": "application/pdf", "purpose": "test", "scan_state": ScanState.UNSCANNED,
        "uploaded_by_kind": "staff", "uploaded_by_name": "Ada",
    }  # fmt: skip
    with session.begin_nested():
        session.add(StoredFile(**sound))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(StoredFile(**{**sound, "storage_key": "ab/" + "b" * 64, **values}))


def test_an_upload_holds_no_lock_while_the_sender_is_slow(
    database: Database, local_storage: LocalStorage, administrator: Actor, tmp_path: Path
) -> None:
    """Somebody else can write while the bytes come in; SQLite has only one writer."""

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() == 0:
                store(database, administrator, local_storage, samples.png(), "other.png")
            return super().read(size)

    with unit_of_work(database) as session:
        services.store_upload(
            session, administrator, local_storage, Slow(samples.PDF),
            name="slow.pdf", purpose="test", rules=RULES,
        )  # fmt: skip
    with unit_of_work(database, write=False) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StoredFile)) == 2
        assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0
