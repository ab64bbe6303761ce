"""How age takes away from what an answer or its evidence is worth. All of it is exact."""

from __future__ import annotations

import calendar
import datetime as dt
import enum
from fractions import Fraction

_WHOLE = Fraction(1)
_NOTHING = Fraction(0)
_MINOR_CHANGE_LIMIT = Fraction(1, 2)


class ModelChange(enum.StrEnum):
    """What happened to the model since the evidence was made."""

    SAME = "same"
    MINOR = "minor"
    MAJOR = "major"


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day so many months later, or the last of a shorter month.

    The last day that the calendar knows stands for everything after it.
    """
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    if year > dt.MAXYEAR:
        return dt.date.max
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_between(start: dt.date, end: dt.date) -> Fraction:
    """Return the age in months: whole ones and the share of the one begun; 0 before the start."""
    if end <= start:
        return _NOTHING
    whole = (end.year - start.year) * 12 + end.month - start.month
    if add_months(start, whole) > end:
        whole -= 1
    begun = add_months(start, whole)
    length = (add_months(start, whole + 1) - begun).days
    return whole + (Fraction((end - begun).days, length) if length else _NOTHING)


def falling(age: Fraction, months: Fraction | int) -> Fraction:
    """Return 1 up to an age of `months`, then less in a line, and 0 from twice that on."""
    if age <= months:
        return _WHOLE
    if age >= 2 * months:
        return _NOTHING
    return 2 - age / months


def evidence_freshness(
    age: Fraction,
    validity_months: int,
    change: ModelChange,
    *,
    version_bound: bool = True,
    minor_limit: Fraction = _MINOR_CHANGE_LIMIT,
) -> Fraction:
    """Return how fresh evidence is, 0 to 1; ages are months.

    Evidence about one version of a model is worth at most `minor_limit` after a minor change of
    it and nothing after a major one.
    """
    fresh = falling(age, validity_months)
    return after_change(fresh, change, minor_limit) if version_bound else fresh


def after_change(
    fresh: Fraction, change: ModelChange, minor_limit: Fraction = _MINOR_CHANGE_LIMIT
) -> Fraction:
    """Return what is left of a freshness after a change of the model it speaks of."""
    match change:
        case ModelChange.SAME:
            return fresh
        case ModelChange.MINOR:
            return min(fresh, minor_limit)
        case ModelChange.MAJOR:
            return _NOTHING
