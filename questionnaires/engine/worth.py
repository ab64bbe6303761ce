"""Credit and confidence of terms, in whole numbers over one denominator for all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from questionnaires.engine.answers import Backing
from questionnaires.engine.rules import RuleSet
from questionnaires.engine.terms import Term


class Worth:
    """Works out what terms are worth.

    A credit is so many parts of `whole`, a claim of `claim_whole`, a certainty of
    `certainty_whole`. Days and percents have few denominators, so these stay short however many
    terms there are, and thousands of terms cost no division.
    """

    def __init__(self, terms: Sequence[Term], rules: RuleSet) -> None:
        self.claim_whole = _denominator(term.s for term in terms if term.s is not None)
        self._f = _denominator(term.f for term in terms)
        self._a = _denominator(term.a for term in terms)
        kappa = _denominator(rules.kappa.values())
        sure = _denominator(rules.confidence.values())
        self.whole = self.claim_whole * kappa * self._f * self._a
        self.certainty_whole = sure * self._f * self._a
        self._kappa = _steps(rules.kappa, kappa)
        self._sure = _steps(rules.confidence, sure)

    def claim(self, term: Term) -> int:
        """Return s in parts; 0 without a score."""
        return 0 if term.s is None else _parts(term.s, self.claim_whole)

    def credit(self, term: Term) -> int:
        """Return c = s · (κ₀ + (κ − κ₀) · f) · a in parts."""
        return self.claim(term) * self._backed(self._kappa, term) if term.s else 0

    def certainty(self, term: Term) -> int:
        """Return g · a, with g = g₀ + (g_κ − g₀) · f, in parts."""
        return self._backed(self._sure, term)

    def _backed(self, steps: Mapping[Backing, tuple[int, int]], term: Term) -> int:
        lowest, more = steps[term.backing]
        return (lowest * self._f + more * _parts(term.f, self._f)) * _parts(term.a, self._a)


def _denominator(values: Iterable[Fraction]) -> int:
    return math.lcm(*{value.denominator for value in values})


def _parts(value: Fraction, whole: int) -> int:
    return value.numerator * (whole // value.denominator)


def _steps(values: Mapping[str, Fraction], whole: int) -> dict[Backing, tuple[int, int]]:
    """Return for each backing the lowest value and how much more this one is, in parts."""
    lowest = _parts(values[Backing.NONE], whole)
    return {backing: (lowest, _parts(values[backing], whole) - lowest) for backing in Backing}
