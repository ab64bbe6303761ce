"""From answers to a score: backing, freshness, gates, what does not apply, and the steps shown."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from questionnaires.engine import scoring
from questionnaires.engine.answers import Answer, Backing, EvidenceGiven, NotApplicable, Rating
from questionnaires.engine.exact_sums import exact_sum, largest_remainder, rounded
from questionnaires.engine.explanation import explain_inherent, explain_question, explain_score
from questionnaires.engine.freshness import ModelChange, add_months, months_between
from questionnaires.engine.inherent import Factor, Inherent, factors_of, inherent_risk
from questionnaires.engine.replay import ReplayRefused, record_of, replay, result_json
from questionnaires.engine.rules import RULES_2026_1 as RULES
from questionnaires.engine.rules import Tier
from questionnaires.engine.scoring import IdentityBroken, Score, score, score_terms
from questionnaires.engine.scoring_words import Band, Reason
from questionnaires.engine.terms import Moment, Term, terms_of
from questionnaires.engine.values import ChoiceValue, LevelValue, TextValue
from tests.unit.questionnaires.engine.documents import parsed, small, yes_no

TODAY = dt.date(2026, 8, 1)
NOW = Moment(TODAY)
HALF = Fraction(1, 2)
YES = ChoiceValue("yes")


def at_risk(number: int) -> Inherent:
    """Return an inherent risk of this number, 0 to 100."""
    return inherent_risk([Factor("A", number, 4), Factor("B", 100 - number, 0)], RULES)


def one_term(answer: Answer, moment: Moment = NOW, tier: Tier = Tier.HIGH, **keys: Any) -> Term:
    """Return the term of one answer to one yes/no question."""
    questionnaire = parsed(yes_no("Q", **keys))
    [term] = terms_of(questionnaire, {"Q": answer}, RULES, tier=tier, moment=moment)
    return term


def scored(answers: dict[str, Answer], *questions: dict[str, Any], **keys: Any) -> Score:
    """Return the score of answers to these questions at an inherent risk of 60."""
    moment = keys.pop("moment", NOW)
    return score(parsed(*questions, **keys), answers, at_risk(60), RULES, moment)


def backed(**keys: Any) -> Answer:
    """Return a yes with one accepted file."""
    return Answer(value=YES, evidence=(EvidenceGiven(accepted=True, **keys),))


MAR_2025 = dt.date(2025, 2, 1)
WORTH: list[tuple[Answer, Backing, Fraction]] = [
    (Answer(value=YES), Backing.NONE, Fraction(1)),
    (Answer(value=YES, evidence=(EvidenceGiven(effective_on=TODAY),)), Backing.NONE, Fraction(1)),
    (backed(kind="policy", effective_on=TODAY), Backing.DOCUMENT, Fraction(1)),
    (backed(kind="policy", effective_on=MAR_2025), Backing.DOCUMENT, HALF),
    (backed(kind="policy"), Backing.DOCUMENT, Fraction(0)),
    (backed(kind="unheard-of", effective_on=MAR_2025), Backing.DOCUMENT, HALF),
    (
        backed(kind="penetration-test", backing=Backing.INDEPENDENT, effective_on=MAR_2025),
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
                    accepted=True, backing=Backing.INDEPENDENT, effective_on=MAR_2025, kind="x"
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
        (Tier.HIGH, MAR_2025, HALF),
        (Tier.HIGH, dt.date(2024, 8, 1), Fraction(0)),
        (Tier.CRITICAL, MAR_2025, Fraction(0)),
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


GATE = {"gate": ["no"], "not_applicable": False}
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
    stale = scored({"A": backed(effective_on=MAR_2025)}, yes_no("A"))
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


LINKED = (
    yes_no("A", risk_sources=["C.3.1", "C.3.2"], objectives=["C.2.1"], weight="critical"),
    yes_no("B", risk_sources=["C.3.1"], controls=[
        {"framework": "iso-42001", "control": "A.7.2"},
        {"framework": "iso-42001", "control": "A.7.3"},
        {"framework": "nist-ai-rmf", "control": "MAP 4.1"},
    ]),
    yes_no("C", risk_sources=[], controls=[]),
)  # fmt: skip


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


def test_every_step_is_explained_with_its_values() -> None:
    answers = {"A": backed(kind="policy", effective_on=MAR_2025)}
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


def test_the_intake_is_explained() -> None:
    inherent = inherent_risk([Factor("I-13", 7, 4), Factor("I-01", 93, None)], RULES)
    lines = explain_inherent(inherent, RULES)
    assert [line.symbol for line in lines] == ["v·a/4 I-01", "v·a/4 I-13", "Σ", "F2", "I"]
    assert lines[0].label == "No answer yet: counts as level 4 of 4"
    assert lines[-1].value == inherent.number == 100


FLOORS: list[tuple[dict[str, int], list[str], int, bool]] = [
    ({"I-13": 4}, ["F2"], 51, False),
    ({"I-01": 4, "I-11": 3}, ["F3"], 51, False),
    ({"I-01": 4, "I-11": 2}, [], 0, False),
    ({"I-01": 4, "I-11": 3, "I-02": 4}, ["F3"], 76, False),
    ({"I-06": 3, "I-09": 3}, ["F4"], 51, False),
    ({"I-10": 4, "I-16": 4}, ["F5"], 76, False),
    ({"I-05": 4, "I-02": 3}, ["F6"], 51, False),
    ({"I-15": 4}, ["F7"], 26, True),
]


@pytest.mark.parametrize(("levels", "floors", "number", "provisional"), FLOORS)
def test_floors_lift_what_a_sum_would_hide(
    levels: dict[str, int], floors: list[str], number: int, provisional: bool
) -> None:
    keys = ("I-01", "I-02", "I-05", "I-06", "I-09", "I-10", "I-11", "I-13", "I-15", "I-16")
    factors = [Factor(key, 1, levels.get(key, 0)) for key in keys]
    inherent = inherent_risk(factors, RULES)
    assert [floor.id for floor in inherent.floors] == floors
    assert inherent.number == max(number, inherent.total)
    assert inherent.lift == inherent.number - inherent.total
    assert inherent.provisional is provisional
    assert all(floor.raised for floor in inherent.floors)


def test_an_intake_gives_its_factors() -> None:
    options = [{"key": f"l{n}", "text": f"Level {n}", "level": n} for n in (0, 2, 4)]
    stop = {"key": "never", "text": "Forbidden", "stop": True}
    questions = [
        {"key": "I-01", "type": "single", "text": "a", "factor": 60, "options": options},
        {"key": "I-02", "type": "single", "text": "b", "factor": 40, "options": options},
        {"key": "I-03", "type": "single", "text": "c", "options": [*options, stop]},
        {"key": "I-04", "type": "maturity", "text": "d"},
    ]
    questionnaire = parsed(*questions, purpose="intake", audience="organisation")
    answers = {
        "I-01": Answer(value=ChoiceValue("l2")),
        "I-02": Answer(not_applicable=NotApplicable(reason="x", accepted=True)),
        "I-03": Answer(value=ChoiceValue("l4")),
        "I-04": Answer(value=LevelValue(4)),
    }
    factors = factors_of(questionnaire, answers)
    assert factors == (Factor("I-01", 60, 2), Factor("I-02", 40, None))
    inherent = inherent_risk(factors, RULES)
    assert (inherent.total, inherent.provisional) == (70, True)
    stopped = {**answers, "I-03": Answer(value=ChoiceValue("never"))}
    ended = inherent_risk(factors_of(questionnaire, stopped), RULES)
    assert (ended.stop, ended.tier) == ("F1", None)


def test_a_record_replays_and_a_changed_one_does_not_agree() -> None:
    result = scored({"B": Answer(value=YES, answered_on=MAR_2025)}, *LINKED)
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
    with pytest.raises(ReplayRefused, match="no record"):
        replay(record.replace(b'"f":"1"', b'"f":"1e999999999"'))


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


def test_small_documents_take_the_same_path_as_large_ones() -> None:
    count = 150
    questionnaire = parsed(*(yes_no(f"Q{n}") for n in range(count)))
    answers = {f"Q{n}": Answer(value=YES) for n in range(0, count, 2)}
    result = score(questionnaire, answers, at_risk(100), RULES, NOW)
    assert result.effectiveness == HALF * Fraction(3, 5)
    assert small()["sections"][0]["questions"] == []


def test_terms_alone_are_enough() -> None:
    result = score_terms(at_risk(60), [], RULES)
    assert result.contributions == ()
    assert result.residual == 60
