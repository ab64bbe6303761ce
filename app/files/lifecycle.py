"""Where a file stands between upload and release, and the moves. Pure."""

from __future__ import annotations

import enum

from app.kernel.transitions import Transitions


class ScanState(enum.StrEnum):
    """What the malware scanner said. Unscanned: none was configured when the file came."""

    UNSCANNED = "unscanned"
    PENDING = "pending"
    CLEAN = "clean"
    QUARANTINED = "quarantined"


class ScanAction(enum.StrEnum):
    """What happens to a file: by the scanner (first two) or by a person."""

    PASS = "pass"  # noqa: S105 - an action, no password
    FIND = "find"
    HOLD = "hold"
    RELEASE = "release"


RELEASED = frozenset({ScanState.UNSCANNED, ScanState.CLEAN})
"""States in which people get the file."""

TRANSITIONS: Transitions[ScanState, ScanAction] = Transitions(
    "file",
    {
        (ScanState.PENDING, ScanAction.PASS): ScanState.CLEAN,
        (ScanState.PENDING, ScanAction.FIND): ScanState.QUARANTINED,
        (ScanState.UNSCANNED, ScanAction.HOLD): ScanState.QUARANTINED,
        (ScanState.PENDING, ScanAction.HOLD): ScanState.QUARANTINED,
        (ScanState.CLEAN, ScanAction.HOLD): ScanState.QUARANTINED,
        (ScanState.QUARANTINED, ScanAction.RELEASE): ScanState.CLEAN,
    },
)
