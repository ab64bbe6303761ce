"""The score: credit, gates, what does not apply, roll-ups and what-if."""

from __future__ import annotations

from fractions import Fraction

import pytest

from questionnaires.engine import scoring
from questionnaires.engine.answers import Answer, Backing, EvidenceGiven, NotApplicable, Rating
from questionnaires.engine.exact_sums import exact_sum
from questionnaires.engine.inherent import Factor, inherent_risk
from questionnaires.engine.rules import RULES_2026_1 as RULES
from questionnaires.engine.rules import Tier
from questionnaires.engine.scoring import IdentityBroken, score, score_terms
from questionnaires.engine.scoring_words import Band, Reason
from questionnaires.engine.values import ChoiceValue, TextValue
from tests.unit.questionnaires.engine.documents import parsed, yes_no
from tests.unit.questionnaires.engine.scores import (
    GATE,
    HALF,
    LINKED,
    NOW,
    OLD,
    TODAY,
    YES,
    at_risk,
    backed,
    scored,
)


def test_text_counts_nothing_until_a_reviewer_has_rated_it() -> None:
    text = {"key": "T", "type": "text", "text": "Who?"}
    waiting = scored({"T": Answer(value=TextValue("Ada"))}, text)
    assert waiting.waiting == ("T",)
    assert waiting.effectiveness == 0
    # It was answered, so something is known.
    assert waiting.confidence == 30
    rated = Answer(value=TextValue("Ada"), rating=Rating(percent=50))
    assert scored({"T": rated}, text).effectiveness == HALF * Fraction(3, 5)


def test_a_rating_stands_in_place_of_the_score_but_closes_no_gate() -> None:
    gate = yes_no("Q", gate=["no"], not_applicable=False)
    rated = Answer(value=ChoiceValue("no"), rating=Rating(percent=100, reason="Tested by us."))
    result = scored({"Q": rated}, gate)
    assert result.effectiveness == Fraction(3, 5)
    assert result.open_gates == ("Q",)


def test_what_does_not_apply_leaves_the_sums_once_accepted() -> None:
    claim = Answer(not_applicable=NotApplicable(reason="We train nothing."))
    accepted = Answer(not_applicable=NotApplicable(reason="We train nothing.", accepted=True))
    questions = (yes_no("A"), yes_no("B"), yes_no("C"))
    yes = Answer(value=YES)
    claimed = scored({"A": yes, "B": yes, "C": claim}, *questions)
    assert (claimed.weight, claimed.weight_removed) == (30, 0)
    assert claimed.effectiveness == Fraction(2, 5)
    found = scored({"A": yes, "B": yes, "C": accepted}, *questions)
    assert (found.weight, found.weight_removed) == (20, 10)
    assert found.effectiveness == Fraction(3, 5)
    assert found.removed_share == Fraction(1, 3)
    assert found.warns_of_removed
    [removed] = [entry for entry in found.contributions if entry.term.removed]
    assert removed.points == 0
    gate = yes_no("C", not_applicable=False)
    assert scored({"A": yes, "B": yes, "C": accepted}, *questions[:2], gate).weight == 30


def test_a_fifth_that_does_not_apply_is_not_yet_warned_of() -> None:
    accepted = Answer(not_applicable=NotApplicable(reason="x", accepted=True))
    result = scored({"A": accepted}, *(yes_no(key) for key in "ABCDE"))
    assert result.removed_share == Fraction(1, 5)
    assert not result.warns_of_removed


def test_open_gates_take_all_credit_and_lift_to_their_floor() -> None:
    no = Answer(value=ChoiceValue("no"))

    def residual(number: int, *gates: str) -> Fraction:
        questionnaire = parsed(*(yes_no(key, **GATE) for key in gates), yes_no("Z"))
        answers = dict.fromkeys(gates, no) | {"Z": Answer(value=YES)}
        return score(questionnaire, answers, at_risk(number), RULES, NOW).residual

    assert residual(10, "A") == 26
    assert residual(40, "A") == 40
    assert residual(10, "A", "B") == 51
    assert residual(60, "A", "B") == 60


def test_nothing_asked_means_nothing_known() -> None:
    result = scored({})
    assert (result.residual, result.effectiveness, result.confidence) == (60, 0, 0)
    assert (result.base, result.unasked) == (15, 45)
    assert result.by_section == ()
    assert result.removed_share == 0


def test_low_confidence_in_much_risk_blocks_approval() -> None:
    low = scored({"A": Answer(value=YES)}, yes_no("A"))
    assert (low.confidence, low.confidence_band) == (30, Band.LOW)
    assert low.reasons == (Reason.LOW_CONFIDENCE,)
    assert low.is_provisional
    assert low.blocks_approval
    sure = scored({"A": backed(effective_on=TODAY)}, yes_no("A"))
    assert (sure.confidence, sure.confidence_band) == (70, Band.HIGH)
    assert not sure.is_provisional
    minor = score(parsed(yes_no("A")), {"A": Answer(value=YES)}, at_risk(30), RULES, NOW)
    assert not minor.blocks_approval
    stale = scored({"A": backed(effective_on=OLD)}, yes_no("A"))
    assert (stale.confidence, stale.confidence_band) == (50, Band.MEDIUM)


def test_the_route_comes_from_both_tiers() -> None:
    result = scored({}, yes_no("A"))
    assert (result.inherent.tier, result.tier) == (Tier.HIGH, Tier.HIGH)
    assert result.route is RULES.route(Tier.HIGH, Tier.HIGH)
    stopped = inherent_risk([Factor("A", 100, 0, stops=True)], RULES)
    ended = score(parsed(yes_no("A")), {}, stopped, RULES, NOW)
    assert ended.route is None
    assert ended.reasons == (Reason.STOPPED,)
    assert ended.blocks_approval


def test_points_can_be_read_by_what_questions_are_linked_to() -> None:
    result = scored({"B": Answer(value=YES)}, *LINKED)
    lost = result.before_gates - result.base
    points = {entry.key: entry.points for entry in result.contributions}
    sources = {group.name: group for group in result.by_risk_source}
    assert list(sources) == ["C.3.1", "C.3.2", None]
    assert sources["C.3.1"].points == points["A"] / 2 + points["B"]
    assert sources["C.3.1"].weight == 20
    assert sources["C.3.1"].effectiveness == Fraction(10, 20) * Fraction(3, 5)
    assert sources["C.3.1"].questions == ("A", "B")
    assert sources["C.3.2"].points == points["A"] / 2
    assert sources[None].points == points["C"]
    assert result.frameworks == ("iso-42001", "nist-ai-rmf")
    for groups in (
        result.by_section,
        result.by_risk_source,
        result.by_objective,
        result.by_control("iso-42001"),
        result.by_control("nist-ai-rmf"),
    ):
        assert exact_sum(group.points for group in groups) == lost
        assert sum(group.weight for group in groups) == result.weight
    controls = {group.name: group.points for group in result.by_control("iso-42001")}
    assert controls["A.7.3"] == points["B"] / 2
    assert controls["A.7.2"] == points["A"] + points["B"] / 2
    worst = result.lowest_control("iso-42001")
    assert worst is not None
    assert worst.name == "A.7.2"
    assert result.lowest_control("unheard-of") is None


def test_findings_are_sorted_by_what_they_cost() -> None:
    answers = {"B": Answer(value=YES, evidence=(EvidenceGiven(
        accepted=True, backing=Backing.INDEPENDENT, effective_on=TODAY),))}  # fmt: skip
    result = scored(answers, *LINKED)
    assert [entry.key for entry in result.findings] == ["A", "C"]
    assert result.weak_critical == ("A",)


def test_fixing_one_question_gives_back_what_it_costs() -> None:
    no = Answer(value=ChoiceValue("no"))
    result = scored({"A": no, "B": no}, yes_no("A", **GATE), yes_no("B"))
    assert result.residual == 60
    fixed = result.if_fixed("A")
    points = {entry.key: entry.points for entry in result.contributions}
    assert fixed.before_gates == result.before_gates - points["A"]
    assert fixed.residual == fixed.before_gates
    assert fixed.tier is Tier.MODERATE
    other = result.if_fixed("B")
    assert other.before_gates == result.before_gates - points["B"]
    assert other.residual == 60
    with pytest.raises(KeyError):
        result.if_fixed("Z")


def test_parts_that_do_not_add_up_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(scoring.Contribution):
        @property
        def loss(self) -> int:
            return super().loss + 1

    monkeypatch.setattr(scoring, "Contribution", Wrong)
    with pytest.raises(IdentityBroken):
        scored({"A": Answer(value=YES)}, yes_no("A"))


def test_terms_alone_are_enough() -> None:
    result = score_terms(at_risk(60), [], RULES)
    assert result.contributions == ()
    assert result.residual == 60
