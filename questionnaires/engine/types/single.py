"""One of several options."""

from __future__ import annotations

import dataclasses
import datetime as dt
from fractions import Fraction
from typing import Any

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import Option, SingleQuestion
from questionnaires.engine.fields import JsonSchema
from questionnaires.engine.question_schema import QuestionSchema, options_field
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.translation import QuestionTexts
from questionnaires.engine.types.base import GIVEN_LANGUAGE, QuestionType, text_of
from questionnaires.engine.types.choosing import (
    cell_name,
    field_choices,
    find_key,
    pairs_of,
    translated_options,
)
from questionnaires.engine.types.field_spec import Control, FieldSpec
from questionnaires.engine.values import ChoiceValue


class SingleSchema(QuestionSchema):
    """A single choice."""

    made = SingleQuestion

    options = options_field()


class SingleType(QuestionType[SingleQuestion, ChoiceValue]):
    """Scores what its option says; in an intake the option gives a level or stops."""

    key = "single"
    schema = SingleSchema
    question_class = SingleQuestion
    value_class = ChoiceValue

    def parse(
        self,
        question: SingleQuestion,
        raw: Any,
        *,
        language: str = GIVEN_LANGUAGE,
        today: dt.date | None = None,
    ) -> ChoiceValue | None:
        """Read an option's key or its words."""
        written = text_of(raw)
        return ChoiceValue(find_key(pairs_of(question.options), written)) if written else None

    def validate(
        self, question: SingleQuestion, value: ChoiceValue, *, today: dt.date | None = None
    ) -> None:
        """Refuse a key that is no option."""
        if _option(question, value) is None:
            raise AnswerError(_("Choose one of the options of this question."))

    def display(self, question: SingleQuestion, value: ChoiceValue, language: str) -> str:
        """Return the option's words."""
        option = _option(question, value)
        return option.text if option else value.key

    def to_json(self, question: SingleQuestion, value: ChoiceValue) -> str:
        """Return the key."""
        return value.key

    def from_json(self, question: SingleQuestion, data: Any) -> ChoiceValue:
        """Read a key."""
        if not isinstance(data, str):
            raise AnswerError(_("Choose one of the options of this question."))
        value = ChoiceValue(data)
        self.validate(question, value)
        return value

    def json_schema(self, question: SingleQuestion) -> JsonSchema:
        """Return the options' keys."""
        return {"enum": [option.key for option in question.options]}

    def cell_out(self, question: SingleQuestion, value: ChoiceValue, language: str) -> str:
        """Return the option's words."""
        return cell_name(pairs_of(question.options), value.key)

    def automatic_score(
        self, question: SingleQuestion, value: ChoiceValue, today: dt.date
    ) -> Fraction:
        """Return the option's percent; none written is 0."""
        option = _option(question, value)
        return Fraction(option.score or 0, 100) if option else Fraction(0)

    def possible_scores(self, question: SingleQuestion) -> tuple[Fraction, ...]:
        """Return the options' scores."""
        return tuple(Fraction(option.score or 0, 100) for option in question.options)

    def is_risky(self, question: SingleQuestion, value: ChoiceValue) -> bool:
        """Return whether the option warns or opens the gate."""
        option = _option(question, value)
        return option is not None and (option.risky or option.gate)

    def opens_gate(self, question: SingleQuestion, value: ChoiceValue) -> bool:
        """Return whether the option opens the gate."""
        option = _option(question, value)
        return option is not None and option.gate

    def has_gate(self, question: SingleQuestion) -> bool:
        """Return whether any option opens the gate."""
        return any(option.gate for option in question.options)

    def is_risky_possible(self, question: SingleQuestion) -> bool:
        """Return whether any option warns."""
        return any(option.risky or option.gate for option in question.options)

    def level(self, question: SingleQuestion, value: ChoiceValue) -> int | None:
        """Return the option's intake level."""
        option = _option(question, value)
        return option.level if option else None

    def stops(self, question: SingleQuestion, value: ChoiceValue) -> bool:
        """Return whether the option stops the intake."""
        option = _option(question, value)
        return option is not None and option.stop

    def field(self, question: SingleQuestion, language: str) -> FieldSpec:
        """Describe radios."""
        return FieldSpec(
            key=question.key,
            control=Control.RADIOS,
            label=question.text,
            hint=question.hint,
            required=question.required,
            choices=field_choices(question.options),
        )

    def translated(
        self, question: SingleQuestion, texts: QuestionTexts, missing: list[str]
    ) -> SingleQuestion:
        """Return the question with its options in another language."""
        made = super().translated(question, texts, missing)
        return dataclasses.replace(
            made, options=translated_options(question.options, texts, missing)
        )


def _option(question: SingleQuestion, value: ChoiceValue) -> Option | None:
    return next((option for option in question.options if option.key == value.key), None)
