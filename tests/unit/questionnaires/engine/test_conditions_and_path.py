"""Rules hold or not, and the path follows them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from questionnaires.engine.conditions import AllOf, AnyOf, Condition, Not, Relation, Test, depth_of
from questionnaires.engine.conditions import holds as rule_holds
from questionnaires.engine.document import parse_document
from questionnaires.engine.path import path_of
from questionnaires.engine.values import (
    AnswerValue,
    ChoicesValue,
    ChoiceValue,
    DateValue,
    LevelValue,
    NumberValue,
    TextValue,
)
from tests.unit.questionnaires.engine.documents import everything, parsed, yes_no

DAY = DateValue(dt.date(2026, 12, 3))
TESTS: list[tuple[AnswerValue | None, Relation, str | Decimal | None, bool]] = [
    (None, Relation.ANSWERED, None, False),
    (TextValue("x"), Relation.ANSWERED, None, True),
    (ChoiceValue("yes"), Relation.EQUALS, "yes", True),
    (ChoiceValue("yes"), Relation.EQUALS, "no", False),
    (None, Relation.EQUALS, "no", False),
    (ChoicesValue(("a", "b")), Relation.INCLUDES, "b", True),
    (ChoicesValue(("a", "b")), Relation.INCLUDES, "c", False),
    (LevelValue(3), Relation.EQUALS, Decimal(3), True),
    (LevelValue(3), Relation.AT_LEAST, Decimal(3), True),
    (LevelValue(3), Relation.AT_MOST, Decimal(2), False),
    (NumberValue(Decimal("7.5")), Relation.AT_LEAST, Decimal("7.5"), True),
    (NumberValue(Decimal("7.4")), Relation.AT_LEAST, Decimal("7.5"), False),
    (NumberValue(Decimal("7.50")), Relation.EQUALS, Decimal("7.5"), True),
    (NumberValue(None), Relation.AT_LEAST, Decimal(0), False),
    (NumberValue(None), Relation.AT_MOST, Decimal(0), False),
    (NumberValue(None), Relation.ANSWERED, None, True),
    (DAY, Relation.EQUALS, "2026-12-03", True),
    (DAY, Relation.AT_LEAST, "2026-12-04", False),
    (DAY, Relation.AT_MOST, "2026-12-04", True),
    (DAY, Relation.AT_MOST, "soon", False),
    (TextValue("yes"), Relation.EQUALS, "yes", False),
]


@pytest.mark.parametrize(("value", "relation", "wanted", "result"), TESTS)
def test_a_test_compares_an_answer(
    value: AnswerValue | None, relation: Relation, wanted: str | Decimal | None, result: bool
) -> None:
    values = {} if value is None else {"Q": value}
    assert rule_holds(Test("Q", relation, wanted), values) is result


YES = Test("A", Relation.ANSWERED)
NO = Test("B", Relation.ANSWERED)
JOINED: list[tuple[Condition | None, bool, int]] = [
    (YES, True, 1),
    (NO, False, 1),
    (AllOf((YES, NO)), False, 2),
    (AllOf((YES, YES)), True, 2),
    (AnyOf((NO, YES)), True, 2),
    (AnyOf((NO, NO)), False, 2),
    (Not(NO), True, 2),
    (Not(AllOf((YES, Not(NO)))), False, 4),
]


@pytest.mark.parametrize(("rule", "result", "depth"), JOINED)
def test_rules_are_joined(rule: Condition, result: bool, depth: int) -> None:
    assert rule_holds(rule, {"A": TextValue("x")}) is result
    assert depth_of(rule) == depth


def test_no_rule_always_holds() -> None:
    assert rule_holds(None, {})


def keys(document: dict[str, Any], values: dict[str, AnswerValue]) -> list[str]:
    """Return the keys of the questions on the path."""
    return [question.key for question in path_of(parse_document(document), values).questions]


def test_modules_and_sections_appear_with_the_answers() -> None:
    document = everything()
    assert keys(document, {}) == [
        "Q-yes", "Q-multiple", "Q-maturity", "Q-text", "Q-number", "Q-day-to-come", "Q-file",
        "Q-table",
    ]  # fmt: skip
    assert keys(document, {"Q-yes": ChoiceValue("yes")}) == ["Q-yes", "Q-single", "Q-multiple"]
    opened: dict[str, AnswerValue] = {
        "Q-yes": ChoiceValue("yes"),
        "Q-single": ChoiceValue("eu"),
        "Q-multiple": ChoicesValue(("drift",)),
        "Q-maturity": LevelValue(2),
    }
    assert len(keys(document, opened)) == 10


def test_an_answer_that_became_hidden_opens_nothing() -> None:
    questionnaire = parsed(
        yes_no("A"),
        yes_no("B", show_if={"question": "A", "is": "equals", "value": "yes"}),
        yes_no("C", show_if={"question": "B", "is": "equals", "value": "yes"}),
        yes_no("D", show_if={"not": {"question": "B", "is": "answered"}}),
    )
    all_yes: dict[str, AnswerValue] = {key: ChoiceValue("yes") for key in "ABCD"}
    assert path_of(questionnaire, all_yes).keys == {"A", "B", "C"}
    hidden = path_of(questionnaire, {**all_yes, "A": ChoiceValue("no")})
    assert hidden.keys == {"A", "D"}
    assert set(hidden.values) == {"A", "D"}


def test_rules_on_later_questions_do_not_hold_in_a_draft() -> None:
    questionnaire = parsed(
        yes_no("A", show_if={"question": "B", "is": "answered"}),
        yes_no("B", show_if={"question": "A", "is": "answered"}),
        yes_no("C", module="nowhere"),
        yes_no("D", show_if={"not": {"question": "E", "is": "answered"}}),
        yes_no("E"),
        draft=True,
    )
    answered: dict[str, AnswerValue] = {key: ChoiceValue("yes") for key in "ABCDE"}
    assert path_of(questionnaire, answered).keys == {"D", "E"}


def test_a_section_without_a_shown_question_is_not_shown() -> None:
    rule = {"question": "A", "is": "answered"}
    sections = [
        {"key": "one", "title": "One", "questions": [yes_no("A")]},
        {"key": "two", "title": "Two", "questions": [yes_no("B", show_if=rule)]},
    ]
    questionnaire = parsed(sections=sections)
    assert [shown.section.key for shown in path_of(questionnaire, {}).sections] == ["one"]
