"""The twelve reference results of the method."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from questionnaires.engine.answers import Backing
from questionnaires.engine.freshness import ModelChange, evidence_freshness
from questionnaires.engine.inherent import Factor, Inherent, inherent_risk
from questionnaires.engine.replay import record_of, replay
from questionnaires.engine.rules import RULES_2026_1 as RULES
from questionnaires.engine.scoring import score_terms
from questionnaires.engine.terms import Term

VECTORS = json.loads((Path(__file__).parent / "scoring_vectors.json").read_text())["vectors"]
PERCENTS = dict(
    zip(
        (f"I-{number:02}" for number in range(1, 21)),
        (10, 10, 4, 5, 5, 8, 5, 2, 5, 8, 7, 4, 7, 3, 3, 4, 3, 3, 2, 2),
        strict=True,
    )
)
"""What each intake topic adds at most."""


def named(kind: str) -> list[Any]:
    """Return the vectors that have a part of this name."""
    return [pytest.param(vector, id=vector["name"]) for vector in VECTORS if kind in vector]


def inherent_of(vector: dict[str, Any]) -> Inherent:
    """Return the inherent risk of a vector's intake."""
    levels = dict(vector["intake"])
    stops = levels.pop("art5", False)
    factors = [Factor(key, PERCENTS[key], level) for key, level in levels.items()]
    if stops:
        factors.append(Factor("I-13-use", 0, 4, stops=True))
    return inherent_risk(factors, RULES)


def terms_of(vector: dict[str, Any]) -> list[Term]:
    """Return the terms of a vector's answers."""
    return [
        Term(
            key=answer["id"],
            section="one",
            weight=RULES.weights[answer["importance"]],
            s=None if answer["s"] is None else Fraction(answer["s"]),
            answered=answer["s"] is not None,
            backing=Backing(answer.get("ev", "none")),
            f=Fraction(answer.get("f", 1)),
            critical=answer["importance"] == "critical",
            gate_open=answer.get("gate_open", False),
        )
        for answer in vector["answers"]
    ]


def exact(expected: dict[str, Any]) -> Fraction:
    """Return the exact value that a vector expects."""
    return Fraction(expected["fraction"])


def test_there_are_twelve_vectors_and_the_percents_add_up() -> None:
    assert len(VECTORS) == 12
    assert sum(PERCENTS.values()) == 100
    kinds = [sum(kind in vector for kind in ("intake", "freshness_input")) for vector in VECTORS]
    assert kinds == [1] * 12


@pytest.mark.parametrize("vector", named("intake"))
def test_inherent_risk_is_as_expected(vector: dict[str, Any]) -> None:
    inherent, expect = inherent_of(vector), vector["expect"]
    if "stop" in expect:
        assert (inherent.stop, inherent.tier) == (expect["stop"], None)
        return
    assert inherent.total == exact(expect["inherent"])
    assert inherent.number == exact(expect["inherent_effective"])
    assert [floor.id for floor in inherent.floors] == expect["floors"]
    assert inherent.tier is not None
    assert inherent.tier.value == expect["inherent_tier"].lower()
    assert inherent.provisional is expect["provisional"]
    assert inherent.stop is None


@pytest.mark.parametrize("vector", named("answers"))
def test_residual_risk_is_as_expected(vector: dict[str, Any]) -> None:
    expect = vector["expect"]
    score = score_terms(inherent_of(vector), terms_of(vector), RULES)
    assert score.weight == expect["weight_total"]
    assert score.effectiveness == exact(expect["effectiveness"])
    assert score.effectiveness_claimed == exact(expect["effectiveness_claimed"])
    assert score.before_gates == exact(expect["residual_before_gates"])
    assert score.residual == exact(expect["residual"])
    assert score.tier.value == expect["residual_tier"].lower()
    assert list(score.open_gates) == expect["open_gates"]
    assert score.confidence == exact(expect["confidence"])
    assert score.span.claimed == exact(expect["residual_if_all_claims_hold"])
    assert score.base == exact(expect["unreachable_base"])
    assert {entry.key: entry.points for entry in score.contributions} == {
        key: exact(points) for key, points in expect["contributions"].items()
    }


@pytest.mark.parametrize("vector", named("answers"))
def test_a_vector_replays_to_the_same_bytes(vector: dict[str, Any]) -> None:
    record = record_of(score_terms(inherent_of(vector), terms_of(vector), RULES))
    assert replay(record) == record
    backwards = record_of(score_terms(inherent_of(vector), terms_of(vector)[::-1], RULES))
    assert backwards == record


@pytest.mark.parametrize("vector", named("freshness_input"))
def test_freshness_is_as_expected(vector: dict[str, Any]) -> None:
    given = vector["freshness_input"]
    fresh = evidence_freshness(
        Fraction(given["age_months"]),
        given["validity_months"],
        ModelChange(given["model_version"]),
    )
    assert fresh == exact(vector["expect"]["freshness"])
