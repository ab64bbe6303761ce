"""Adding and rounding fractions: quickly, and so that shown parts add up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction


class ExactSum:
    """A running sum of fractions.

    Numerators are added per denominator, so that thousands of parts cost thousands of whole
    additions and only few of fractions.
    """

    def __init__(self) -> None:
        self._numerators: dict[int, int] = {}

    def add(self, value: Fraction) -> None:
        """Add one part."""
        below = value.denominator
        self._numerators[below] = self._numerators.get(below, 0) + value.numerator

    def total(self) -> Fraction:
        """Return the exact sum."""
        # All over one denominator: adding fractions one by one would shorten each time.
        below = math.lcm(*self._numerators) if self._numerators else 1
        above = sum(count * (below // part) for part, count in self._numerators.items())
        return Fraction(above, below)


def exact_sum(values: Iterable[Fraction]) -> Fraction:
    """Return the exact sum of many fractions."""
    running = ExactSum()
    for value in values:
        running.add(value)
    return running.total()


def rounded(value: Fraction, digits: int) -> Decimal:
    """Return a fraction with so many digits after the point, halves away from zero."""
    scaled = abs(value) * 10**digits
    whole = int(scaled + Fraction(1, 2))
    return Decimal(-whole if value < 0 else whole).scaleb(-digits)


def largest_remainder(values: Sequence[Fraction], digits: int) -> list[Decimal]:
    """Round parts so that they add up to the rounded sum.

    Each is rounded down; what is missing goes, one last digit each, to those that lost most.
    Where two lost the same, the earlier one gets it.
    """
    scale = 10**digits
    total = int(rounded(exact_sum(values), digits).scaleb(digits))
    floors = [math.floor(value * scale) for value in values]
    missing = total - sum(floors)
    by_loss = sorted(
        range(len(values)), key=lambda place: (floors[place] - values[place] * scale, place)
    )
    for place in by_loss[:missing]:
        floors[place] += 1
    return [Decimal(floor).scaleb(-digits) for floor in floors]
