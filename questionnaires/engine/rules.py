"""A rule set: every constant of the scoring method, frozen and named by a version.

An assessment keeps the id of the rule set with which it was scored, so that the same inputs give
the same result for ever. A change of a constant is a new rule set.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from questionnaires.engine.answers import Backing
from questionnaires.engine.translation import frozen_map, no_entries

RULES_FORMAT = "assay-rules/1"


class Tier(enum.StrEnum):
    """How much risk, in four steps."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    CRITICAL = "critical"


TIERS = tuple(Tier)


class Approver(enum.StrEnum):
    """Who may approve."""

    OWNER = "owner"
    RISK_FUNCTION = "risk_function"
    EXECUTIVE = "executive"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRule:
    """A tier reaches up to `up_to` (with it); a floor lifts a number to `floor`."""

    tier: Tier
    up_to: int
    floor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorTest:
    """True when an intake question has at least this level."""

    question: str
    at_least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorRule:
    """What an intake answer leads to whatever the sum is.

    It acts when all tests of `when` hold, when `on_stop` and an option stopped the intake, or
    when `on_unanswered` and a question has no answer. `raise_to` lifts the tier; `provisional`
    keeps it from being final; `stop` gives no tier at all.
    """

    id: str
    when: tuple[FloorTest, ...] = ()
    on_stop: bool = False
    on_unanswered: bool = False
    raise_to: Tier | None = None
    provisional: bool = False
    stop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRule:
    """How long one kind of evidence is valid.

    `months` counts from its effective day; without it, it is valid until its own last day, or
    for ever when `until_replaced`. `version_bound` evidence speaks of one version of a model.
    `at_most` limits what it can back.
    """

    kind: str
    months: int | None = None
    until_replaced: bool = False
    version_bound: bool = False
    at_most: Backing = Backing.INDEPENDENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who decides in one cell of the matrix, and on what terms. `by_gate` cells need open gates."""

    inherent: Tier
    residual: Tier
    approver: Approver
    conditions: bool = False
    treatment_plan: bool = False
    by_gate: bool = False
    exceptional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """All constants. Shares are exact fractions from 0 to 1; numbers of risk run from 0 to 100."""

    format: str = RULES_FORMAT
    id: str
    alpha: Fraction
    weights: Mapping[str, int] = field(default_factory=no_entries)
    kappa: Mapping[str, Fraction] = field(default_factory=no_entries)
    confidence: Mapping[str, Fraction] = field(default_factory=no_entries)
    confidence_medium_from: int
    confidence_high_from: int
    tiers: tuple[TierRule, ...]
    floors: tuple[FloorRule, ...]
    gates_for_second_floor: int
    one_gate_tier: Tier
    more_gates_tier: Tier
    not_applicable_warning: Fraction
    weak_credit: Fraction
    minor_change_limit: Fraction
    evidence: tuple[EvidenceRule, ...]
    review_months: Mapping[str, int] = field(default_factory=no_entries)
    matrix: tuple[Route, ...]

    def tier_of(self, number: Fraction) -> Tier:
        """Return the tier of a number of risk, 0 to 100."""
        for rule in self.tiers:
            if number <= rule.up_to:
                return rule.tier
        return self.tiers[-1].tier

    def floor_of(self, tier: Tier) -> int:
        """Return the number to which a floor of this tier lifts."""
        return next(rule.floor for rule in self.tiers if rule.tier is tier)

    def route(self, inherent: Tier, residual: Tier) -> Route | None:
        """Return the cell of the matrix; None where it cannot arise."""
        for route in self.matrix:
            if route.inherent is inherent and route.residual is residual:
                return route
        return None


def _grid(*cells: tuple[Tier, Tier, Approver, dict[str, Any]]) -> tuple[Route, ...]:
    return tuple(
        Route(inherent=inherent, residual=residual, approver=approver, **terms)
        for inherent, residual, approver, terms in cells
    )


def _by_backing(
    none: Fraction, document: Fraction, independent: Fraction
) -> Mapping[str, Fraction]:
    return frozen_map({"none": none, "document": document, "independent": independent})


_OWNER, _RISK, _EXECUTIVE = Approver.OWNER, Approver.RISK_FUNCTION, Approver.EXECUTIVE
_GATE = {"by_gate": True}
_CONDITIONS = {"conditions": True}
_PLAN = {"treatment_plan": True}

RULES_2026_1 = RuleSet(
    id="2026.1",
    alpha=Fraction(3, 4),
    weights=frozen_map({"critical": 20, "standard": 10, "minor": 5}),
    kappa=frozen_map(
        {"none": Fraction(3, 5), "document": Fraction(4, 5), "independent": Fraction(1)}
    ),
    confidence=frozen_map(
        {"none": Fraction(3, 10), "document": Fraction(7, 10), "independent": Fraction(1)}
    ),
    confidence_medium_from=40,
    confidence_high_from=70,
    tiers=(
        TierRule(tier=Tier.LOW, up_to=25, floor=0),
        TierRule(tier=Tier.MODERATE, up_to=50, floor=26),
        TierRule(tier=Tier.HIGH, up_to=75, floor=51),
        TierRule(tier=Tier.CRITICAL, up_to=100, floor=76),
    ),
    floors=(
        FloorRule(id="F1", on_stop=True, stop=True),
        FloorRule(id="F2", when=(FloorTest(question="I-13", at_least=4),), raise_to=Tier.HIGH),
        FloorRule(
            id="F3",
            when=(
                FloorTest(question="I-01", at_least=4),
                FloorTest(question="I-11", at_least=3),
            ),
            raise_to=Tier.HIGH,
        ),
        FloorRule(
            id="F3",
            when=(
                FloorTest(question="I-01", at_least=4),
                FloorTest(question="I-11", at_least=3),
                FloorTest(question="I-02", at_least=4),
            ),
            raise_to=Tier.CRITICAL,
        ),
        FloorRule(
            id="F4",
            when=(
                FloorTest(question="I-06", at_least=3),
                FloorTest(question="I-09", at_least=3),
            ),
            raise_to=Tier.HIGH,
        ),
        FloorRule(
            id="F5",
            when=(
                FloorTest(question="I-10", at_least=4),
                FloorTest(question="I-16", at_least=4),
            ),
            raise_to=Tier.CRITICAL,
        ),
        FloorRule(
            id="F6",
            when=(
                FloorTest(question="I-05", at_least=4),
                FloorTest(question="I-02", at_least=3),
            ),
            raise_to=Tier.HIGH,
        ),
        FloorRule(
            id="F7",
            when=(FloorTest(question="I-15", at_least=4),),
            raise_to=Tier.MODERATE,
            provisional=True,
        ),
        FloorRule(id="F8", on_unanswered=True, provisional=True),
    ),
    gates_for_second_floor=2,
    one_gate_tier=Tier.MODERATE,
    more_gates_tier=Tier.HIGH,
    not_applicable_warning=Fraction(1, 5),
    weak_credit=Fraction(1, 2),
    minor_change_limit=Fraction(1, 2),
    evidence=(
        EvidenceRule(kind="soc2-type-2", months=12),
        EvidenceRule(kind="soc2-type-1", months=6),
        EvidenceRule(kind="bridge-letter", months=3, at_most=Backing.DOCUMENT),
        EvidenceRule(kind="certificate-with-surveillance"),
        EvidenceRule(kind="certificate", months=12),
        EvidenceRule(kind="penetration-test", months=12),
        EvidenceRule(kind="evaluation", months=6, version_bound=True),
        EvidenceRule(kind="sub-supplier-list", months=6),
        EvidenceRule(kind="policy", months=12),
        EvidenceRule(kind="impact-assessment", months=12),
        EvidenceRule(kind="insurance"),
        EvidenceRule(kind="contract", until_replaced=True),
        EvidenceRule(kind="other", months=12),
    ),
    review_months=frozen_map({"critical": 6, "high": 12, "moderate": 24, "low": 36}),
    matrix=_grid(
        (Tier.LOW, Tier.LOW, _OWNER, {}),
        (Tier.LOW, Tier.MODERATE, _OWNER, _GATE),
        (Tier.LOW, Tier.HIGH, _RISK, _GATE),
        (Tier.MODERATE, Tier.LOW, _OWNER, {}),
        (Tier.MODERATE, Tier.MODERATE, _OWNER, _CONDITIONS),
        (Tier.MODERATE, Tier.HIGH, _RISK, _GATE),
        (Tier.HIGH, Tier.LOW, _RISK, {}),
        (Tier.HIGH, Tier.MODERATE, _RISK, _CONDITIONS),
        (Tier.HIGH, Tier.HIGH, _EXECUTIVE, _PLAN),
        (Tier.HIGH, Tier.CRITICAL, Approver.NOBODY, {"exceptional": True}),
        (Tier.CRITICAL, Tier.LOW, _RISK, {}),
        (Tier.CRITICAL, Tier.MODERATE, _EXECUTIVE, _CONDITIONS),
        (Tier.CRITICAL, Tier.HIGH, _EXECUTIVE, _PLAN),
        (Tier.CRITICAL, Tier.CRITICAL, Approver.NOBODY, {}),
    ),
)

RULE_SETS: Mapping[str, RuleSet] = frozen_map({RULES_2026_1.id: RULES_2026_1})
CURRENT_RULES = RULES_2026_1
