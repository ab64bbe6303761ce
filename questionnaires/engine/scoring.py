"""Residual risk: what is left of the inherent risk after the supplier's answers.

    credit of a question   c = s · (κ₀ + (κ − κ₀) · f) · a
    effectiveness          E = Σ w·c / W
    residual               R = I · (1 − α·E)
    cost of a question     ΔR = I · α · (w / W) · (1 − c)
    identity               R = I · (1 − α) + Σ ΔR      checked in every run

Everything is exact; rounding is for whoever shows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from questionnaires.engine.answers import Answers
from questionnaires.engine.definition import Questionnaire
from questionnaires.engine.inherent import Inherent
from questionnaires.engine.rollups import (
    Contribution,
    Group,
    controls_in,
    frameworks_of,
    lowest,
    roll_up,
)
from questionnaires.engine.rules import Route, RuleSet, Tier
from questionnaires.engine.scoring_words import Band, Reason
from questionnaires.engine.terms import Moment, Term, terms_of
from questionnaires.engine.worth import Worth

_NOTHING = Fraction(0)
_PERCENT = 100


class IdentityBroken(ArithmeticError):
    """The parts do not add up to the whole: a mistake in this program, never in an answer."""


@dataclass(frozen=True, slots=True)
class Span:
    """Residual risk if every claim holds, as credited, and if nothing is believed."""

    claimed: Fraction
    credited: Fraction
    worst: Fraction


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Residual risk if one question had full credit and its gate were closed."""

    question: str
    before_gates: Fraction
    residual: Fraction
    tier: Tier


@dataclass(frozen=True)
class Score:
    """The result with all its terms. Numbers of risk run from 0 to 100, shares from 0 to 1.

    `base` is what no questionnaire can remove; `unasked` the rest when nothing was asked.
    `contributions` are in the order of the questions' keys.
    """

    rules: RuleSet
    inherent: Inherent
    contributions: tuple[Contribution, ...]
    weight: int
    weight_removed: int
    effectiveness: Fraction
    effectiveness_claimed: Fraction
    base: Fraction
    unasked: Fraction
    before_gates: Fraction
    residual: Fraction
    tier: Tier
    confidence: Fraction

    @property
    def open_gates(self) -> tuple[str, ...]:
        """The questions whose gate is open."""
        return tuple(entry.key for entry in self.contributions if entry.term.gate_open)

    @property
    def span(self) -> Span:
        """From everything believed to nothing believed."""
        number = self.inherent.number
        claimed = number * (1 - self.rules.alpha * self.effectiveness_claimed)
        return Span(claimed, self.before_gates, number)

    @property
    def removed_share(self) -> Fraction:
        """The share of weight that was accepted as not applicable."""
        whole = self.weight + self.weight_removed
        return Fraction(self.weight_removed, whole) if whole else _NOTHING

    @property
    def warns_of_removed(self) -> bool:
        """Whether so much does not apply that somebody should look at it."""
        return self.removed_share > self.rules.not_applicable_warning

    @property
    def confidence_band(self) -> Band:
        """Low, medium or high."""
        if self.confidence < self.rules.confidence_medium_from:
            return Band.LOW
        return Band.MEDIUM if self.confidence < self.rules.confidence_high_from else Band.HIGH

    @property
    def weak_critical(self) -> tuple[str, ...]:
        """Critical questions with little credit."""
        return tuple(
            entry.key
            for entry in self.contributions
            if entry.term.critical
            and not entry.term.removed
            and entry.credit < self.rules.weak_credit
        )

    @property
    def waiting(self) -> tuple[str, ...]:
        """Answers that count nothing until a reviewer has rated them."""
        return tuple(entry.key for entry in self.contributions if entry.term.waiting)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why the result is not final; empty when it is."""
        found = []
        if self.inherent.stop:
            found.append(Reason.STOPPED)
        if self.inherent.provisional:
            found.append(Reason.INHERENT_PROVISIONAL)
        weighty = self.inherent.tier in (Tier.HIGH, Tier.CRITICAL)
        if weighty and self.confidence_band is Band.LOW:
            found.append(Reason.LOW_CONFIDENCE)
        return tuple(found)

    @property
    def is_provisional(self) -> bool:
        """Whether the result is not final."""
        return bool(self.reasons)

    @property
    def blocks_approval(self) -> bool:
        """Whether nobody may approve on it: stopped, or too little is known about much risk."""
        return bool({Reason.STOPPED, Reason.LOW_CONFIDENCE} & {*self.reasons})

    @property
    def route(self) -> Route | None:
        """Who decides; None when the intake was stopped or the cell cannot arise."""
        tier = self.inherent.tier
        return None if tier is None else self.rules.route(tier, self.tier)

    @cached_property
    def findings(self) -> tuple[Contribution, ...]:
        """What costs points, the most first."""
        costing = [entry for entry in self.contributions if entry.loss]
        return tuple(sorted(costing, key=lambda entry: (-entry.loss, entry.key)))

    @cached_property
    def by_section(self) -> tuple[Group, ...]:
        """Points by section."""
        return roll_up(self.contributions, lambda term: (term.section,))

    @cached_property
    def by_risk_source(self) -> tuple[Group, ...]:
        """Points by risk source, shared equally by questions with several."""
        return roll_up(self.contributions, lambda term: term.risk_sources)

    @cached_property
    def by_objective(self) -> tuple[Group, ...]:
        """Points by objective, shared equally by questions with several."""
        return roll_up(self.contributions, lambda term: term.objectives)

    @cached_property
    def frameworks(self) -> tuple[str, ...]:
        """The frameworks that questions speak to."""
        return frameworks_of(self.contributions)

    def by_control(self, framework: str) -> tuple[Group, ...]:
        """Return points by control of one framework."""
        return roll_up(self.contributions, controls_in(framework))

    def lowest_control(self, framework: str) -> Group | None:
        """Return the control of a framework with the lowest effectiveness, if any is asked."""
        return lowest(self.by_control(framework))

    def if_fixed(self, question: str) -> WhatIf:
        """Return the residual risk if one question were answered and backed perfectly.

        Raises KeyError for a question that does not count.
        """
        entry = next((entry for entry in self.contributions if entry.key == question), None)
        if entry is None:
            raise KeyError(question)
        gates = len(self.open_gates) - int(entry.term.gate_open)
        before = self.before_gates - entry.points
        residual = after_gates(before, gates, self.inherent.number, self.rules)
        return WhatIf(question, before, residual, self.rules.tier_of(residual))


def score(
    questionnaire: Questionnaire,
    answers: Answers,
    inherent: Inherent,
    rules: RuleSet,
    moment: Moment,
) -> Score:
    """Return the score of the answers to a questionnaire at a moment."""
    terms = terms_of(questionnaire, answers, rules, tier=inherent.tier, moment=moment)
    return score_terms(inherent, terms, rules)


def score_terms(inherent: Inherent, terms: Iterable[Term], rules: RuleSet) -> Score:
    """Return the score of these terms. Their order does not matter; keys are unique.

    Raises IdentityBroken when the parts do not add up, which would be a mistake in here.
    """
    ordered = sorted(terms, key=lambda term: term.key)
    counted = [term for term in ordered if not term.removed]
    weight = sum(term.weight for term in counted)
    number, alpha = inherent.number, rules.alpha
    worth = Worth(ordered, rules)
    per_point = number * alpha / weight if weight else _NOTHING
    contributions = tuple(
        Contribution(term, rules.kappa[term.backing], worth.credit(term), worth.whole, per_point)
        for term in ordered
    )
    lost = Fraction(sum(entry.loss for entry in contributions), worth.whole)
    claimed = sum(term.weight * worth.claim(term) for term in counted)
    sure = sum(term.weight * worth.certainty(term) for term in counted if term.answered)
    effectiveness = (
        Fraction(
            sum(e.term.weight * e.parts for e in contributions if not e.term.removed),
            worth.whole * weight,
        )
        if weight
        else _NOTHING
    )
    before_gates = number * (1 - alpha * effectiveness)
    gates = sum(term.gate_open for term in counted)
    residual = after_gates(before_gates, gates, number, rules)
    result = Score(
        rules=rules,
        inherent=inherent,
        contributions=contributions,
        weight=weight,
        weight_removed=sum(term.weight for term in ordered if term.removed),
        effectiveness=effectiveness,
        effectiveness_claimed=Fraction(claimed, worth.claim_whole * weight) if weight else _NOTHING,
        base=number * (1 - alpha),
        unasked=_NOTHING if weight else number * alpha,
        before_gates=before_gates,
        residual=residual,
        tier=rules.tier_of(residual),
        confidence=(
            Fraction(_PERCENT * sure, worth.certainty_whole * weight) if weight else _NOTHING
        ),
    )
    parts = result.base + result.unasked + per_point * lost
    if parts != before_gates:
        raise IdentityBroken(f"{parts} is not {before_gates}")
    return result


def after_gates(before: Fraction, gates: int, inherent: Fraction, rules: RuleSet) -> Fraction:
    """Return the residual with so many open gates: no credit, and at least the gates' tier."""
    if not gates:
        return before
    several = gates >= rules.gates_for_second_floor
    tier = rules.more_gates_tier if several else rules.one_gate_tier
    floors = [rules.floor_of(rules.one_gate_tier), rules.floor_of(tier)]
    return max(before, inherent, *(Fraction(floor) for floor in floors))
