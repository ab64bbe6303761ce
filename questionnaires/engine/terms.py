"""From answers to the terms of the arithmetic: one per question that counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from questionnaires.engine.answers import Answer, Answers, Backing, EvidenceGiven, values_of
from questionnaires.engine.definition import ControlRef, Question, Questionnaire
from questionnaires.engine.freshness import after_change, falling, months_between
from questionnaires.engine.path import path_of
from questionnaires.engine.rules import EvidenceRule, RuleSet, Tier
from questionnaires.engine.types.registry import type_of
from questionnaires.engine.vocabulary import Weight

_WHOLE = Fraction(1)
_NOTHING = Fraction(0)
_PERCENT = 100
_NO_ANSWER = Answer()
_UNBACKED = (Backing.NONE, _WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One question in the arithmetic.

    `weight` is in points, 0 for a gate that is not scored. `s` is how good the answer is, None
    when there is none or it waits for a reviewer; `f` the freshness of the evidence, `a` that of
    the answer; all 0 to 1. `removed` terms do not apply and leave the sums.
    """

    key: str
    section: str
    weight: int
    s: Fraction | None = None
    answered: bool = False
    waiting: bool = False
    backing: Backing = Backing.NONE
    f: Fraction = _WHOLE
    a: Fraction = _WHOLE
    critical: bool = False
    gate_open: bool = False
    removed: bool = False
    controls: tuple[ControlRef, ...] = ()
    risk_sources: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """When a score is taken: the day, and the last day for answers if there is one."""

    on: dt.date
    due_on: dt.date | None = None

    @property
    def is_after_due(self) -> bool:
        """Whether unanswered gates are open."""
        return self.due_on is not None and self.on > self.due_on


def terms_of(
    questionnaire: Questionnaire,
    answers: Answers,
    rules: RuleSet,
    *,
    tier: Tier | None,
    moment: Moment,
) -> tuple[Term, ...]:
    """Return a term for each question that is asked and has a weight or a gate.

    `tier` is the inherent one, which sets how long answers stay fresh; None (a stopped intake)
    is taken as critical.
    """
    months = rules.review_months[tier or Tier.CRITICAL]

    files = _Files(rules, moment.on)

    @cache
    def answer_freshness(day: dt.date) -> Fraction:
        return falling(months_between(day, moment.on), months)

    terms = []
    for shown in path_of(questionnaire, values_of(answers)).sections:
        for question in shown.questions:
            if question.weight is Weight.NONE and not type_of(question).has_gate(question):
                continue
            answer = answers.get(question.key, _NO_ANSWER)
            backing, f = files.best(answer.evidence)
            given = answer.answered_on
            terms.append(
                _term(
                    question,
                    answer,
                    section=shown.section.key,
                    weight=rules.weights.get(question.weight, 0),
                    backing=backing,
                    f=f,
                    a=_WHOLE if given is None else answer_freshness(given),
                    moment=moment,
                )
            )
    return tuple(terms)


def _term(
    question: Question,
    answer: Answer,
    *,
    section: str,
    weight: int,
    backing: Backing,
    f: Fraction,
    a: Fraction,
    moment: Moment,
) -> Term:
    kind = type_of(question)
    value = answer.value
    s = None
    gate_open = False
    claim = answer.not_applicable
    removed = claim is not None and claim.accepted and question.not_applicable
    if value is not None:
        rating = Fraction(answer.rating.percent, _PERCENT) if answer.rating else None
        s = kind.score(question, value, rating=rating, today=moment.on)
        gate_open = kind.opens_gate(question, value)
    elif not removed and moment.is_after_due:
        gate_open = kind.has_gate(question)
    answered = value is not None
    return Term(
        key=question.key,
        section=section,
        weight=weight,
        s=s,
        answered=answered,
        waiting=answered and s is None,
        backing=backing if answered else Backing.NONE,
        f=f if answered else _WHOLE,
        a=a if answered else _WHOLE,
        critical=question.weight is Weight.CRITICAL,
        gate_open=gate_open,
        removed=removed,
        controls=question.controls,
        risk_sources=question.risk_sources,
        objectives=question.objectives,
    )


class _Files:
    """What files back an answer with on one day."""

    def __init__(self, rules: RuleSet, on: dt.date) -> None:
        self._rules = rules
        self._on = on
        self._kinds = {rule.kind: rule for rule in rules.evidence}
        self._fresh = cache(lambda day, months: falling(months_between(day, on), months))

    def best(self, evidence: Iterable[EvidenceGiven]) -> tuple[Backing, Fraction]:
        """Return backing and freshness of the accepted file that is worth most.

        Several files add nothing to the best of them.
        """
        found = [self._worth(item) for item in evidence if item.accepted]
        if not found:
            return _UNBACKED
        return found[0] if len(found) == 1 else max(found, key=self._rank)

    def _rank(self, worth: tuple[Backing, Fraction]) -> tuple[Fraction, Fraction]:
        backing, fresh = worth
        kappa = self._rules.kappa
        return ((kappa[backing] - kappa[Backing.NONE]) * fresh, kappa[backing])

    def _worth(self, item: EvidenceGiven) -> tuple[Backing, Fraction]:
        # The last rule stands for all kinds that nobody knows.
        rule = self._kinds.get(item.kind) or self._rules.evidence[-1]
        weaker = rule.at_most is Backing.DOCUMENT and item.backing is Backing.INDEPENDENT
        return (rule.at_most if weaker else item.backing, self._freshness(item, rule))

    def _freshness(self, item: EvidenceGiven, rule: EvidenceRule) -> Fraction:
        """Return how fresh a file is, 0 to 1.

        After its own last day it is worth nothing. Where its kind counts months and nobody knows
        from which day, it is taken as stale.
        """
        if item.expires_on is not None and self._on > item.expires_on:
            return _NOTHING
        if rule.months is None:
            known = rule.until_replaced or item.expires_on is not None
            fresh = _WHOLE if known else _NOTHING
        elif item.effective_on is None:
            fresh = _NOTHING
        else:
            fresh = self._fresh(item.effective_on, rule.months)
        if rule.version_bound:
            fresh = after_change(fresh, item.model_change, self._rules.minor_change_limit)
        return fresh
