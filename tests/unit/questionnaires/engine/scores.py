"""Scores for tests: an inherent risk of a number, answers to yes/no questions."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from questionnaires.engine.answers import Answer, EvidenceGiven
from questionnaires.engine.inherent import Factor, Inherent, inherent_risk
from questionnaires.engine.rules import RULES_2026_1 as RULES
from questionnaires.engine.scoring import Score, score
from questionnaires.engine.terms import Moment
from questionnaires.engine.values import ChoiceValue
from tests.unit.questionnaires.engine.documents import parsed, yes_no

TODAY = dt.date(2026, 8, 1)
NOW = Moment(TODAY)
HALF = Fraction(1, 2)
YES = ChoiceValue("yes")
OLD = dt.date(2025, 2, 1)
"""Eighteen months before today: what is valid for twelve is worth half."""
GATE = {"gate": ["no"], "not_applicable": False}
LINKED = (
    yes_no("A", risk_sources=["C.3.1", "C.3.2"], objectives=["C.2.1"], weight="critical"),
    yes_no("B", risk_sources=["C.3.1"], controls=[
        {"framework": "iso-42001", "control": "A.7.2"},
        {"framework": "iso-42001", "control": "A.7.3"},
        {"framework": "nist-ai-rmf", "control": "MAP 4.1"},
    ]),
    yes_no("C", risk_sources=[], controls=[]),
)  # fmt: skip


def at_risk(number: int) -> Inherent:
    """Return an inherent risk of this number, 0 to 100."""
    return inherent_risk([Factor("A", number, 4), Factor("B", 100 - number, 0)], RULES)


def scored(answers: dict[str, Answer], *questions: dict[str, Any], **keys: Any) -> Score:
    """Return the score of answers to these questions at an inherent risk of 60."""
    moment = keys.pop("moment", NOW)
    return score(parsed(*questions, **keys), answers, at_risk(60), RULES, moment)


def backed(**keys: Any) -> Answer:
    """Return a yes with one accepted file."""
    return Answer(value=YES, evidence=(EvidenceGiven(accepted=True, **keys),))
