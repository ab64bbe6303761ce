"""Whether every question can be asked at all: tries out the answers that its rules look at."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from decimal import Decimal

from questionnaires.engine.conditions import Condition, Relation, Test, holds, tests_of
from questionnaires.engine.definition import LEVELS, Question, Questionnaire, Section
from questionnaires.engine.lint_findings import Finding, error
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.values import (
    AnswerValue,
    ChoicesValue,
    ChoiceValue,
    DateValue,
    LevelValue,
    NumberValue,
    TextValue,
)
from questionnaires.engine.vocabulary import YesNo

_TRIES_A_QUESTION = 3_000
_TRIES = 60_000
_MOST_BEHIND = 12
"""Beyond these a question is taken as reachable: lint never takes long."""
_MOST_TESTS = 10


def reach_findings(questionnaire: Questionnaire) -> Iterator[Finding]:
    """Yield an error for each question that no answers lead to."""
    reach = _Reach(questionnaire)
    for at, section in enumerate(questionnaire.sections):
        for place, question in enumerate(section.questions):
            if not reach.is_possible(question):
                yield error(
                    "unreachable",
                    f"sections[{at}].questions[{place}].show_if",
                    _("No answers lead to this question: look at its rules and those it needs."),
                    question.key,
                )


class _Reach:
    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        self._tries = _TRIES
        self._known: dict[tuple[Condition | None, ...], bool] = {}
        self._sections: Mapping[str, Section] = {
            question.key: section
            for section in questionnaire.sections
            for question in section.questions
        }

    def is_possible(self, question: Question) -> bool:
        """Return whether some answers show the question; also when that takes too long to tell."""
        rules = self._rules(question)
        if all(rule is None for rule in rules):
            return True
        if rules not in self._known:
            self._known[rules] = self._try(question)
        return self._known[rules]

    def _rules(self, question: Question) -> tuple[Condition | None, ...]:
        """Return what decides about a question; a module that is not there never holds."""
        module_rule: Condition | None = None
        if question.module is not None:
            module = self._questionnaire.modules_by_key.get(question.module)
            if module is None:
                return (Test("", Relation.ANSWERED),)
            module_rule = module.show_if
        return (self._sections[question.key].show_if, module_rule, question.show_if)

    def _try(self, question: Question) -> bool:
        tests = self._tests_behind(question)
        if len(tests) > _MOST_BEHIND or any(len(same) > _MOST_TESTS for same in tests.values()):
            return True
        looked_at = sorted(tests, key=self._questionnaire.position)
        candidates = [_candidates(self._asked(key), tests[key]) for key in looked_at]
        combinations = 1
        for values in candidates:
            combinations *= len(values)
        if combinations > min(_TRIES_A_QUESTION, self._tries):
            return True
        self._tries -= combinations
        return any(
            self._shows(question, dict(zip(looked_at, chosen, strict=True)))
            for chosen in itertools.product(*candidates)
        )

    def _asked(self, key: str) -> Question:
        question = self._questionnaire.question(key)
        assert question is not None
        return question

    def _tests_behind(self, question: Question) -> dict[str, list[Test]]:
        """Return the tests by question on which the question and all before it depend."""
        found: dict[str, list[Test]] = {}
        waiting, done = [question], {question.key}
        while waiting and len(found) <= _MOST_BEHIND:
            for rule in self._rules(waiting.pop()):
                for test in tests_of(rule):
                    asked = self._questionnaire.question(test.question)
                    if asked is None:
                        continue
                    found.setdefault(asked.key, []).append(test)
                    if asked.key not in done:
                        done.add(asked.key)
                        waiting.append(asked)
        return found

    def _shows(self, question: Question, chosen: Mapping[str, AnswerValue | None]) -> bool:
        last = self._questionnaire.position(question.key)
        seen: dict[str, AnswerValue] = {}
        for key, value in chosen.items():
            before = self._questionnaire.position(key) < last
            if before and value is not None and self._holds(self._asked(key), seen):
                seen[key] = value
        return self._holds(question, seen)

    def _holds(self, question: Question, seen: Mapping[str, AnswerValue]) -> bool:
        return all(holds(rule, seen) for rule in self._rules(question))


def _candidates(question: Question, tests: list[Test]) -> list[AnswerValue | None]:
    """Return answers of which at least one does whatever any answer could do to these tests."""
    wanted = [test.value for test in tests if test.value is not None]
    made: list[AnswerValue]
    match question.type:
        case "yes_no":
            made = [ChoiceValue(choice.value) for choice in YesNo]
        case "single":
            made = [ChoiceValue(option.key) for option in getattr(question, "options", ())]
        case "multiple":
            made = _sets(question, wanted)
        case "maturity":
            made = [LevelValue(level) for level in range(LEVELS)]
        case "number":
            made = _numbers(question, wanted)
        case "date":
            made = _days(wanted)
        case _:
            made = [TextValue("x")]
    return [None, *made]


def _sets(question: Question, wanted: list[str | Decimal]) -> list[AnswerValue]:
    """Return the sets of those options that tests name, and one of an option that none names."""
    options = getattr(question, "options", ())
    named = [option for option in options if option.key in wanted]
    free = [option.key for option in named if not option.exclusive]
    alone = [option.key for option in named if option.exclusive]
    other = [option.key for option in options if option.key not in wanted][:1]
    sets: list[AnswerValue] = [ChoicesValue((key,)) for key in (*alone, *other)]
    for count in range(1, len(free) + 1):
        sets += [ChoicesValue(chosen) for chosen in itertools.combinations(free, count)]
    return sets


def _numbers(question: Question, wanted: list[str | Decimal]) -> list[AnswerValue]:
    lowest, highest = getattr(question, "min", None), getattr(question, "max", None)
    step = Decimal(1).scaleb(-getattr(question, "decimals", 0))
    around = {
        number
        for value in wanted
        if isinstance(value, Decimal)
        for number in (value - step, value, value + step)
    }
    amounts = {
        amount
        for amount in (*around, lowest, highest, Decimal(0))
        if amount is not None
        and (lowest is None or amount >= lowest)
        and (highest is None or amount <= highest)
    }
    unknown = [NumberValue(None)] if getattr(question, "unknown_option", None) else []
    return [*(NumberValue(amount) for amount in sorted(amounts)), *unknown]


def _days(wanted: list[str | Decimal]) -> list[AnswerValue]:
    days: set[dt.date] = set()
    for value in wanted:
        try:
            day = dt.date.fromisoformat(str(value))
            days |= {day - dt.timedelta(days=1), day, day + dt.timedelta(days=1)}
        except (ValueError, OverflowError):
            continue
    return [DateValue(day) for day in sorted(days)]
