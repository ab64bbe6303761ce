"""From answers to terms: backing, freshness, gates and weights."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

from questionnaires.engine.answers import Answer, Backing, EvidenceGiven, NotApplicable
from questionnaires.engine.freshness import ModelChange, add_months, months_between
from questionnaires.engine.rules import RULES_2026_1 as RULES
from questionnaires.engine.rules import Tier
from questionnaires.engine.terms import Moment, Term, terms_of
from questionnaires.engine.values import ChoiceValue
from tests.unit.questionnaires.engine.documents import parsed, yes_no
from tests.unit.questionnaires.engine.scores import (
    GATE,
    HALF,
    NOW,
    OLD,
    TODAY,
    YES,
    backed,
    scored,
)


def one_term(answer: Answer, moment: Moment = NOW, tier: Tier = Tier.HIGH, **keys: Any) -> Term:
    """Return the term of one answer to one yes/no question."""
    questionnaire = parsed(yes_no("Q", **keys))
    [term] = terms_of(questionnaire, {"Q": answer}, RULES, tier=tier, moment=moment)
    return term


WORTH: list[tuple[Answer, Backing, Fraction]] = [
    (Answer(value=YES), Backing.NONE, Fraction(1)),
    (Answer(value=YES, evidence=(EvidenceGiven(effective_on=TODAY),)), Backing.NONE, Fraction(1)),
    (backed(kind="policy", effective_on=TODAY), Backing.DOCUMENT, Fraction(1)),
    (backed(kind="policy", effective_on=OLD), Backing.DOCUMENT, HALF),
    (backed(kind="policy"), Backing.DOCUMENT, Fraction(0)),
    (backed(kind="unheard-of", effective_on=OLD), Backing.DOCUMENT, HALF),
    (
        backed(kind="penetration-test", backing=Backing.INDEPENDENT, effective_on=OLD),
        Backing.INDEPENDENT,
        HALF,
    ),
    (
        backed(kind="bridge-letter", backing=Backing.INDEPENDENT, effective_on=TODAY),
        Backing.DOCUMENT,
        Fraction(1),
    ),
    (backed(kind="insurance", expires_on=TODAY), Backing.DOCUMENT, Fraction(1)),
    (backed(kind="insurance", expires_on=dt.date(2026, 7, 31)), Backing.DOCUMENT, Fraction(0)),
    (backed(kind="insurance"), Backing.DOCUMENT, Fraction(0)),
    (backed(kind="contract", effective_on=dt.date(2010, 1, 1)), Backing.DOCUMENT, Fraction(1)),
    (
        backed(kind="policy", effective_on=TODAY, expires_on=dt.date(2026, 7, 31)),
        Backing.DOCUMENT,
        Fraction(0),
    ),
    (
        backed(kind="evaluation", effective_on=TODAY, model_change=ModelChange.MINOR),
        Backing.DOCUMENT,
        HALF,
    ),
    (
        backed(kind="evaluation", effective_on=TODAY, model_change=ModelChange.MAJOR),
        Backing.DOCUMENT,
        Fraction(0),
    ),
    (
        backed(kind="policy", effective_on=TODAY, model_change=ModelChange.MAJOR),
        Backing.DOCUMENT,
        Fraction(1),
    ),
    (
        Answer(
            value=YES,
            evidence=(
                EvidenceGiven(accepted=True, effective_on=TODAY),
                EvidenceGiven(
                    accepted=True, backing=Backing.INDEPENDENT, effective_on=OLD, kind="x"
                ),
                EvidenceGiven(backing=Backing.INDEPENDENT, effective_on=TODAY),
            ),
        ),
        Backing.INDEPENDENT,
        HALF,
    ),
]


@pytest.mark.parametrize(("answer", "backing", "fresh"), WORTH)
def test_evidence_backs_an_answer_as_long_as_it_is_valid(
    answer: Answer, backing: Backing, fresh: Fraction
) -> None:
    term = one_term(answer)
    assert (term.backing, term.f) == (backing, fresh)


@pytest.mark.parametrize(
    ("tier", "answered_on", "fresh"),
    [
        (Tier.HIGH, TODAY, Fraction(1)),
        (Tier.HIGH, dt.date(2025, 8, 1), Fraction(1)),
        (Tier.HIGH, OLD, HALF),
        (Tier.HIGH, dt.date(2024, 8, 1), Fraction(0)),
        (Tier.CRITICAL, OLD, Fraction(0)),
        (Tier.CRITICAL, dt.date(2025, 11, 1), HALF),
        (Tier.LOW, dt.date(2023, 8, 1), Fraction(1)),
        (Tier.MODERATE, dt.date(2022, 8, 1), Fraction(0)),
        (Tier.HIGH, None, Fraction(1)),
    ],
)
def test_answers_age_by_the_interval_of_the_tier(
    tier: Tier, answered_on: dt.date | None, fresh: Fraction
) -> None:
    assert one_term(Answer(value=YES, answered_on=answered_on), tier=tier).a == fresh


def test_months_are_counted_by_the_calendar() -> None:
    assert months_between(dt.date(2026, 1, 31), dt.date(2026, 2, 28)) == 1
    assert months_between(dt.date(2024, 2, 29), dt.date(2025, 2, 28)) == 12
    assert months_between(dt.date(2026, 1, 1), dt.date(2026, 1, 16)) == Fraction(15, 31)
    assert months_between(dt.date(2026, 1, 16), dt.date(2026, 1, 1)) == 0
    assert add_months(dt.date(2026, 11, 30), 3) == dt.date(2027, 2, 28)
    assert months_between(dt.date(9999, 1, 1), dt.date.max) > 11


def test_hidden_and_unscored_questions_have_no_term() -> None:
    questionnaire = parsed(
        yes_no("A"),
        yes_no("B", weight="none"),
        yes_no("C", show_if={"question": "A", "is": "equals", "value": "yes"}),
        yes_no("D", weight="none", gate=["no"], not_applicable=False),
    )
    terms = terms_of(questionnaire, {}, RULES, tier=Tier.LOW, moment=NOW)
    assert [(term.key, term.weight) for term in terms] == [("A", 10), ("D", 0)]


def test_weights_are_those_of_the_rule_set() -> None:
    result = scored({}, *(yes_no(w, weight=w) for w in ("critical", "standard", "minor")))
    assert {e.key: e.term.weight for e in result.contributions} == dict(RULES.weights)


AFTER = Moment(dt.date(2026, 8, 2), due_on=TODAY)


@pytest.mark.parametrize(
    ("answer", "moment", "opens"),
    [
        (Answer(value=ChoiceValue("no")), NOW, True),
        (Answer(value=YES), NOW, False),
        (Answer(value=YES), AFTER, False),
        (Answer(), NOW, False),
        (Answer(), Moment(TODAY, due_on=TODAY), False),
        (Answer(), AFTER, True),
        (Answer(not_applicable=NotApplicable(reason="x", accepted=True)), AFTER, True),
    ],
)
def test_a_gate_opens_by_its_answer_or_by_silence_after_the_due_date(
    answer: Answer, moment: Moment, opens: bool
) -> None:
    assert one_term(answer, moment, **GATE).gate_open is opens
