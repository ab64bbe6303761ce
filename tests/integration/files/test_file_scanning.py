"""The malware scanner: nothing is released before it says clean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.access.actor import Actor
from app.audit.models import AuditEvent
from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.files import jobs, services
from app.files.backends import LocalStorage
from app.files.download import FileHeld, refuse_unless_released
from app.files.lifecycle import ScanState
from app.files.models import StoredFile
from app.files.scan import Scanner, ScannerUnavailable
from app.files.services import UploadRules
from app.files.topics import SCAN_TOPIC, SWEEP_TOPIC, VERIFY_TOPIC
from app.outbox.lifecycle import JobState
from app.outbox.models import Job
from app.outbox.publish import publish
from app.outbox.registry import JobRegistry
from app.outbox.worker import Worker
from tests.integration.files.fake_clamd import FakeClamd, running_clamd
from tests.integration.files.test_file_uploads import reload, store
from tests.support.clock import Clock
from tests.unit.files import file_samples as samples

SCANNED = UploadRules(limit=2_000_000, scan=True)
INFECTED = b"# Notes\n" + samples.EICAR + b"\n"


@pytest.fixture
def clamd() -> Iterator[FakeClamd]:
    with running_clamd() as fake:
        yield fake


def worker(database: Database, storage: LocalStorage, address: str | None) -> Worker:
    registry = JobRegistry()
    scanner = None if address is None else Scanner(address, timeout=1)
    jobs.register(registry, database, storage, scanner)
    return Worker(database, registry)


def the_jobs(database: Database, topic: str) -> list[Job]:
    with unit_of_work(database, write=False) as session:
        return list(session.scalars(sa.select(Job).where(Job.topic == topic).order_by(Job.id)))


def test_clean_and_found(clamd: FakeClamd) -> None:
    scanner = Scanner(clamd.address)
    assert scanner.scan([b"harmless"]) is None
    assert scanner.scan([samples.EICAR[:20], samples.EICAR[20:]]) == "Win.Test.EICAR_HDB-1"
    big = bytes(300_000)
    assert scanner.scan([big, b"", b"end"]) is None
    assert clamd.received[-1] == big + b"end"


def test_a_socket_file_works_too(tmp_path: Path) -> None:
    with running_clamd(tmp_path / "clamd.sock") as fake:
        assert Scanner(fake.address).scan([samples.EICAR]) == "Win.Test.EICAR_HDB-1"
        assert Scanner(fake.address.removeprefix("unix:")).scan([b"x"]) is None
    with pytest.raises(ScannerUnavailable):
        Scanner(fake.address).scan([b"x"])


@pytest.mark.parametrize("mode", ["close", "cut", "limit", "nonsense", "flood", "empty", "hang"])
def test_whatever_is_no_clear_answer_is_none(clamd: FakeClamd, mode: str) -> None:
    clamd.mode = mode
    with pytest.raises(ScannerUnavailable, match="does not answer"):
        Scanner(clamd.address, timeout=0.5).scan([b"x" * 200_000] * 3)


def test_nobody_listens() -> None:
    with pytest.raises(ScannerUnavailable):
        Scanner("127.0.0.1:9").scan([b"x"])


@pytest.mark.parametrize("address", ["clamd", "host:", ":3310", "host:port", ""])
def test_addresses_of_another_form_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        Scanner(address)


def test_infected_files_are_quarantined_and_clean_ones_released(
    database: Database, local_storage: LocalStorage, administrator: Actor, clamd: FakeClamd
) -> None:
    bad = store(database, administrator, local_storage, INFECTED, "notes.md", SCANNED)
    good = store(database, administrator, local_storage, rules=SCANNED)
    for stored in (bad, good):
        assert stored.scan_state is ScanState.PENDING
        with pytest.raises(FileHeld, match="still being checked"):
            refuse_unless_released(stored)
    worker(database, local_storage, clamd.address).run_until_empty()
    bad, good = reload(database, bad), reload(database, good)
    assert (bad.scan_state, bad.scan_finding) == (ScanState.QUARANTINED, "Win.Test.EICAR_HDB-1")
    with pytest.raises(FileHeld, match="held back because something harmful was found"):
        refuse_unless_released(bad)
    assert (good.scan_state, good.scan_finding) == (ScanState.CLEAN, None)
    refuse_unless_released(good)
    assert samples.PDF in clamd.received
    with unit_of_work(database, write=False) as session:
        events = {
            (event.subject_id, event.verb): event.after
            for event in session.scalars(sa.select(AuditEvent))
        }
    assert events[(str(bad.id), "file.quarantined")] == {
        "scan_state": "quarantined", "scan_finding": "Win.Test.EICAR_HDB-1"
    }  # fmt: skip
    assert (str(good.id), "file.scanned") in events


def test_a_stopped_scanner_releases_nothing_and_is_asked_again(
    database: Database,
    local_storage: LocalStorage,
    administrator: Actor,
    clamd: FakeClamd,
    clock: Clock,
) -> None:
    clamd.mode = "close"
    stored = store(database, administrator, local_storage, INFECTED, "a.txt", SCANNED)
    at_work = worker(database, local_storage, clamd.address)
    for _ in range(15):
        at_work.run_until_empty()
        clock.forward(hours=1)
    assert reload(database, stored).scan_state is ScanState.PENDING
    (job,) = the_jobs(database, SCAN_TOPIC)
    assert job.state is JobState.READY
    assert job.attempts >= 10
    assert job.last_error is not None
    assert "scanner does not answer" in job.last_error
    clamd.mode = "work"
    at_work.run_until_empty()
    assert reload(database, stored).scan_state is ScanState.QUARANTINED


def test_files_that_wait_too_long_are_asked_about_again_by_the_sweep(
    database: Database,
    local_storage: LocalStorage,
    administrator: Actor,
    clamd: FakeClamd,
    clock: Clock,
) -> None:
    stored = store(database, administrator, local_storage, rules=SCANNED)
    with unit_of_work(database) as session:
        session.execute(sa.delete(Job))
        publish(session, SWEEP_TOPIC)
    worker(database, local_storage, clamd.address).run_until_empty()
    assert reload(database, stored).scan_state is ScanState.PENDING, "it has not waited a day"
    clock.forward(days=2)
    with unit_of_work(database) as session:
        publish(session, SWEEP_TOPIC)
    worker(database, local_storage, clamd.address).run_until_empty()
    assert reload(database, stored).scan_state is ScanState.CLEAN


def test_without_a_scanner_pending_files_stay_unreleased(
    database: Database, local_storage: LocalStorage, administrator: Actor
) -> None:
    stored = store(database, administrator, local_storage, rules=SCANNED)
    worker(database, local_storage, None).run_until_empty()
    (job,) = the_jobs(database, SCAN_TOPIC)
    assert (job.state, job.result) == (JobState.DONE, {"scanned": False})
    assert reload(database, stored).scan_state is ScanState.PENDING


def test_a_person_who_held_a_file_back_is_not_overruled(
    database: Database, local_storage: LocalStorage, administrator: Actor, clamd: FakeClamd
) -> None:
    stored = store(database, administrator, local_storage, rules=SCANNED)
    with unit_of_work(database) as session:
        services.quarantine(session, administrator, stored.id, "sent by mistake")
        services.record_scan(session, stored.id, None)
    worker(database, local_storage, clamd.address).run_until_empty()
    held = reload(database, stored)
    assert (held.scan_state, held.scan_finding) == (ScanState.QUARANTINED, "sent by mistake")
    assert clamd.received == []


def test_f10_damaged_files_are_not_called_clean(
    database: Database, local_storage: LocalStorage, administrator: Actor, clamd: FakeClamd
) -> None:
    stored = store(database, administrator, local_storage, rules=SCANNED)
    (local_storage.root / stored.storage_key).write_bytes(b"x" * stored.size)
    worker(database, local_storage, clamd.address).run_until_empty()
    assert reload(database, stored).scan_state is ScanState.PENDING
    assert clamd.received == []


def test_the_check_and_the_sweep_run_as_jobs_and_tell_their_result(
    database: Database, local_storage: LocalStorage, administrator: Actor
) -> None:
    files: list[StoredFile] = [
        store(database, administrator, local_storage, name=f"{n}.pdf") for n in range(3)
    ]
    (local_storage.root / files[1].storage_key).unlink()
    with unit_of_work(database) as session:
        first = jobs.ask_for_check(session, administrator, title="Check of all files")
        again = jobs.ask_for_check(session, administrator, title="Check of all files")
        assert again.id == first.id
        publish(session, SWEEP_TOPIC)
    worker(database, local_storage, None).run_until_empty()
    check = next(job for job in the_jobs(database, VERIFY_TOPIC) if job.id == first.id)
    assert check.owner_id == administrator.id
    assert check.result == {
        "checked": 3, "damaged": 1,
        "files": [{"id": str(files[1].id), "name": "1.pdf", "damage": "missing"}],
    }  # fmt: skip
    assert the_jobs(database, SWEEP_TOPIC)[0].result == {
        "drafts": 0, "orphans": 0, "erased": 0, "missing": 1, "scans_asked": 0
    }  # fmt: skip


def test_the_sweep_is_nightly_and_the_check_on_sundays(
    database: Database, local_storage: LocalStorage
) -> None:
    registry = JobRegistry()
    jobs.register(registry, database, local_storage, None)
    plans = {plan.name: plan for plan in registry.periodics}
    assert set(plans) == {SWEEP_TOPIC, VERIFY_TOPIC}
    assert plans[SWEEP_TOPIC].every.days == 1
    # 1970-01-01 was a Thursday (3 in Python's count); 6 is a Sunday.
    assert (3 + plans[VERIFY_TOPIC].offset.days) % 7 == 6
