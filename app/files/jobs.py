"""Work on files in the background: the scanner, the check of all digests, the sweep."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.access.actor import Actor, require
from app.access.permissions import Permission
from app.db.engine import Database
from app.files.lifecycle import ScanState
from app.files.queries import find_file, last_check
from app.files.scan import Scanner
from app.files.services import record_scan
from app.files.storage import CHUNK, Storage
from app.files.topics import SCAN_TOPIC, SWEEP_TOPIC, VERIFY_TOPIC
from app.files.upkeep import SweepReport, VerifyReport, sweep, verify_files
from app.outbox.claiming import ClaimedJob
from app.outbox.lifecycle import JobState
from app.outbox.models import Job
from app.outbox.publish import publish
from app.outbox.registry import JobRegistry
from app.outbox.retry import AlreadyDone, JsonObject, RetryPolicy
from app.outbox.running import RunningJob

_LISTED = 50
"""Damaged files that a job's result names; all of them are marked in the list."""

# A scanner that is away for days loses nothing: the files wait, unreleased.
_SCAN_RETRY = RetryPolicy(
    max_attempts=1_000, base=dt.timedelta(seconds=10), cap=dt.timedelta(minutes=10)
)


@dataclass(frozen=True, slots=True)
class _Scannable:
    file_id: uuid.UUID
    key: str
    size: int
    sha256: str


def register(
    jobs: JobRegistry, database: Database, storage: Storage, scanner: Scanner | None
) -> None:
    """Give the outbox the topics; the sweep runs nightly, the check of all files on Sundays."""

    def scan(file: _Scannable, _job: RunningJob) -> tuple[uuid.UUID, str | None]:
        if scanner is None:
            raise AssertionError("scanned without a scanner: prepare lets no such job through")
        with storage.open_verified(file.key, size=file.size, sha256=file.sha256) as stream:
            return file.file_id, scanner.scan(iter(lambda: stream.read(CHUNK), b""))

    def prepare_scan(session: Session, job: ClaimedJob) -> _Scannable:
        stored = find_file(session, uuid.UUID(str(job.payload["file_id"])))
        if stored.scan_state is not ScanState.PENDING or stored.deleted_at is not None:
            raise AlreadyDone
        if scanner is None:
            # The setting was taken away. The file stays unreleased until a person decides.
            raise AlreadyDone({"scanned": False})
        return _Scannable(stored.id, stored.storage_key, stored.size, stored.sha256)

    jobs.external(
        SCAN_TOPIC,
        prepare=prepare_scan,
        perform=scan,
        settle=_settle_scan,
        retry=_SCAN_RETRY,
        lease_seconds=300,
    )
    jobs.external(
        VERIFY_TOPIC,
        prepare=lambda _session, _job: None,
        perform=lambda _nothing, job: verify_files(database, storage, job.progress),
        settle=_settle_verify,
    )
    jobs.external(
        SWEEP_TOPIC,
        prepare=lambda _session, _job: None,
        perform=lambda _nothing, _job: sweep(database, storage, scan=scanner is not None),
        settle=_settle_sweep,
        lease_seconds=3_600,
    )
    day = dt.timedelta(days=1)
    jobs.periodic(SWEEP_TOPIC, topic=SWEEP_TOPIC, every=day, offset=dt.timedelta(hours=3))
    # 1970 began on a Thursday: three days on is a Sunday.
    jobs.periodic(
        VERIFY_TOPIC, topic=VERIFY_TOPIC, every=7 * day, offset=3 * day + dt.timedelta(hours=4)
    )


def ask_for_check(session: Session, actor: Actor, *, title: str) -> Job:
    """Have all files checked soon; the actor may watch it. Raises Forbidden.

    While a check waits or runs, that one is returned: a second would read the same.
    """
    require(actor, Permission.FILES_MANAGE)
    last = last_check(session)
    if last is not None and last.state in (JobState.READY, JobState.RUNNING):
        return last
    return publish(session, VERIFY_TOPIC, owner_id=actor.id, title=title)


def _settle_scan(
    session: Session, _job: ClaimedJob, outcome: tuple[uuid.UUID, str | None]
) -> JsonObject:
    file_id, finding = outcome
    stored = record_scan(session, file_id, finding)
    return {"scanned": True, "scan_state": stored.scan_state.value}


def _settle_verify(_session: Session, _job: ClaimedJob, report: VerifyReport) -> JsonObject:
    return {
        "checked": report.checked,
        "damaged": len(report.damaged),
        "files": [
            {"id": str(file.id), "name": file.name, "damage": file.damage.value}
            for file in report.damaged[:_LISTED]
        ],
    }


def _settle_sweep(_session: Session, _job: ClaimedJob, report: SweepReport) -> JsonObject:
    return {
        "drafts": report.drafts,
        "orphans": report.orphans,
        "erased": report.erased,
        "missing": len(report.missing),
        "scans_asked": report.scans_asked,
    }
