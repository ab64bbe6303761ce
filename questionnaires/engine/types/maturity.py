"""A level of the maturity scale."""

from __future__ import annotations

import dataclasses
import datetime as dt
from fractions import Fraction
from typing import Any

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import LEVELS, MaturityQuestion
from questionnaires.engine.fields import JsonSchema, Listed, Text, Whole
from questionnaires.engine.limits import TEXT_CHARACTERS
from questionnaires.engine.question_schema import QuestionSchema
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.translation import QuestionTexts
from questionnaires.engine.types.base import GIVEN_LANGUAGE, QuestionType, text_of
from questionnaires.engine.types.choosing import cell_name, find_key
from questionnaires.engine.types.field_spec import Control, FieldChoice, FieldSpec
from questionnaires.engine.values import LevelValue
from questionnaires.engine.wording import word

_HIGHEST = LEVELS - 1


class MaturitySchema(QuestionSchema):
    """A maturity question."""

    made = MaturityQuestion

    levels = Listed(Text(TEXT_CHARACTERS), LEVELS, exactly=LEVELS)
    risky_below = Whole(1, _HIGHEST)
    gate_below = Whole(1, _HIGHEST)


class MaturityType(QuestionType[MaturityQuestion, LevelValue]):
    """Five levels from 0 to 4; each step scores a quarter."""

    key = "maturity"
    schema = MaturitySchema
    question_class = MaturityQuestion
    value_class = LevelValue

    def parse(
        self,
        question: MaturityQuestion,
        raw: Any,
        *,
        language: str = GIVEN_LANGUAGE,
        today: dt.date | None = None,
    ) -> LevelValue | None:
        """Read a level's number or its words."""
        written = text_of(raw)
        if not written:
            return None
        # A spreadsheet makes 3.0 of 3.
        written = written.removesuffix(".0")
        return LevelValue(int(find_key(_pairs(question, language), written)))

    def validate(
        self, question: MaturityQuestion, value: LevelValue, *, today: dt.date | None = None
    ) -> None:
        """Refuse what is no level."""
        if not 0 <= value.level <= _HIGHEST:
            raise AnswerError(_("Choose a level from 0 to 4."))

    def display(self, question: MaturityQuestion, value: LevelValue, language: str) -> str:
        """Return the level's number and words."""
        return f"{value.level} · {_words(question, language)[value.level]}"

    def to_json(self, question: MaturityQuestion, value: LevelValue) -> int:
        """Return the level."""
        return value.level

    def from_json(self, question: MaturityQuestion, data: Any) -> LevelValue:
        """Read a level."""
        if type(data) is not int:
            raise AnswerError(_("Choose a level from 0 to 4."))
        value = LevelValue(data)
        self.validate(question, value)
        return value

    def json_schema(self, question: MaturityQuestion) -> JsonSchema:
        """Return the levels."""
        return {"type": "integer", "minimum": 0, "maximum": _HIGHEST}

    def cell_out(self, question: MaturityQuestion, value: LevelValue, language: str) -> str:
        """Return the level's words."""
        return cell_name(_pairs(question, language), str(value.level))

    def automatic_score(
        self, question: MaturityQuestion, value: LevelValue, today: dt.date
    ) -> Fraction:
        """Return a quarter per level."""
        return Fraction(value.level, _HIGHEST)

    def possible_scores(self, question: MaturityQuestion) -> tuple[Fraction, ...]:
        """Return the levels' scores."""
        return tuple(Fraction(level, _HIGHEST) for level in range(LEVELS))

    def is_risky(self, question: MaturityQuestion, value: LevelValue) -> bool:
        """Return whether the level lies below one of the limits."""
        below = question.risky_below
        return (below is not None and value.level < below) or self.opens_gate(question, value)

    def opens_gate(self, question: MaturityQuestion, value: LevelValue) -> bool:
        """Return whether the level lies below the gate."""
        return question.gate_below is not None and value.level < question.gate_below

    def has_gate(self, question: MaturityQuestion) -> bool:
        """Return whether there is a level below which the gate opens."""
        return question.gate_below is not None

    def is_risky_possible(self, question: MaturityQuestion) -> bool:
        """Return whether there is a limit."""
        return question.risky_below is not None or question.gate_below is not None

    def field(self, question: MaturityQuestion, language: str) -> FieldSpec:
        """Describe five radios."""
        return FieldSpec(
            key=question.key,
            control=Control.RADIOS,
            label=question.text,
            hint=question.hint,
            required=question.required,
            choices=tuple(
                FieldChoice(key=key, text=text, warns=self.is_risky(question, LevelValue(int(key))))
                for key, text in _pairs(question, language)
            ),
        )

    def translated(
        self, question: MaturityQuestion, texts: QuestionTexts, missing: list[str]
    ) -> MaturityQuestion:
        """Return the question with its own levels in another language."""
        made = super().translated(question, texts, missing)
        if question.levels and not texts.levels:
            missing.append("levels")
        return (
            dataclasses.replace(made, levels=texts.levels) if made.levels and texts.levels else made
        )


def _words(question: MaturityQuestion, language: str) -> tuple[str, ...]:
    return question.levels or tuple(word(f"level.{level}", language) for level in range(LEVELS))


def _pairs(question: MaturityQuestion, language: str) -> list[tuple[str, str]]:
    return [(str(level), text) for level, text in enumerate(_words(question, language))]
