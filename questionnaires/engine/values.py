"""What an answer can be: one frozen kind of value per question type."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class ChoiceValue:
    """One option's key; for yes/no questions yes, partial or no."""

    key: str


@dataclass(frozen=True, slots=True)
class ChoicesValue:
    """The keys of the options chosen, in the order of the question; at least one."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LevelValue:
    """A level of the maturity scale, 0 to 4."""

    level: int


@dataclass(frozen=True, slots=True)
class TextValue:
    """Words; not empty, without blanks at the ends, lines ended by a line feed."""

    text: str


@dataclass(frozen=True, slots=True)
class NumberValue:
    """An exact amount in the question's unit, or None when its unknown option was chosen."""

    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class DateValue:
    """A day."""

    day: dt.date


@dataclass(frozen=True, slots=True)
class FileReference:
    """A stored file: its id and the name under which it came."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class FilesValue:
    """The files given as the answer; at least one."""

    files: tuple[FileReference, ...]


CellValue: TypeAlias = TextValue | NumberValue | DateValue | ChoiceValue


@dataclass(frozen=True, slots=True)
class RowsValue:
    """Rows of a table; each has one cell per column of the question, None where it is empty."""

    rows: tuple[tuple[CellValue | None, ...], ...]


AnswerValue: TypeAlias = (
    ChoiceValue
    | ChoicesValue
    | LevelValue
    | TextValue
    | NumberValue
    | DateValue
    | FilesValue
    | RowsValue
)
