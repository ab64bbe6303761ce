"""The words in which a score speaks."""

from __future__ import annotations

import enum


class Band(enum.StrEnum):
    """How sure the result is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Reason(enum.StrEnum):
    """Why a result is not final.

    STOPPED: an intake answer ends it. INHERENT_PROVISIONAL: intake questions are open.
    LOW_CONFIDENCE: too little is backed for so much risk.
    """

    STOPPED = "stopped"
    INHERENT_PROVISIONAL = "inherent_provisional"
    LOW_CONFIDENCE = "low_confidence"
