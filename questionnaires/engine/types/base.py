"""What every question type can do. A type is a class that does all of it, and a registry row."""

from __future__ import annotations

import dataclasses
import datetime as dt
from abc import ABC, abstractmethod
from fractions import Fraction
from typing import Any, ClassVar, Generic, TypeVar

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import Question
from questionnaires.engine.fields import JsonSchema
from questionnaires.engine.question_schema import QuestionSchema
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.translation import QuestionTexts
from questionnaires.engine.types.field_spec import FieldSpec
from questionnaires.engine.values import AnswerValue

Q = TypeVar("Q", bound=Question)
V = TypeVar("V", bound=AnswerValue)

GIVEN_LANGUAGE = "en"
RATINGS = (Fraction(0), Fraction(1, 2), Fraction(1))
"""What a reviewer chooses from where he grades by hand."""


class QuestionType(ABC, Generic[Q, V]):
    """One kind of question. Instances keep no state.

    `parse`, `from_json` and `cell_in` return only values that `validate` accepts; they raise
    AnswerError. What `to_json` and `cell_out` write, `from_json` and `cell_in` read as the same
    value. Scores run from 0 to 1.
    """

    key: ClassVar[str]
    schema: ClassVar[type[QuestionSchema]]
    question_class: ClassVar[type[Question]]
    value_class: ClassVar[type[Any]]

    @abstractmethod
    def parse(
        self, question: Q, raw: Any, *, language: str = GIVEN_LANGUAGE, today: dt.date | None = None
    ) -> V | None:
        """Read what a form or a person gave; None when it is empty.

        `language` is the one in which numbers are written; `today` refuses days to come.
        """

    @abstractmethod
    def validate(self, question: Q, value: V, *, today: dt.date | None = None) -> None:
        """Raise AnswerError when the question does not allow this value."""

    @abstractmethod
    def display(self, question: Q, value: V, language: str) -> str:
        """Return the answer for a page; lines are separated by line feeds."""

    def pdf_text(self, question: Q, value: V, language: str) -> tuple[str, ...]:
        """Return the answer's paragraphs for a printed page."""
        return tuple(self.display(question, value, language).split("\n"))

    @abstractmethod
    def to_json(self, question: Q, value: V) -> Any:
        """Return the answer as JSON data."""

    @abstractmethod
    def from_json(self, question: Q, data: Any) -> V:
        """Read what `to_json` wrote."""

    @abstractmethod
    def json_schema(self, question: Q) -> JsonSchema:
        """Return the JSON Schema of the answer's JSON."""

    @abstractmethod
    def cell_out(self, question: Q, value: V, language: str) -> str:
        """Return the answer as the text of a spreadsheet cell."""

    def cell_in(self, question: Q, cell: Any, language: str) -> V | None:
        """Read a cell: a text, or the number or day that a spreadsheet made of it."""
        return self.parse(question, cell, language=language)

    def score(
        self, question: Q, value: V, *, rating: Fraction | None = None, today: dt.date
    ) -> Fraction | None:
        """Return how good the answer is; None while it waits for a reviewer.

        A reviewer's rating stands in place of the automatic score.
        """
        return self.automatic_score(question, value, today) if rating is None else rating

    @abstractmethod
    def automatic_score(self, question: Q, value: V, today: dt.date) -> Fraction | None:
        """Return the score without a reviewer; None where only a reviewer can tell."""

    @abstractmethod
    def possible_scores(self, question: Q) -> tuple[Fraction, ...]:
        """Return scores that answers or ratings can reach: lint sees whether the weight matters."""

    def is_risky(self, _question: Q, _value: V) -> bool:
        """Return whether the answer shows the warning."""
        return False

    def opens_gate(self, _question: Q, _value: V) -> bool:
        """Return whether the answer opens the gate."""
        return False

    def has_gate(self, _question: Q) -> bool:
        """Return whether any answer can open a gate."""
        return False

    def is_risky_possible(self, _question: Q) -> bool:
        """Return whether any answer can show the warning."""
        return False

    def level(self, _question: Q, _value: V) -> int | None:
        """Return the intake level 0 to 4 of an answer; None where the type has none."""
        return None

    def stops(self, _question: Q, _value: V) -> bool:
        """Return whether the answer stops the intake."""
        return False

    @abstractmethod
    def field(self, question: Q, language: str) -> FieldSpec:
        """Describe the control that asks the question."""

    def translated(self, question: Q, texts: QuestionTexts, missing: list[str]) -> Q:
        """Return the question in another language; adds the names of missing texts."""
        changes: dict[str, Any] = {}
        for name in ("text", "hint", "looking_for", "warning"):
            if getattr(question, name) is None:
                continue
            text = getattr(texts, name)
            if text is None:
                missing.append(name)
            else:
                changes[name] = text
        if question.evidence is not None:
            if texts.evidence is None:
                missing.append("evidence")
            else:
                changes["evidence"] = dataclasses.replace(question.evidence, text=texts.evidence)
        return dataclasses.replace(question, **changes)


def text_of(raw: Any) -> str:
    """Return a form's or cell's value as text without blanks around; "" for nothing.

    Raises AnswerError for what cannot be a text.
    """
    if raw is None:
        return ""
    if isinstance(raw, bool | dict | list | tuple):
        raise AnswerError(_("Write the answer as text."))
    return str(raw).strip()
