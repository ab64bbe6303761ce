"""Words for what happens to files, on pages and in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.files.lifecycle import ScanState
from app.files.media_types import ACCEPTED
from app.files.models import Damage, StoredFile


@dataclass(frozen=True, slots=True)
class StateLabel:
    """How a state is drawn: word, icon, tone."""

    word: LazyString
    icon: str
    tone: str


SCAN_LABELS: Mapping[ScanState, StateLabel] = {
    ScanState.UNSCANNED: StateLabel(_l("Not scanned"), "dash-circle", ""),
    ScanState.PENDING: StateLabel(_l("Being checked"), "hourglass-split", "doing"),
    ScanState.CLEAN: StateLabel(_l("Clean"), "check2-circle", "ok"),
    ScanState.QUARANTINED: StateLabel(_l("Held back"), "exclamation-octagon", "stop"),
}
DAMAGED = StateLabel(_l("Damaged"), "exclamation-triangle", "stop")
ERASED = StateLabel(_l("Erased"), "trash", "")

DAMAGE_WORDS: Mapping[Damage, LazyString] = {
    Damage.MISSING: _l("The content is gone from the store."),
    Damage.SIZE: _l("The content has another size than the uploaded file."),
    Damage.SHORTER: _l("A part of the content is gone."),
    Damage.LONGER: _l("Something was added to the content."),
    Damage.CHANGED: _l("The content was changed."),
}

PURPOSES: dict[str, LazyString] = {"storage check": _l("Storage check")}
"""What files are for; features add theirs when they are wired."""

VERBS = {
    "file.uploaded": _l("uploaded"),
    "file.scanned": _l("scanned and found clean"),
    "file.quarantined": _l("held back"),
    "file.released": _l("released"),
    "file.erased": _l("erased"),
    "file.found_damaged": _l("found damaged"),
    "file.intact_again": _l("found whole again"),
    "files.swept": _l("swept"),
}
FIELDS = {
    "original_name": _l("name"),
    "size": _l("size in bytes"),
    "sha256": _l("digest (SHA-256)"),
    "media_type": _l("type"),
    "purpose": _l("purpose"),
    "scan_state": _l("state of the scan"),
    "scan_finding": _l("finding"),
    "damage": _l("damage"),
    "orphans": _l("contents without a file"),
    "erased": _l("contents of erased files"),
}
SUBJECTS = {"file": _l("file"), "file_store": _l("file store")}

_TYPE_NAMES = {kind.value: kind.label for kind in ACCEPTED.values()}


def state_label(stored: StoredFile) -> StateLabel:
    """Return what matters most about a file: erased, damaged, else what the scanner said."""
    if stored.deleted_at is not None:
        return ERASED
    if stored.damage is not None:
        return DAMAGED
    return SCAN_LABELS[stored.scan_state]


def type_name(media_type: str) -> str:
    """Return the name people know a type by, such as Word."""
    return _TYPE_NAMES.get(media_type, media_type)


def purpose_label(purpose: str) -> str:
    """Return the words for what a file is for."""
    return str(PURPOSES.get(purpose, purpose))
