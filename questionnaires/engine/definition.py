"""The questionnaire document in memory: frozen, with quick look-ups.

Field names and defaults are those of docs/questionnaire-format.md. The defaults stand here and
nowhere else: the schemas leave out on writing what equals them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from questionnaires.engine.conditions import Condition
from questionnaires.engine.translation import Translation, frozen_map, no_entries
from questionnaires.engine.vocabulary import (
    Audience,
    ColumnType,
    Depth,
    EvidenceAsk,
    Purpose,
    Weight,
)

FORMAT = "assay-questionnaire/1"
LEVELS = 5
"""Steps of the maturity scale: levels 0 to 4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Which file backs an answer."""

    ask: EvidenceAsk
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ControlRef:
    """A control of a framework, such as A.7.2 of iso-42001."""

    framework: str
    control: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a single or multiple choice.

    `score` is whole percent (single choice), `level` 0 to 4 (intake), `needed` counts for the
    score of a multiple choice.
    """

    key: str
    text: str
    hint: str | None = None
    score: int | None = None
    level: int | None = None
    risky: bool = False
    gate: bool = False
    stop: bool = False
    exclusive: bool = False
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Scores numbers from `start` (with it) to below `below`; None is without end."""

    start: Decimal | None = None
    below: Decimal | None = None
    score: int
    risky: bool = False
    gate: bool = False

    def holds(self, amount: Decimal) -> bool:
        """Return whether `amount` lies in the band."""
        above = self.start is None or amount >= self.start
        return above and (self.below is None or amount < self.below)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOption:
    """What can be said in place of a number, such as "There is no limit"."""

    text: str
    score: int = 0
    risky: bool = False
    gate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNoScores:
    """Percent for each answer; may be turned round."""

    yes: int = 100
    partial: int = 50
    no: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnOption:
    """One option of a table's column."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    key: str
    text: str
    type: ColumnType = ColumnType.TEXT
    required: bool = True
    options: tuple[ColumnOption, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What all questions have. `factor` is whole percent and for intake alone."""

    type: ClassVar[str] = ""

    key: str
    text: str
    hint: str | None = None
    looking_for: str | None = None
    weight: Weight = Weight.STANDARD
    depth: Depth = Depth.CORE
    minutes: int = 2
    required: bool = True
    not_applicable: bool = True
    module: str | None = None
    show_if: Condition | None = None
    evidence: Evidence | None = None
    red_flag: str | None = None
    warning: str | None = None
    controls: tuple[ControlRef, ...] = ()
    risk_sources: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    factor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNoQuestion(Question):
    """Yes, partial or no. `risky` and `gate` list the answers that warn or open the gate."""

    type: ClassVar[str] = "yes_no"

    scores: YesNoScores = YesNoScores()
    risky: tuple[str, ...] = ()
    gate: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleQuestion(Question):
    """One of the options."""

    type: ClassVar[str] = "single"

    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipleQuestion(Question):
    """Any number of the options."""

    type: ClassVar[str] = "multiple"

    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MaturityQuestion(Question):
    """A level from 0 to 4; `levels` are own words for all five."""

    type: ClassVar[str] = "maturity"

    levels: tuple[str, ...] = ()
    risky_below: int | None = None
    gate_below: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextQuestion(Question):
    """Words; scored by a reviewer."""

    type: ClassVar[str] = "text"

    max_length: int = 4_000
    lines: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberQuestion(Question):
    """An amount in `unit`, with at most `decimals` places after the point."""

    type: ClassVar[str] = "number"

    unit: str | None = None
    decimals: int = 0
    min: Decimal | None = None
    max: Decimal | None = None
    bands: tuple[Band, ...] = ()
    unknown_option: UnknownOption | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateQuestion(Question):
    """A day; `future` allows days to come."""

    type: ClassVar[str] = "date"

    validity_months: int | None = None
    future: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileQuestion(Question):
    """Files; `kinds` are words for what is wanted."""

    type: ClassVar[str] = "file"

    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableQuestion(Question):
    """Rows under columns; scored by a reviewer."""

    type: ClassVar[str] = "table"

    columns: tuple[Column, ...] = ()
    min_rows: int = 1
    max_rows: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Questions under one title."""

    key: str
    title: str
    summary: str | None = None
    show_if: Condition | None = None
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A part that an answer switches on."""

    key: str
    title: str
    show_if: Condition


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """One version of a questionnaire. Keys of sections, modules and questions are unique."""

    format: str = FORMAT
    key: str
    title: str
    summary: str | None = None
    audience: Audience
    purpose: Purpose
    language: str
    modules: tuple[Module, ...] = ()
    sections: tuple[Section, ...] = ()
    translations: Mapping[str, Translation] = field(default_factory=no_entries)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions in the order of the document."""
        return tuple(question for section in self.sections for question in section.questions)

    @cached_property
    def _questions_by_key(self) -> dict[str, Question]:
        return {question.key: question for question in self.questions}

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {question.key: place for place, question in enumerate(self.questions)}

    @cached_property
    def _sections_by_question(self) -> dict[str, Section]:
        return {q.key: section for section in self.sections for q in section.questions}

    @cached_property
    def modules_by_key(self) -> Mapping[str, Module]:
        """Modules by their key."""
        return frozen_map({module.key: module for module in self.modules})

    def question(self, key: str) -> Question | None:
        """Return the question with this key, or None."""
        return self._questions_by_key.get(key)

    def position(self, key: str) -> int:
        """Return a question's place in the document, from 0; raises KeyError."""
        return self._positions[key]

    def section_of(self, key: str) -> Section:
        """Return the section of a question; raises KeyError."""
        return self._sections_by_question[key]

    def section(self, key: str) -> Section | None:
        """Return the section with this key, or None."""
        return next((section for section in self.sections if section.key == key), None)

    def languages(self) -> Iterator[str]:
        """Yield the source language and those translated to."""
        yield self.language
        yield from self.translations
