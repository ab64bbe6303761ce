"""The same points read by section, control, risk source and objective. Groups add up to the sum."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from questionnaires.engine.exact_sums import ExactSum
from questionnaires.engine.terms import Term


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one question costs: `points` of risk (ΔR) are lost through credit `credit` under 1."""

    term: Term
    kappa: Fraction
    credit: Fraction
    points: Fraction

    @property
    def key(self) -> str:
        """The question's key."""
        return self.term.key


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
    def __init__(self) -> None:
        self.points = ExactSum()
        self.weight = ExactSum()
        self.credit = ExactSum()
        self.questions: list[str] = []


def roll_up(
    contributions: Iterable[Contribution], names_of: Callable[[Term], Sequence[str]]
) -> tuple[Group, ...]:
    """Return groups by name, those without a name last."""
    sums: dict[str | None, _Sums] = {}
    for contribution in contributions:
        term = contribution.term
        if term.removed or not term.weight:
            continue
        names: Sequence[str | None] = names_of(term) or (None,)
        share = len(names)
        points = contribution.points if share == 1 else contribution.points / share
        weight = Fraction(term.weight, share)
        credit = weight * contribution.credit
        for name in names:
            group = sums.setdefault(name, _Sums())
            group.points.add(points)
            group.weight.add(weight)
            group.credit.add(credit)
            group.questions.append(term.key)
    return tuple(
        Group(
            name,
            group.points.total(),
            group.weight.total(),
            group.credit.total() / group.weight.total(),
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
