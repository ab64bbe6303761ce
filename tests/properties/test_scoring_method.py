"""The seven properties of the scoring method, and what follows from them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires.engine.answers import Answer, Answers, Backing, EvidenceGiven, NotApplicable
from questionnaires.engine.definition import ControlRef, Questionnaire
from questionnaires.engine.document import parse_document
from questionnaires.engine.exact_sums import exact_sum, largest_remainder, rounded
from questionnaires.engine.freshness import ModelChange, add_months, falling, months_between
from questionnaires.engine.inherent import Factor, Inherent, inherent_risk
from questionnaires.engine.replay import record_of, replay
from questionnaires.engine.rules import RULES_2026_1 as RULES
from questionnaires.engine.rules import TIERS
from questionnaires.engine.scoring import Score, score, score_terms
from questionnaires.engine.scoring_words import Band
from questionnaires.engine.terms import Moment, Term
from questionnaires.engine.values import ChoiceValue
from tests.unit.questionnaires.engine.documents import small, yes_no

MANY = settings(max_examples=150, deadline=None)
SHARES = st.fractions(0, 1, max_denominator=60)
WORSE_TO_BETTER = list(Backing)
INTAKE_KEYS = [f"I-{number:02}" for number in range(1, 21)]
PERCENTS = (10, 10, 4, 5, 5, 8, 5, 2, 5, 8, 7, 4, 7, 3, 3, 4, 3, 3, 2, 2)


@st.composite
def inherents(draw: st.DrawFn) -> Inherent:
    """Return the inherent risk of an intake, complete or not."""
    levels = draw(st.lists(st.none() | st.integers(0, 4), min_size=20, max_size=20))
    return inherent_risk(
        [Factor(*entry) for entry in zip(INTAKE_KEYS, PERCENTS, levels, strict=True)], RULES
    )


@st.composite
def term_lists(draw: st.DrawFn, *, gates: bool = True) -> list[Term]:
    """Return up to eight terms of any kind."""
    terms = []
    for number in range(draw(st.integers(0, 8))):
        answered = draw(st.booleans())
        removed = not answered and draw(st.booleans())
        s = draw(st.none() | SHARES) if answered else None
        weight = draw(st.sampled_from([20, 10, 5]))
        names = st.lists(st.sampled_from("abc"), max_size=3, unique=True)
        terms.append(
            Term(
                key=f"Q{number}",
                section=draw(st.sampled_from(["one", "two"])),
                weight=weight,
                s=s,
                answered=answered,
                waiting=answered and s is None,
                backing=draw(st.sampled_from(WORSE_TO_BETTER)) if answered else Backing.NONE,
                f=draw(SHARES) if answered else Fraction(1),
                a=draw(SHARES) if answered else Fraction(1),
                critical=weight == 20,
                gate_open=gates and not removed and draw(st.booleans()) and draw(st.booleans()),
                removed=removed,
                controls=tuple(
                    ControlRef(framework=draw(st.sampled_from(["f", "g"])), control=name)
                    for name in draw(names)
                ),
                risk_sources=tuple(draw(names)),
                objectives=tuple(draw(names)),
            )
        )
    return terms


@MANY
@given(inherents(), term_lists())
def test_1_residual_lies_between_base_and_inherent(inherent: Inherent, terms: list[Term]) -> None:
    result = score_terms(inherent, terms, RULES)
    number = inherent.number
    assert number * (1 - RULES.alpha) <= result.before_gates <= number
    assert result.span.claimed <= result.before_gates <= result.residual
    assert 0 <= result.effectiveness <= result.effectiveness_claimed <= 1
    assert 0 <= result.confidence <= 100
    assert 0 <= number <= 100
    if not result.open_gates:
        assert result.residual == result.before_gates
    else:
        assert result.residual >= max(number, 26)
        assert len(result.open_gates) < 2 or result.residual >= 51


@MANY
@given(inherents(), term_lists(), st.data())
def test_2_better_answers_backing_and_freshness_never_raise_it(
    inherent: Inherent, terms: list[Term], data: st.DataObject
) -> None:
    answered = [place for place, term in enumerate(terms) if term.answered]
    if not answered:
        return
    place = data.draw(st.sampled_from(answered))
    term = terms[place]
    kind = data.draw(st.sampled_from(["s", "backing", "f", "a"]))
    better: Any
    if kind == "backing":
        better = data.draw(st.sampled_from(WORSE_TO_BETTER[WORSE_TO_BETTER.index(term.backing) :]))
    else:
        better = max(getattr(term, kind) or Fraction(0), data.draw(SHARES))
    improved = [*terms]
    improved[place] = dataclasses.replace(term, **{kind: better})
    before, after = (score_terms(inherent, some, RULES) for some in (terms, improved))
    assert after.before_gates <= before.before_gates
    assert after.residual <= before.residual
    if kind != "s":
        assert after.confidence >= before.confidence


@MANY
@given(inherents(), term_lists(), st.randoms())
def test_4_order_does_not_matter(inherent: Inherent, terms: list[Term], random: Any) -> None:
    mixed = [*terms]
    random.shuffle(mixed)
    assert record_of(score_terms(inherent, mixed, RULES)) == record_of(
        score_terms(inherent, terms, RULES)
    )


@MANY
@given(inherents(), term_lists())
def test_5_the_parts_are_the_whole(inherent: Inherent, terms: list[Term]) -> None:
    result = score_terms(inherent, terms, RULES)
    points = [entry.points for entry in result.contributions]
    assert all(point >= 0 for point in points)
    # Added one by one, as fractions: nothing of how the score was made is used.
    whole = result.base + result.unasked
    for point in points:
        whole += point
    assert whole == result.before_gates
    lost = sum(points, Fraction(0))
    for groups in (
        result.by_section,
        result.by_risk_source,
        result.by_objective,
        *(result.by_control(framework) for framework in result.frameworks),
    ):
        assert sum((group.points for group in groups), Fraction(0)) == lost
        assert sum((group.weight for group in groups), Fraction(0)) == result.weight
        assert all(0 <= group.effectiveness <= 1 for group in groups)
    parts = [part.points for part in inherent.parts]
    assert sum(parts, inherent.lift) == inherent.number
    shown = largest_remainder([result.base, result.unasked, *points], 2)
    assert sum(shown) == rounded(result.before_gates, 2)


@MANY
@given(inherents(), term_lists(gates=False))
def test_5_each_part_follows_the_published_formula(inherent: Inherent, terms: list[Term]) -> None:
    result = score_terms(inherent, terms, RULES)
    counted = [term for term in terms if not term.removed]
    weight = sum(term.weight for term in counted)
    kappa = {Backing.NONE: Fraction(6, 10), Backing.DOCUMENT: Fraction(8, 10),
             Backing.INDEPENDENT: Fraction(1)}  # fmt: skip
    for entry in result.contributions:
        term = entry.term
        s = term.s or Fraction(0)
        credit = s * (Fraction(6, 10) + (kappa[term.backing] - Fraction(6, 10)) * term.f) * term.a
        assert entry.credit == credit
        cost = inherent.number * Fraction(3, 4) * Fraction(term.weight, weight or 1) * (1 - credit)
        assert entry.points == (0 if term.removed else cost)
    if weight:
        assert result.effectiveness == sum(
            (entry.term.weight * entry.credit for entry in result.contributions
             if not entry.term.removed), Fraction(0)) / weight  # fmt: skip


@MANY
@given(inherents(), term_lists(gates=False))
def test_6_silence_keeps_all_risk_and_perfection_leaves_a_quarter(
    inherent: Inherent, terms: list[Term]
) -> None:
    counted = [dataclasses.replace(term, removed=False) for term in terms]
    silent = [dataclasses.replace(t, s=None, answered=False, waiting=False) for t in counted]
    result = score_terms(inherent, silent, RULES)
    assert (result.residual, result.confidence) == (inherent.number, Fraction(0))
    one = Fraction(1)
    perfect = [
        dataclasses.replace(
            t, s=one, answered=True, waiting=False, backing=Backing.INDEPENDENT, f=one, a=one
        )
        for t in counted
    ]
    if perfect:
        result = score_terms(inherent, perfect, RULES)
        assert result.residual == inherent.number / 4
        assert result.confidence == 100
        assert result.findings == ()


@MANY
@given(inherents(), term_lists())
def test_7_the_same_inputs_and_rules_give_the_same_bytes(
    inherent: Inherent, terms: list[Term]
) -> None:
    record = record_of(score_terms(inherent, terms, RULES))
    assert record == record_of(score_terms(inherent, list(terms), RULES))
    assert replay(record) == record
    assert replay(replay(record)) == record


@MANY
@given(inherents(), term_lists())
def test_fixing_a_question_never_raises_it(inherent: Inherent, terms: list[Term]) -> None:
    result = score_terms(inherent, terms, RULES)
    for entry in result.contributions:
        fixed = result.if_fixed(entry.key)
        assert fixed.before_gates == result.before_gates - entry.points
        assert fixed.residual <= result.residual


@MANY
@given(inherents(), term_lists())
def test_much_risk_that_little_is_known_of_blocks_approval(
    inherent: Inherent, terms: list[Term]
) -> None:
    result = score_terms(inherent, terms, RULES)
    much = inherent.tier in TIERS[2:]
    assert result.blocks_approval == (much and result.confidence_band is Band.LOW)
    assert inherent.provisional <= result.is_provisional


# Time: through the answers and their days, as they are kept.

QUESTIONNAIRE: Questionnaire = parse_document(
    small(
        yes_no("Q0", weight="critical"),
        yes_no("Q1"),
        yes_no("Q2", gate=["no"], not_applicable=False),
        {"key": "Q3", "type": "date", "text": "When?", "validity_months": 12},
    )
)
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2026, 8, 1))


@st.composite
def evidence(draw: st.DrawFn) -> EvidenceGiven:
    """Return a file of any kind and age."""
    return EvidenceGiven(
        backing=draw(st.sampled_from([Backing.DOCUMENT, Backing.INDEPENDENT])),
        kind=draw(st.sampled_from([rule.kind for rule in RULES.evidence])),
        accepted=draw(st.booleans()),
        effective_on=draw(st.none() | DAYS),
        expires_on=draw(st.none() | st.dates(dt.date(2024, 1, 1), dt.date(2028, 1, 1))),
        model_change=draw(st.sampled_from(list(ModelChange))),
    )


@st.composite
def responses(draw: st.DrawFn) -> dict[str, Answer]:
    """Return answers of any age with files of any age."""
    found = {}
    for key in ("Q0", "Q1", "Q2"):
        state = draw(st.sampled_from(["answered", "does not apply", "open"]))
        files = tuple(draw(st.lists(evidence(), max_size=2)))
        if state == "answered":
            found[key] = Answer(
                value=ChoiceValue(draw(st.sampled_from(["yes", "partial", "no"]))),
                evidence=files,
                answered_on=draw(DAYS),
            )
        elif state == "does not apply":
            claim = NotApplicable(reason="Not here.", accepted=draw(st.booleans()))
            found[key] = Answer(not_applicable=claim)
    return found


def scored(answers: Answers, inherent: Inherent, on: dt.date) -> Score:
    """Return the score on a day; answers were due on 1 August 2026."""
    due = dt.date(2026, 8, 1)
    return score(QUESTIONNAIRE, answers, inherent, RULES, Moment(on, due_on=due))


@MANY
@given(inherents(), responses(), st.integers(0, 2_000), st.integers(0, 2_000))
def test_3_time_alone_never_lowers_it(
    inherent: Inherent, answers: dict[str, Answer], days: int, more: int
) -> None:
    first = dt.date(2026, 8, 1) + dt.timedelta(days=days)
    early = scored(answers, inherent, first)
    late = scored(answers, inherent, first + dt.timedelta(days=more))
    assert late.before_gates >= early.before_gates
    assert late.residual >= early.residual
    assert late.confidence <= early.confidence


@MANY
@given(inherents(), responses(), evidence(), st.integers(0, 2_000))
def test_another_file_never_raises_it(
    inherent: Inherent, answers: dict[str, Answer], file: EvidenceGiven, days: int
) -> None:
    on = dt.date(2026, 8, 1) + dt.timedelta(days=days)
    more = {
        key: dataclasses.replace(answer, evidence=(*answer.evidence, file))
        for key, answer in answers.items()
    }
    assert scored(more, inherent, on).residual <= scored(answers, inherent, on).residual


@MANY
@given(DAYS, st.integers(0, 3_000), st.integers(0, 3_000), st.integers(1, 60))
def test_age_grows_with_time_and_freshness_falls(
    start: dt.date, days: int, more: int, months: int
) -> None:
    first = start + dt.timedelta(days=days)
    early = months_between(start, first)
    late = months_between(start, first + dt.timedelta(days=more))
    assert 0 <= early <= late
    assert 0 <= falling(late, months) <= falling(early, months) <= 1
    assert months_between(start, add_months(start, months)) == months


@MANY
@given(st.lists(st.fractions(-50, 50, max_denominator=1_000), max_size=30), st.integers(0, 4))
def test_rounded_parts_add_up_and_stay_near(values: list[Fraction], digits: int) -> None:
    shown = largest_remainder(values, digits)
    assert sum(shown) == rounded(exact_sum(values), digits)
    assert exact_sum(values) == sum(values, Fraction(0))
    step = Fraction(1, 10**digits)
    for value, part in zip(values, shown, strict=True):
        assert abs(Fraction(part) - value) <= step
