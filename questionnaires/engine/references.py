"""Whether everything that a document names exists, and stands where it may be looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal

from questionnaires.engine.conditions import Condition, Relation, Test, tests_of
from questionnaires.engine.definition import (
    LEVELS,
    MultipleQuestion,
    Question,
    Questionnaire,
    SingleQuestion,
)
from questionnaires.engine.document_errors import DocumentError
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.vocabulary import YesNo

_COMPARES = {
    "yes_no": {Relation.EQUALS},
    "single": {Relation.EQUALS},
    "multiple": {Relation.INCLUDES},
    "maturity": {Relation.EQUALS, Relation.AT_LEAST, Relation.AT_MOST},
    "number": {Relation.EQUALS, Relation.AT_LEAST, Relation.AT_MOST},
    "date": {Relation.EQUALS, Relation.AT_LEAST, Relation.AT_MOST},
}


def reference_errors(questionnaire: Questionnaire) -> list[DocumentError]:
    """Return what is named and cannot be used: unknown or later questions, options, modules."""
    return list(_errors(questionnaire))


def _errors(questionnaire: Questionnaire) -> Iterator[DocumentError]:
    module_starts: dict[str, int] = {}
    start = 0
    for at, section in enumerate(questionnaire.sections):
        here = f"sections[{at}]"
        yield from _rule_errors(questionnaire, section.show_if, f"{here}.show_if", start)
        for place, question in enumerate(section.questions):
            path = f"{here}.questions[{place}]"
            position = start + place
            yield from _rule_errors(questionnaire, question.show_if, f"{path}.show_if", position)
            if question.module is None:
                continue
            if question.module not in questionnaire.modules_by_key:
                yield DocumentError(
                    f"{path}.module",
                    _(
                        "There is no module “%(module)s”: add it to “modules” or name another.",
                        module=question.module,
                    ),
                )
            module_starts.setdefault(question.module, position)
        start += len(section.questions)
    for at, module in enumerate(questionnaire.modules):
        position = module_starts.get(module.key, len(questionnaire.questions))
        yield from _rule_errors(questionnaire, module.show_if, f"modules[{at}].show_if", position)


def _rule_errors(
    questionnaire: Questionnaire, condition: Condition | None, path: str, position: int
) -> Iterator[DocumentError]:
    """Yield the errors of a rule that decides about the question at `position` and after."""
    for test in tests_of(condition):
        asked = questionnaire.question(test.question)
        if asked is None:
            yield DocumentError(
                path,
                _(
                    "There is no question “%(question)s”: name one that stands earlier.",
                    question=test.question,
                ),
            )
        elif questionnaire.position(asked.key) >= position:
            yield DocumentError(
                path,
                _(
                    "“%(question)s” is not asked before this is decided. Rules look only at "
                    "earlier questions: move it up or choose another.",
                    question=test.question,
                ),
            )
        else:
            problem = test_problem(asked, test)
            if problem:
                yield DocumentError(path, problem)


def test_problem(question: Question, test: Test) -> str | None:
    """Return why a test cannot be made of this question's answers, or None."""
    if test.relation is Relation.ANSWERED:
        return None
    allowed = _COMPARES.get(question.type, set())
    if test.relation not in allowed:
        return _(
            "Answers to “%(question)s” can be tested with %(known)s only.",
            question=question.key,
            known=", ".join(r.value for r in Relation if r in {Relation.ANSWERED, *allowed}),
        )
    if isinstance(question, SingleQuestion | MultipleQuestion):
        keys = [option.key for option in question.options]
        if test.value in keys:
            return None
        return _(
            "“%(question)s” has no option “%(value)s”. It has: %(known)s.",
            question=question.key,
            value=str(test.value),
            known=", ".join(keys[:20]),
        )
    fits, sentence = _VALUES[question.type]
    return None if fits(test.value) else sentence


def _is_day(value: str | Decimal | None) -> bool:
    try:
        return isinstance(value, str) and dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


_VALUES: dict[str, tuple[Callable[[str | Decimal | None], bool], str]] = {
    "yes_no": (lambda value: value in list(YesNo), _("Write yes, partial or no as the value.")),
    "maturity": (
        lambda value: value in range(LEVELS),
        _("Write a level from 0 to 4 as the value, without quotes."),
    ),
    "number": (
        lambda value: isinstance(value, Decimal),
        _("Write a number as the value, without quotes."),
    ),
    "date": (_is_day, _("Write a day such as “2026-12-03” as the value.")),
}
