"""Show-if rules: what they are, and whether they hold for the answers given so far."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from questionnaires.engine.values import (
    AnswerValue,
    ChoicesValue,
    ChoiceValue,
    DateValue,
    LevelValue,
    NumberValue,
)


class Relation(enum.StrEnum):
    """How a test compares an answer with its value."""

    ANSWERED = "answered"
    EQUALS = "equals"
    INCLUDES = "includes"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Test:
    """True when the answer to an earlier question compares so with `value`.

    `value` is an option's key, yes/partial/no, a level, a number or a day (YYYY-MM-DD); it is
    None for ANSWERED alone.
    """

    __test__ = False  # a test runner would take the name for a case of its own

    question: str
    relation: Relation
    value: str | Decimal | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part is; also when there is none."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when at least one part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is not."""

    part: Condition


Condition: TypeAlias = Test | AllOf | AnyOf | Not


def tests_of(condition: Condition | None) -> Iterator[Test]:
    """Yield the tests of a rule in the order in which they are written."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, Not):
        yield from tests_of(condition.part)
    elif condition is not None:
        for part in condition.parts:
            yield from tests_of(part)


def depth_of(condition: Condition) -> int:
    """Return how deep a rule is nested; a test alone is 1."""
    if isinstance(condition, Test):
        return 1
    if isinstance(condition, Not):
        return 1 + depth_of(condition.part)
    return 1 + max((depth_of(part) for part in condition.parts), default=0)


def holds(condition: Condition | None, values: Mapping[str, AnswerValue]) -> bool:
    """Return whether a rule holds; no rule always does.

    `values` are the answers to the questions shown so far. A question that is hidden, not
    answered or does not apply is not among them, and a test on it is false.
    """
    match condition:
        case None:
            return True
        case Test():
            value = values.get(condition.question)
            return value is not None and _compares(condition, value)
        case AllOf(parts):
            return all(holds(part, values) for part in parts)
        case AnyOf(parts):
            return any(holds(part, values) for part in parts)
        case Not(part):
            return not holds(part, values)


def _compares(test: Test, value: AnswerValue) -> bool:
    match test.relation:
        case Relation.ANSWERED:
            return True
        case Relation.EQUALS:
            return _equals(value, test.value)
        case Relation.INCLUDES:
            return isinstance(value, ChoicesValue) and test.value in value.keys
        case Relation.AT_LEAST:
            difference = _difference(value, test.value)
            return difference is not None and difference >= 0
        case Relation.AT_MOST:
            difference = _difference(value, test.value)
            return difference is not None and difference <= 0


def _equals(value: AnswerValue, wanted: str | Decimal | None) -> bool:
    if isinstance(value, ChoiceValue):
        return value.key == wanted
    return _difference(value, wanted) == 0


def _difference(value: AnswerValue, wanted: str | Decimal | None) -> Decimal | None:
    """Return answer minus wanted (days for dates); None when the two cannot be compared."""
    match value:
        case LevelValue(level) if isinstance(wanted, Decimal):
            return level - wanted
        case NumberValue(amount) if amount is not None and isinstance(wanted, Decimal):
            return amount - wanted
        case DateValue(day) if isinstance(wanted, str):
            try:
                return Decimal((day - dt.date.fromisoformat(wanted)).days)
            except ValueError:
                return None
    return None
