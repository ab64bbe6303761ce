"""A day."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import DateQuestion
from questionnaires.engine.fields import Flag, JsonSchema, Whole
from questionnaires.engine.freshness import falling, months_between
from questionnaires.engine.limits import VALIDITY_MONTHS
from questionnaires.engine.question_schema import QuestionSchema
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.types.base import (
    GIVEN_LANGUAGE,
    RATINGS,
    QuestionType,
    text_of,
)
from questionnaires.engine.types.field_spec import Control, FieldSpec
from questionnaires.engine.values import DateValue
from questionnaires.engine.wording import read_day, write_day


class DateSchema(QuestionSchema):
    """A date question."""

    made = DateQuestion

    validity_months = Whole(1, VALIDITY_MONTHS)
    future = Flag()


class DateType(QuestionType[DateQuestion, DateValue]):
    """Scores 1 within the validity, then less in a line, and 0 at twice that."""

    key = "date"
    schema = DateSchema
    question_class = DateQuestion
    value_class = DateValue

    def parse(
        self,
        question: DateQuestion,
        raw: Any,
        *,
        language: str = GIVEN_LANGUAGE,
        today: dt.date | None = None,
    ) -> DateValue | None:
        """Read a day as people write it, or a spreadsheet's day."""
        day = day_of(raw)
        if day is None:
            return None
        value = DateValue(day)
        self.validate(question, value, today=today)
        return value

    def validate(
        self, question: DateQuestion, value: DateValue, *, today: dt.date | None = None
    ) -> None:
        """Refuse days to come unless they are right, and years that nobody means."""
        if not 1900 <= value.day.year <= 2200:
            raise AnswerError(_("Enter a year between 1900 and 2200."))
        if today is not None and not question.future and value.day > today:
            raise AnswerError(_("This day is still to come. Enter the day on which it happened."))

    def display(self, question: DateQuestion, value: DateValue, language: str) -> str:
        """Return the day with its month as a word."""
        return write_day(value.day, language)

    def to_json(self, question: DateQuestion, value: DateValue) -> str:
        """Return YYYY-MM-DD."""
        return value.day.isoformat()

    def from_json(self, question: DateQuestion, data: Any) -> DateValue:
        """Read YYYY-MM-DD."""
        value = DateValue(iso_day(data))
        self.validate(question, value)
        return value

    def json_schema(self, question: DateQuestion) -> JsonSchema:
        """Return a date."""
        return {"type": "string", "format": "date"}

    def cell_out(self, question: DateQuestion, value: DateValue, language: str) -> str:
        """Return YYYY-MM-DD, which reads the same everywhere."""
        return value.day.isoformat()

    def automatic_score(
        self, question: DateQuestion, value: DateValue, today: dt.date
    ) -> Fraction | None:
        """Return how fresh the day is; None without a validity."""
        if question.validity_months is None:
            return None
        return falling(months_between(value.day, today), question.validity_months)

    def possible_scores(self, question: DateQuestion) -> tuple[Fraction, ...]:
        """Return nothing to everything."""
        return RATINGS

    def field(self, question: DateQuestion, language: str) -> FieldSpec:
        """Describe a date control."""
        return FieldSpec(
            key=question.key,
            control=Control.DATE,
            label=question.text,
            hint=question.hint,
            required=question.required,
            days_to_come=question.future,
        )


def day_of(raw: Any) -> dt.date | None:
    """Return the day that a person or a spreadsheet gave; None for nothing. Raises AnswerError."""
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    written = text_of(raw)
    if not written:
        return None
    day = read_day(written)
    if day is None:
        raise AnswerError(
            _(
                "Enter the day with its month as a word, for example 3 Dec 2026, or as "
                "2026-12-03, so that day and month cannot be confused."
            )
        )
    return day


def iso_day(data: Any) -> dt.date:
    """Return the day written as YYYY-MM-DD. Raises AnswerError."""
    try:
        day = dt.date.fromisoformat(data)
    except (TypeError, ValueError):
        day = None
    if day is None or day.isoformat() != data:
        raise AnswerError(_("Give the day as YYYY-MM-DD, for example 2026-12-03."))
    return day
