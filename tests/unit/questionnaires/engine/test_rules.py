"""Rule sets are documents: read, written, checked, and the shipped one is what was published."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from questionnaires.engine.document_errors import DocumentErrors
from questionnaires.engine.rules import (
    CURRENT_RULES,
    RULE_SETS,
    RULES_2026_1,
    TIERS,
    Approver,
    Tier,
)
from questionnaires.engine.rules_document import canonical_rules, parse_rules, serialise_rules


def changed(**keys: Any) -> dict[str, Any]:
    """Return the shipped rule set as data with other constants."""
    return {**serialise_rules(RULES_2026_1), **keys}


def test_a_rule_set_is_written_and_read_again() -> None:
    assert parse_rules(serialise_rules(RULES_2026_1)) == RULES_2026_1
    text = canonical_rules(RULES_2026_1)
    assert canonical_rules(parse_rules(json.loads(text))) == text


def test_the_shipped_rule_set_is_found_by_its_id() -> None:
    assert RULE_SETS["2026.1"] is RULES_2026_1 is CURRENT_RULES


@pytest.mark.parametrize(
    ("number", "tier"),
    [
        (Fraction(0), Tier.LOW),
        (Fraction(25), Tier.LOW),
        (Fraction(2501, 100), Tier.MODERATE),
        (Fraction(50), Tier.MODERATE),
        (Fraction(51), Tier.HIGH),
        (Fraction(75), Tier.HIGH),
        (Fraction(7501, 100), Tier.CRITICAL),
        (Fraction(100), Tier.CRITICAL),
    ],
)
def test_tiers_end_at_quarters(number: Fraction, tier: Tier) -> None:
    assert RULES_2026_1.tier_of(number) is tier


def test_a_floor_lifts_into_its_tier() -> None:
    assert [RULES_2026_1.floor_of(tier) for tier in TIERS] == [0, 26, 51, 76]
    for tier in TIERS:
        assert RULES_2026_1.tier_of(Fraction(RULES_2026_1.floor_of(tier))) is tier


def test_who_decides_stands_in_the_matrix() -> None:
    def approver(inherent: Tier, residual: Tier) -> Approver | None:
        route = RULES_2026_1.route(inherent, residual)
        return route.approver if route else None

    assert approver(Tier.LOW, Tier.LOW) is Approver.OWNER
    assert approver(Tier.LOW, Tier.CRITICAL) is None
    assert approver(Tier.MODERATE, Tier.CRITICAL) is None
    assert approver(Tier.HIGH, Tier.HIGH) is Approver.EXECUTIVE
    assert approver(Tier.CRITICAL, Tier.CRITICAL) is Approver.NOBODY
    exceptional = RULES_2026_1.route(Tier.HIGH, Tier.CRITICAL)
    assert exceptional is not None
    assert exceptional.exceptional
    assert len(RULES_2026_1.matrix) == 14


BAD: list[tuple[dict[str, Any], str]] = [
    ({"format": "x"}, "format"),
    ({"alpha": 0.75}, "alpha"),
    ({"alpha": "4/3"}, "alpha"),
    ({"alpha": "3/0"}, "alpha"),
    ({"beta": 1}, "beta"),
    ({"weights": {"critical": 20, "standard": 10}}, "weights"),
    ({"weights": {"critical": 0, "standard": 10, "minor": 5}}, "weights.critical"),
    ({"kappa": {"none": "1", "document": "4/5", "independent": "1"}}, "kappa"),
    ({"confidence": {"none": "0"}}, "confidence"),
    ({"review_months": {"low": 36}}, "review_months"),
    ({"confidence_medium_from": 80}, "confidence_medium_from"),
    ({"tiers": serialise_rules(RULES_2026_1)["tiers"][::-1]}, "tiers"),
    ({"floors": [{"id": "F1"}]}, "floors[0]"),
    ({"floors": [{"id": "F1", "when": [{"question": "I", "at_least": 5}]}]},
     "floors[0].when[0].at_least"),
    ({"evidence": []}, "evidence"),
    ({"matrix": serialise_rules(RULES_2026_1)["matrix"][:1] * 2}, "matrix"),
    ({"gates_for_second_floor": 1}, "gates_for_second_floor"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "place"), BAD, ids=[f"{n}-{c[1]}" for n, c in enumerate(BAD)])
def test_constants_that_do_not_fit_are_named(keys: dict[str, Any], place: str) -> None:
    with pytest.raises(DocumentErrors) as refused:
        parse_rules(changed(**keys))
    assert place in [error.path for error in refused.value.errors]


def test_tiers_that_overlap_are_named() -> None:
    tiers = serialise_rules(RULES_2026_1)["tiers"]
    tiers[1]["floor"] = 20
    with pytest.raises(DocumentErrors, match=r"tiers\[1\]"):
        parse_rules(changed(tiers=tiers))
