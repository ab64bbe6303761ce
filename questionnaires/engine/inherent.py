"""Inherent risk: what the use of a system puts at stake before anybody protects it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from questionnaires.engine.answers import Answers, values_of
from questionnaires.engine.definition import LEVELS, Questionnaire
from questionnaires.engine.exact_sums import exact_sum
from questionnaires.engine.path import path_of
from questionnaires.engine.rules import TIERS, FloorRule, RuleSet, Tier
from questionnaires.engine.types.registry import type_of

WORST_LEVEL = LEVELS - 1


@dataclass(frozen=True, slots=True)
class Factor:
    """An intake question: whole percent that it adds at most, its level 0 to 4 or None, stop."""

    key: str
    percent: int
    level: int | None
    stops: bool = False


@dataclass(frozen=True, slots=True)
class FactorPart:
    """What one factor adds: percent · level / 4. An unanswered one counts as level 4."""

    key: str
    percent: int
    level: int
    answered: bool
    stops: bool
    points: Fraction


@dataclass(frozen=True, slots=True)
class FloorActed:
    """A floor whose rule held. `raised` says that it lifted the number."""

    id: str
    tier: Tier | None
    provisional: bool
    raised: bool


@dataclass(frozen=True, slots=True)
class Inherent:
    """Inherent risk with everything that made it.

    `total` is the sum of the parts, `number` that after the floors (0 to 100), `lift` the
    difference. `tier` is None when `stop` names the floor that ends the intake.
    """

    total: Fraction
    number: Fraction
    lift: Fraction
    tier: Tier | None
    provisional: bool
    stop: str | None
    parts: tuple[FactorPart, ...]
    floors: tuple[FloorActed, ...]


def factors_of(questionnaire: Questionnaire, answers: Answers) -> tuple[Factor, ...]:
    """Return the factors of an intake's questions that are asked, with their levels.

    A question that does not apply has no level of its own, so it counts as unanswered.
    """
    path = path_of(questionnaire, values_of(answers))
    factors = []
    for question in path.questions:
        value = path.values.get(question.key)
        kind = type_of(question)
        stops = value is not None and kind.stops(question, value)
        if question.factor is None and not stops:
            continue
        level = None if value is None else kind.level(question, value)
        if stops and level is None:
            level = WORST_LEVEL
        factors.append(Factor(question.key, question.factor or 0, level, stops))
    return tuple(factors)


def inherent_risk(factors: Sequence[Factor], rules: RuleSet) -> Inherent:
    """Return the inherent risk of these factors; the percents should add up to 100."""
    parts = tuple(_part(factor) for factor in sorted(factors, key=lambda factor: factor.key))
    total = exact_sum(part.points for part in parts)
    acting = [rule for rule in rules.floors if _acts(rule, factors, parts)]
    number = max([total, *(Fraction(rules.floor_of(tier)) for tier in _tiers(acting))])
    stop = next((rule.id for rule in acting if rule.stop), None)
    return Inherent(
        total=total,
        number=number,
        lift=number - total,
        tier=None if stop else rules.tier_of(number),
        provisional=any(rule.provisional for rule in acting),
        stop=stop,
        parts=parts,
        floors=_acted(acting, total, rules),
    )


def _part(factor: Factor) -> FactorPart:
    answered = factor.level is not None
    level = WORST_LEVEL if factor.level is None else factor.level
    points = Fraction(factor.percent * level, WORST_LEVEL)
    return FactorPart(factor.key, factor.percent, level, answered, factor.stops, points)


def _acts(rule: FloorRule, factors: Iterable[Factor], parts: Iterable[FactorPart]) -> bool:
    if rule.on_stop and any(factor.stops for factor in factors):
        return True
    if rule.on_unanswered and any(not part.answered for part in parts):
        return True
    levels = {part.key: part.level for part in parts}
    return bool(rule.when) and all(
        levels.get(test.question, 0) >= test.at_least for test in rule.when
    )


def _tiers(acting: Iterable[FloorRule]) -> list[Tier]:
    return [rule.raise_to for rule in acting if rule.raise_to is not None]


def _acted(acting: Iterable[FloorRule], total: Fraction, rules: RuleSet) -> tuple[FloorActed, ...]:
    """Return each floor once, with the highest tier to which its rules lift."""
    by_id: dict[str, list[FloorRule]] = {}
    for rule in acting:
        by_id.setdefault(rule.id, []).append(rule)
    acted = []
    for floor, same in by_id.items():
        tier = max(_tiers(same), key=TIERS.index, default=None)
        raised = tier is not None and rules.floor_of(tier) > total
        acted.append(FloorActed(floor, tier, any(rule.provisional for rule in same), raised))
    return tuple(acted)
