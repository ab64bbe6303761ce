"""What can be done with a file: take it in, hold it back, release it, erase it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import structlog
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor, require
from app.access.permissions import Permission
from app.audit.recorder import Values, record
from app.files import names
from app.files.lifecycle import TRANSITIONS, ScanAction, ScanState
from app.files.models import Damage, StoredFile
from app.files.queries import find_file
from app.files.screening import screen
from app.files.storage import CHUNK, Storage
from app.files.topics import SCAN_TOPIC
from app.kernel import clock
from app.kernel.errors import DomainError
from app.outbox.publish import publish
from config import Settings

log = structlog.get_logger()

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class UploadRules:
    """What holds for every upload: the largest size in bytes, and whether a scanner is asked."""

    limit: int
    scan: bool


def rules_from(settings: Settings) -> UploadRules:
    """Return the rules that the settings name."""
    return UploadRules(
        limit=settings.upload_max_megabytes * MEGABYTE, scan=bool(settings.clamd_address)
    )


def store_upload(
    session: Session,
    actor: Actor,
    storage: Storage,
    stream: BinaryIO,
    *,
    name: str,
    purpose: str,
    rules: UploadRules,
) -> StoredFile:
    """Take a file in: screen it, keep its bytes durably, then write its row and the trail.

    The caller has checked that this actor may add a file for this purpose. The session is
    first used when the bytes are safe, so that a slow sender holds no lock. When the
    transaction fails afterwards, the bytes have no row and the sweep removes them. Raises
    FileRefused, TooLarge, StorageFull and Unavailable.
    """
    media_type = ""

    def inspect(file: BinaryIO) -> None:
        nonlocal media_type
        media_type = screen(file, name)

    try:
        receipt = storage.put_stream(_chunks(stream), limit=rules.limit, inspect=inspect)
    except DomainError as error:
        log.info(
            "upload.refused", code=error.code, reason=error.details.get("reason"), purpose=purpose
        )
        raise
    stored = StoredFile(
        storage_key=receipt.key,
        original_name=names.clean(name),
        size=receipt.size,
        sha256=receipt.sha256,
        media_type=media_type,
        purpose=purpose,
        scan_state=ScanState.PENDING if rules.scan else ScanState.UNSCANNED,
        uploaded_by_kind=actor.kind.value,
        uploaded_by_id=None if actor.id is None else str(actor.id),
        uploaded_by_name=actor.name[:200],
    )
    session.add(stored)
    session.flush()
    _note(
        session,
        actor,
        stored,
        "file.uploaded",
        after={
            "original_name": stored.original_name,
            "size": stored.size,
            "sha256": stored.sha256,
            "media_type": media_type,
            "purpose": purpose,
            "scan_state": stored.scan_state.value,
        },
    )
    if rules.scan:
        ask_scan(session, stored)
    return stored


def ask_scan(session: Session, stored: StoredFile) -> None:
    """Have a worker ask the scanner about a pending file."""
    publish(session, SCAN_TOPIC, {"file_id": str(stored.id)})


def record_scan(session: Session, file_id: uuid.UUID, finding: str | None) -> StoredFile:
    """Write down what the scanner said; a file that no longer waits for it stays as it is."""
    stored = find_file(session, file_id, lock=True)
    if stored.scan_state is not ScanState.PENDING:
        return stored
    if finding is None:
        _move(session, SYSTEM, stored, ScanAction.PASS, verb="file.scanned")
    else:
        _move(session, SYSTEM, stored, ScanAction.FIND, verb="file.quarantined", finding=finding)
        log.warning("file.quarantined", file_id=str(stored.id), finding=finding)
    return stored


def quarantine(session: Session, actor: Actor, file_id: uuid.UUID, reason: str) -> StoredFile:
    """Hold a file back from everybody, for a reason in words. Raises Forbidden and Conflict."""
    require(actor, Permission.FILES_MANAGE)
    reason = reason.strip()
    if not reason:
        raise DomainError(
            "Say why this file is held back; others will ask.", field="reason", code="no_reason"
        )
    stored = find_file(session, file_id, lock=True)
    _move(session, actor, stored, ScanAction.HOLD, verb="file.quarantined", finding=reason[:200])
    return stored


def release(session: Session, actor: Actor, file_id: uuid.UUID) -> StoredFile:
    """Let people have a file that was held back. Raises Forbidden and Conflict."""
    require(actor, Permission.FILES_MANAGE)
    stored = find_file(session, file_id, lock=True)
    _move(session, actor, stored, ScanAction.RELEASE, verb="file.released")
    return stored


def erase(session: Session, actor: Actor, file_id: uuid.UUID, reason: str) -> StoredFile:
    """Mark the bytes of a file for erasure; the next sweep removes them, the row stays.

    For retention: the caller has checked that its rule asks for it.
    """
    stored = find_file(session, file_id, lock=True)
    if stored.deleted_at is None:
        stored.deleted_at = clock.now()
        _note(session, actor, stored, "file.erased", after={"reason": reason[:300]})
    return stored


def note_damage(session: Session, file_id: uuid.UUID, damage: Damage | None) -> bool:
    """Write down that stored bytes are wrong, or right again (None); return whether it is news."""
    stored = find_file(session, file_id, lock=True)
    if stored.damage == damage or stored.deleted_at is not None:
        return False
    before = None if stored.damage is None else stored.damage.value
    stored.damage = damage
    stored.damaged_at = None if damage is None else clock.now()
    _note(
        session,
        SYSTEM,
        stored,
        "file.intact_again" if damage is None else "file.found_damaged",
        before={"damage": before},
        after={"damage": None if damage is None else damage.value},
    )
    return True


def _move(
    session: Session,
    actor: Actor,
    stored: StoredFile,
    action: ScanAction,
    *,
    verb: str,
    finding: str | None = None,
) -> None:
    before: Values = {"scan_state": stored.scan_state.value, "scan_finding": stored.scan_finding}
    stored.scan_state = TRANSITIONS.after(stored.scan_state, action)
    stored.scanned_at = clock.now()
    stored.scan_finding = finding
    after: Values = {"scan_state": stored.scan_state.value, "scan_finding": finding}
    _note(session, actor, stored, verb, before=before, after=after)


def _note(
    session: Session,
    actor: Actor,
    stored: StoredFile,
    verb: str,
    *,
    before: Values | None = None,
    after: Values | None = None,
) -> None:
    record(
        session,
        actor,
        verb,
        subject_type="file",
        subject_id=stored.id,
        subject_name=stored.original_name,
        before=before,
        after=after,
    )


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk
