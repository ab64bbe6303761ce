"""What is answered, what is left, and what stands in the way of signing."""

from __future__ import annotations

import datetime as dt

import pytest

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.answers import (
    Answer,
    EvidenceGiven,
    NotApplicable,
    Rating,
    check_evidence,
    check_not_applicable,
    check_rating,
)
from questionnaires.engine.completeness import Gap, GapKind, Progress, completeness
from questionnaires.engine.values import ChoiceValue
from tests.unit.questionnaires.engine.documents import parsed, yes_no

YES, NO = Answer(value=ChoiceValue("yes")), Answer(value=ChoiceValue("no"))
SECTIONS = [
    {
        "key": "one",
        "title": "One",
        "questions": [
            yes_no("A", minutes=5, risky=["no"], warning="Then what?"),
            yes_no("B", minutes=3, required=False),
        ],
    },
    {
        "key": "two",
        "title": "Two",
        "questions": [
            yes_no("C", minutes=7, show_if={"question": "A", "is": "equals", "value": "yes"}),
            yes_no("D", minutes=11, evidence={"ask": "required", "text": "A file"}),
            yes_no("E", minutes=13, not_applicable=False),
        ],
    },
]
QUESTIONNAIRE = parsed(sections=SECTIONS)


def test_an_empty_response_has_everything_before_it() -> None:
    found = completeness(QUESTIONNAIRE, {})
    assert found.total == Progress(
        asked=4, answered=0, required=3, left=3, minutes=32, minutes_left=32
    )
    assert [section.key for section in found.sections] == ["one", "two"]
    assert found.sections[0].progress == Progress(2, 0, 2 - 1, 1, 8, 8)
    assert found.gaps == tuple(
        Gap(section, key, GapKind.UNANSWERED, True)
        for section, key in (("one", "A"), ("two", "D"), ("two", "E"))
    )
    assert not found.is_ready


def test_an_answer_adds_the_questions_it_opens() -> None:
    found = completeness(QUESTIONNAIRE, {"A": YES})
    assert found.total.asked == 5
    assert found.total.minutes_left == 3 + 7 + 11 + 13


def test_answers_to_hidden_questions_are_not_counted() -> None:
    assert completeness(QUESTIONNAIRE, {"A": NO, "C": YES}).total == (
        completeness(QUESTIONNAIRE, {"A": NO}).total
    )


def test_gaps_name_what_is_missing() -> None:
    found = completeness(
        QUESTIONNAIRE,
        {
            "A": NO,
            "B": Answer(not_applicable=NotApplicable(reason=" ")),
            "D": YES,
            "E": Answer(not_applicable=NotApplicable(reason="We have none.")),
        },
    )
    assert [(gap.question, gap.kind, gap.blocks) for gap in found.gaps] == [
        ("A", GapKind.MEASURE, False),
        ("B", GapKind.REASON, True),
        ("D", GapKind.EVIDENCE, True),
        ("E", GapKind.MUST_APPLY, True),
    ]
    assert found.total.left == 0


def test_a_response_is_ready_when_nothing_blocks() -> None:
    found = completeness(
        QUESTIONNAIRE,
        {
            "A": Answer(value=ChoiceValue("no"), note="A person checks each."),
            "D": Answer(value=ChoiceValue("yes"), evidence=(EvidenceGiven(),)),
            "E": YES,
        },
    )
    assert found.is_ready
    assert found.gaps == ()
    assert found.total.minutes_left == 3


def test_an_answer_has_a_value_or_does_not_apply() -> None:
    with pytest.raises(AnswerError, match="Either answer"):
        Answer(value=ChoiceValue("yes"), not_applicable=NotApplicable(reason="x"))


def test_a_question_can_be_set_aside_with_a_reason() -> None:
    b, e = QUESTIONNAIRE.questions[1], QUESTIONNAIRE.questions[4]
    check_not_applicable(b, NotApplicable(reason="No model is trained."))
    with pytest.raises(AnswerError, match="in a sentence why this does not apply"):
        check_not_applicable(b, NotApplicable(reason=""))
    with pytest.raises(AnswerError, match="always applies"):
        check_not_applicable(e, NotApplicable(reason="x"))


def test_a_rating_away_from_the_rule_needs_a_reason() -> None:
    check_rating(Rating(percent=50), overrides=False)
    check_rating(Rating(percent=33, reason="One third is covered."), overrides=True)
    with pytest.raises(AnswerError, match="why you rate it so"):
        check_rating(Rating(percent=50), overrides=True)
    with pytest.raises(AnswerError, match="why you rate it so"):
        check_rating(Rating(percent=33), overrides=False)
    with pytest.raises(AnswerError, match="from 0 to 100"):
        check_rating(Rating(percent=101, reason="x"), overrides=False)


def test_the_days_of_a_file_make_sense() -> None:
    today, tomorrow = dt.date(2026, 8, 1), dt.date(2026, 8, 2)
    check_evidence(EvidenceGiven(effective_on=today, expires_on=today), today)
    with pytest.raises(AnswerError, match="a day to come"):
        check_evidence(EvidenceGiven(effective_on=tomorrow), today)
    with pytest.raises(AnswerError, match="ends before it begins"):
        check_evidence(EvidenceGiven(effective_on=today, expires_on=dt.date(2026, 7, 31)), today)
