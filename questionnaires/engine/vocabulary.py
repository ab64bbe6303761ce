"""The fixed words of a document: each is one of few."""

from __future__ import annotations

import enum


class Audience(enum.StrEnum):
    """Who answers."""

    VENDOR = "vendor"
    ORGANISATION = "organisation"


class Purpose(enum.StrEnum):
    """Which method reads the answers."""

    SUPPLIER = "supplier"
    INTAKE = "intake"


class Weight(enum.StrEnum):
    """How much a question matters; a rule set gives each its points."""

    CRITICAL = "critical"
    STANDARD = "standard"
    MINOR = "minor"
    NONE = "none"


class Depth(enum.StrEnum):
    """Whether everybody is asked or only where it goes deep."""

    CORE = "core"
    DEEP = "deep"


class EvidenceAsk(enum.StrEnum):
    """How much a file is wanted that backs the answer."""

    WANTED = "wanted"
    REQUIRED = "required"


class ColumnType(enum.StrEnum):
    """What a column of a table holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    SINGLE = "single"


class YesNo(enum.StrEnum):
    """The answers to a yes/no question."""

    YES = "yes"
    PARTIAL = "partial"
    NO = "no"
