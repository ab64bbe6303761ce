"""What is shown of a score: its steps, its record, its rounded parts."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from fractions import Fraction

import pytest

from questionnaires.engine.answers import Answer, NotApplicable
from questionnaires.engine.exact_sums import exact_sum, largest_remainder, rounded
from questionnaires.engine.explanation import explain_question, explain_score
from questionnaires.engine.replay import ReplayRefused, record_of, replay, result_json
from questionnaires.engine.rules import RULES_2026_1 as RULES
from questionnaires.engine.values import ChoiceValue, TextValue
from tests.unit.questionnaires.engine.documents import yes_no
from tests.unit.questionnaires.engine.scores import (
    GATE,
    HALF,
    LINKED,
    OLD,
    YES,
    backed,
    scored,
)


def test_every_step_is_explained_with_its_values() -> None:
    answers = {"A": backed(kind="policy", effective_on=OLD)}
    result = scored(answers, yes_no("A"), yes_no("B"))
    entry = result.contributions[0]
    lines = {line.symbol: line for line in explain_question(result, entry)}
    assert {symbol: line.value for symbol, line in lines.items()} == {
        "s": 1, "w": 10, "W": 20, "κ": Fraction(4, 5), "f": HALF, "a": 1,
        "c": Fraction(7, 10), "ΔR": Fraction(27, 4),
    }  # fmt: skip
    assert lines["c"].formula == "s · (0.6 + (κ − 0.6) · f) · a"
    assert lines["ΔR"].formula == "60 · 0.75 · (w / W) · (1 − c)"
    s, w, whole = lines["s"].value, lines["w"].value, lines["W"].value
    k, f, a = lines["κ"].value, lines["f"].value, lines["a"].value
    assert lines["c"].value == s * (Fraction(3, 5) + (k - Fraction(3, 5)) * f) * a
    assert lines["ΔR"].value == 60 * RULES.alpha * (w / whole) * (1 - lines["c"].value)
    total = {line.symbol: line.value for line in explain_score(result)}
    assert total["R"] == result.residual == total["I"] * (1 - total["α"] * total["E"])
    assert total["R⁻"] <= total["R₀"] <= total["R⁺"]
    unanswered = {line.symbol: line for line in explain_question(result, result.contributions[1])}
    assert unanswered["s"].label == "No answer: counts 0"


def test_the_steps_of_gates_and_of_what_does_not_apply_are_explained() -> None:
    no = Answer(value=ChoiceValue("no"))
    accepted = Answer(not_applicable=NotApplicable(reason="x", accepted=True))
    text = {"key": "T", "type": "text", "text": "Who?"}
    answers = {"A": no, "B": accepted, "T": Answer(value=TextValue("x"))}
    result = scored(answers, yes_no("A", **GATE), yes_no("B"), text)
    assert {line.symbol for line in explain_score(result)} >= {"G", "R", "C"}
    by_key = {entry.key: entry for entry in result.contributions}
    assert [line.symbol for line in explain_question(result, by_key["B"])] == ["w", "ΔR"]
    waits = explain_question(result, by_key["T"])[0]
    assert waits.label == "The answer waits for a reviewer: counts 0 until then"
    assert "N" in {line.symbol for line in explain_score(scored({}))}


def test_a_record_replays_and_a_changed_one_does_not_agree() -> None:
    result = scored({"B": Answer(value=YES, answered_on=OLD)}, *LINKED)
    record = record_of(result)
    assert replay(record) == record
    data = json.loads(record)
    assert data["result"] == result_json(result)
    data["result"]["residual"] = "1"
    changed = json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
    assert replay(changed) == record != changed


@pytest.mark.parametrize(
    "record", [b"", b"{}", b"[]", b'{"format":1}', b"null", b"\xff", b"[" * 100_000]
)
def test_what_is_no_record_is_refused(record: bytes) -> None:
    with pytest.raises(ReplayRefused, match="no record of a score"):
        replay(record)


def test_a_record_needs_the_rule_set_it_was_made_with() -> None:
    record = record_of(scored({}, yes_no("A")))
    other = dataclasses.replace(RULES, alpha=HALF)
    with pytest.raises(ReplayRefused, match="not here as it was then"):
        replay(record, other)
    with pytest.raises(ReplayRefused, match=r"rule set 1999\.1"):
        replay(record.replace(b'"id":"2026.1"', b'"id":"1999.1"'))
    for was, becomes in (
        (b'"f":"1"', b'"f":"1e999999999"'),
        (b'"weight":10', b'"weight":"x"'),
        (b'"level":4', b'"level":"x"'),
        (b'"controls":[[', b'"controls":[[["x"],'),
    ):
        assert was in record
        with pytest.raises(ReplayRefused, match="no record"):
            replay(record.replace(was, becomes))


def test_shown_parts_add_up_to_the_shown_sum() -> None:
    hiring = [Fraction(663, 380), Fraction(4641, 760), Fraction(1989, 380), Fraction(663, 380),
              Fraction(0), Fraction(663, 304), Fraction(221, 16)]  # fmt: skip
    shown = largest_remainder(hiring, 2)
    assert sum(shown) == rounded(exact_sum(hiring), 2) == Decimal("30.82")
    assert shown[0] == Decimal("1.75")
    assert shown[3] == Decimal("1.74")
    assert largest_remainder([], 2) == []
    assert largest_remainder([Fraction(1, 3)] * 3, 0) == [1, 0, 0]
    assert rounded(Fraction(-5, 2), 0) == -3
