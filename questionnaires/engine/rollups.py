"""The same points read by section, control, risk source and objective. Groups add up to the sum."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from questionnaires.engine.terms import Term


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one question costs.

    Its credit is `parts` of `whole`; all contributions of a score share the whole, so that sums
    over thousands of them are sums of whole numbers. A lost point of weight costs `per_point`.
    """

    term: Term
    kappa: Fraction
    parts: int
    whole: int
    per_point: Fraction

    @property
    def key(self) -> str:
        """The question's key."""
        return self.term.key

    @property
    def credit(self) -> Fraction:
        """The credit c, 0 to 1."""
        return Fraction(self.parts, self.whole)

    @property
    def loss(self) -> int:
        """The weight lost, w · (1 − c), in parts of the whole; 0 where it does not apply."""
        return 0 if self.term.removed else self.term.weight * (self.whole - self.parts)

    @property
    def points(self) -> Fraction:
        """The points of risk that the question costs, ΔR."""
        return self.per_point * Fraction(self.loss, self.whole)


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that share something. `name` is None for those that name nothing.

    `points` of risk they cost, `weight` points they carry, `effectiveness` 0 to 1 of them.
    A question linked to several groups counts in each with an equal share.
    """

    name: str | None
    points: Fraction
    weight: Fraction
    effectiveness: Fraction
    questions: tuple[str, ...]


class _Sums:
    __slots__ = ("loss", "questions", "weight")

    def __init__(self) -> None:
        self.loss = 0
        self.weight = 0
        self.questions: list[str] = []


def roll_up(
    contributions: Sequence[Contribution], names_of: Callable[[Term], Sequence[str]]
) -> tuple[Group, ...]:
    """Return groups by name, those without a name last."""
    named: list[tuple[Contribution, Sequence[str | None]]] = [
        (entry, names_of(entry.term) or (None,))
        for entry in contributions
        if entry.term.weight and not entry.term.removed
    ]
    # Shares of one, a half, a third … in whole numbers.
    shares = math.lcm(*{len(names) for _entry, names in named}) if named else 1
    sums: dict[str | None, _Sums] = {}
    for entry, names in named:
        share = shares // len(names)
        loss, weight = entry.loss * share, entry.term.weight * share
        for name in names:
            group = sums.get(name)
            if group is None:
                group = sums[name] = _Sums()
            group.loss += loss
            group.weight += weight
            group.questions.append(entry.term.key)
    if not named:
        return ()
    first = named[0][0]
    return tuple(
        Group(
            name,
            first.per_point * Fraction(group.loss, first.whole * shares),
            Fraction(group.weight, shares),
            1 - Fraction(group.loss, first.whole * group.weight),
            tuple(group.questions),
        )
        for name, group in sorted(sums.items(), key=lambda item: (item[0] is None, item[0] or ""))
    )


def frameworks_of(contributions: Iterable[Contribution]) -> tuple[str, ...]:
    """Return the frameworks that any of the questions names, sorted."""
    found = {ref.framework for entry in contributions for ref in entry.term.controls}
    return tuple(sorted(found))


def controls_in(framework: str) -> Callable[[Term], Sequence[str]]:
    """Return a function that names a term's controls in one framework."""

    def names(term: Term) -> Sequence[str]:
        return tuple(ref.control for ref in term.controls if ref.framework == framework)

    return names


def lowest(groups: Iterable[Group]) -> Group | None:
    """Return the named group with the lowest effectiveness; of equals the first by name."""
    named = [group for group in groups if group.name is not None]
    return min(named, key=lambda group: (group.effectiveness, group.name or ""), default=None)
