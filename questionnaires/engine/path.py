"""Which questions are asked, given the answers so far. One pass, so it always ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from questionnaires.engine.conditions import holds
from questionnaires.engine.definition import Question, Questionnaire, Section
from questionnaires.engine.values import AnswerValue


@dataclass(frozen=True)
class ShownSection:
    """A section with those of its questions that are asked; at least one."""

    section: Section
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Path:
    """What is asked, in order. `values` are the answers that count: those to shown questions."""

    sections: tuple[ShownSection, ...]
    values: Mapping[str, AnswerValue]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions that are asked."""
        return tuple(question for section in self.sections for question in section.questions)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of all questions that are asked."""
        return frozenset(question.key for question in self.questions)


def path_of(questionnaire: Questionnaire, values: Mapping[str, AnswerValue]) -> Path:
    """Return the path for these answers by question; answers to hidden questions change nothing.

    A question that does not apply has no value. Rules see only answers to questions shown
    before, whatever the document says.
    """
    seen: dict[str, AnswerValue] = {}
    sections = []
    modules = questionnaire.modules_by_key
    for section in questionnaire.sections:
        if not holds(section.show_if, seen):
            continue
        shown = []
        for question in section.questions:
            if question.module is not None:
                module = modules.get(question.module)
                if module is None or not holds(module.show_if, seen):
                    continue
            if not holds(question.show_if, seen):
                continue
            shown.append(question)
            value = values.get(question.key)
            if value is not None:
                seen[question.key] = value
        if shown:
            sections.append(ShownSection(section, tuple(shown)))
    return Path(tuple(sections), seen)
