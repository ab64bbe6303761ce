"""What a form shows for a question: plain data, from which responses builds its controls."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal


class Control(enum.StrEnum):
    """The kind of control."""

    RADIOS = "radios"
    CHECKBOXES = "checkboxes"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FILES = "files"
    TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChoice:
    """One option of a control. `alone` excludes all others, `warns` shows the warning."""

    key: str
    text: str
    hint: str | None = None
    alone: bool = False
    warns: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldColumn:
    """One column of a table control."""

    key: str
    text: str
    control: Control
    required: bool
    choices: tuple[FieldChoice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One control. What a control does not have is None or empty.

    `unknown` is the text that can be chosen in place of a number.
    """

    key: str
    control: Control
    label: str
    hint: str | None = None
    required: bool = True
    choices: tuple[FieldChoice, ...] = ()
    unit: str | None = None
    decimals: int = 0
    lowest: Decimal | None = None
    highest: Decimal | None = None
    unknown: str | None = None
    max_length: int | None = None
    lines: int = 1
    days_to_come: bool = False
    kinds: tuple[str, ...] = ()
    columns: tuple[FieldColumn, ...] = ()
    min_rows: int = 0
    max_rows: int = 0
