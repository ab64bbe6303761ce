"""Words."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import TextQuestion
from questionnaires.engine.fields import JsonSchema, Whole, text_problem
from questionnaires.engine.limits import ANSWER_CHARACTERS, TEXT_LINES
from questionnaires.engine.question_schema import QuestionSchema
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.types.base import (
    GIVEN_LANGUAGE,
    RATINGS,
    QuestionType,
    text_of,
)
from questionnaires.engine.types.field_spec import Control, FieldSpec
from questionnaires.engine.values import TextValue


class TextSchema(QuestionSchema):
    """A text question."""

    made = TextQuestion

    max_length = Whole(1, ANSWER_CHARACTERS)
    lines = Whole(1, TEXT_LINES)


class TextType(QuestionType[TextQuestion, TextValue]):
    """Scored by a reviewer alone."""

    key = "text"
    schema = TextSchema
    question_class = TextQuestion
    value_class = TextValue

    def parse(
        self,
        question: TextQuestion,
        raw: Any,
        *,
        language: str = GIVEN_LANGUAGE,
        today: dt.date | None = None,
    ) -> TextValue | None:
        """Read the words; line ends become line feeds."""
        written = tidy(text_of(raw))
        if not written:
            return None
        value = TextValue(written)
        self.validate(question, value)
        return value

    def validate(
        self, question: TextQuestion, value: TextValue, *, today: dt.date | None = None
    ) -> None:
        """Refuse too much, nothing, and control characters."""
        check_text(value.text, question.max_length)

    def display(self, question: TextQuestion, value: TextValue, language: str) -> str:
        """Return the words."""
        return value.text

    def to_json(self, question: TextQuestion, value: TextValue) -> str:
        """Return the words."""
        return value.text

    def from_json(self, question: TextQuestion, data: Any) -> TextValue:
        """Read the words."""
        if not isinstance(data, str):
            raise AnswerError(_("Write the answer as text."))
        value = TextValue(data)
        self.validate(question, value)
        return value

    def json_schema(self, question: TextQuestion) -> JsonSchema:
        """Return the longest text."""
        return {"type": "string", "minLength": 1, "maxLength": question.max_length}

    def cell_out(self, question: TextQuestion, value: TextValue, language: str) -> str:
        """Return the words."""
        return value.text

    def automatic_score(self, question: TextQuestion, value: TextValue, today: dt.date) -> None:
        """Return that a reviewer is awaited."""

    def possible_scores(self, question: TextQuestion) -> tuple[Fraction, ...]:
        """Return a reviewer's ratings."""
        return RATINGS

    def field(self, question: TextQuestion, language: str) -> FieldSpec:
        """Describe a text control."""
        return FieldSpec(
            key=question.key,
            control=Control.TEXT,
            label=question.text,
            hint=question.hint,
            required=question.required,
            max_length=question.max_length,
            lines=question.lines,
        )


def tidy(written: str) -> str:
    """Return a text with line feeds as line ends and without blanks around."""
    return written.replace("\r\n", "\n").replace("\r", "\n").strip()


def check_text(text: str, longest: int) -> None:
    """Raise AnswerError when a text is empty, untidy, too long or holds hidden characters."""
    if not text or text != tidy(text):
        raise AnswerError(_("Write some words, without blanks at the ends."))
    if len(text) > longest:
        raise AnswerError(
            _(
                "Shorten this to %(longest)s characters; it has %(count)s.",
                longest=longest,
                count=len(text),
            )
        )
    problem = text_problem(text, lines=True)
    if problem:
        raise AnswerError(problem)
