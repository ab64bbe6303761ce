"""Any number of several options."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import MultipleQuestion, Option
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
from questionnaires.engine.values import ChoicesValue


class MultipleSchema(QuestionSchema):
    """A multiple choice."""

    made = MultipleQuestion

    options = options_field()


class MultipleType(QuestionType[MultipleQuestion, ChoicesValue]):
    """Scores the share of needed options that were chosen; one that warns makes it 0."""

    key = "multiple"
    schema = MultipleSchema
    question_class = MultipleQuestion
    value_class = ChoicesValue

    def parse(
        self,
        question: MultipleQuestion,
        raw: Any,
        *,
        language: str = GIVEN_LANGUAGE,
        today: dt.date | None = None,
    ) -> ChoicesValue | None:
        """Read a list of keys or words; in one text they stand on lines or between semicolons."""
        pairs = pairs_of(question.options)
        if isinstance(raw, list | tuple):
            written = [text_of(entry) for entry in raw]
        else:
            written = _split(pairs, text_of(raw))
        return self._made(question, [find_key(pairs, entry) for entry in written if entry])

    def validate(
        self, question: MultipleQuestion, value: ChoicesValue, *, today: dt.date | None = None
    ) -> None:
        """Refuse keys that are no options, and one that stands alone beside others."""
        chosen = _chosen(question, value)
        if not value.keys or len(chosen) != len(value.keys):
            raise AnswerError(_("Choose among the options of this question, each once."))
        if tuple(option.key for option in chosen) != value.keys:
            raise AnswerError(_("Give the options in the order of the question."))
        alone = next((option for option in chosen if option.exclusive), None)
        if alone and len(chosen) > 1:
            raise AnswerError(
                _(
                    "Choose either “%(alone)s” or the other options, not both.",
                    alone=alone.text,
                )
            )

    def display(self, question: MultipleQuestion, value: ChoicesValue, language: str) -> str:
        """Return the options' words, one a line."""
        return "\n".join(option.text for option in _chosen(question, value))

    def to_json(self, question: MultipleQuestion, value: ChoicesValue) -> list[str]:
        """Return the keys."""
        return list(value.keys)

    def from_json(self, question: MultipleQuestion, data: Any) -> ChoicesValue:
        """Read a list of keys in any order."""
        if not isinstance(data, list) or not all(isinstance(key, str) for key in data):
            raise AnswerError(_("Give a list of the chosen options' keys."))
        known = {option.key for option in question.options}
        if not set(data) <= known or len(set(data)) != len(data):
            raise AnswerError(_("Choose among the options of this question, each once."))
        value = self._made(question, data)
        if value is None:
            raise AnswerError(_("Choose at least one option."))
        return value

    def json_schema(self, question: MultipleQuestion) -> JsonSchema:
        """Return a list of the options' keys."""
        keys = [option.key for option in question.options]
        return {"type": "array", "items": {"enum": keys}, "minItems": 1, "uniqueItems": True}

    def cell_out(self, question: MultipleQuestion, value: ChoicesValue, language: str) -> str:
        """Return the options' words, one a line."""
        pairs = pairs_of(question.options)
        return "\n".join(cell_name(pairs, key) for key in value.keys)

    def automatic_score(
        self, question: MultipleQuestion, value: ChoicesValue, today: dt.date
    ) -> Fraction:
        """Return the share of needed options; where none is needed, 1 unless one warns."""
        chosen = _chosen(question, value)
        if any(option.risky or option.gate for option in chosen):
            return Fraction(0)
        needed = sum(option.needed for option in question.options)
        if not needed:
            return Fraction(1)
        return Fraction(sum(option.needed for option in chosen), needed)

    def possible_scores(self, question: MultipleQuestion) -> tuple[Fraction, ...]:
        """Return the lowest and the highest score."""
        free = [option for option in question.options if not (option.risky or option.gate)]
        needed = sum(option.needed for option in question.options)
        best = Fraction(sum(option.needed for option in free), needed) if needed else Fraction(1)
        worst = Fraction(0) if needed or len(free) < len(question.options) else Fraction(1)
        return (worst, best)

    def is_risky(self, question: MultipleQuestion, value: ChoicesValue) -> bool:
        """Return whether an option among the chosen warns or opens the gate."""
        return any(option.risky or option.gate for option in _chosen(question, value))

    def opens_gate(self, question: MultipleQuestion, value: ChoicesValue) -> bool:
        """Return whether an option among the chosen opens the gate."""
        return any(option.gate for option in _chosen(question, value))

    def has_gate(self, question: MultipleQuestion) -> bool:
        """Return whether any option opens the gate."""
        return any(option.gate for option in question.options)

    def is_risky_possible(self, question: MultipleQuestion) -> bool:
        """Return whether any option warns."""
        return any(option.risky or option.gate for option in question.options)

    def level(self, question: MultipleQuestion, value: ChoicesValue) -> int | None:
        """Return the highest intake level among the chosen."""
        levels = [o.level for o in _chosen(question, value) if o.level is not None]
        return max(levels, default=None)

    def stops(self, question: MultipleQuestion, value: ChoicesValue) -> bool:
        """Return whether an option among the chosen stops the intake."""
        return any(option.stop for option in _chosen(question, value))

    def field(self, question: MultipleQuestion, language: str) -> FieldSpec:
        """Describe checkboxes."""
        return FieldSpec(
            key=question.key,
            control=Control.CHECKBOXES,
            label=question.text,
            hint=question.hint,
            required=question.required,
            choices=field_choices(question.options),
        )

    def translated(
        self, question: MultipleQuestion, texts: QuestionTexts, missing: list[str]
    ) -> MultipleQuestion:
        """Return the question with its options in another language."""
        made = super().translated(question, texts, missing)
        return dataclasses.replace(
            made, options=translated_options(question.options, texts, missing)
        )

    def _made(self, question: MultipleQuestion, keys: Sequence[str]) -> ChoicesValue | None:
        ordered = tuple(option.key for option in question.options if option.key in keys)
        if not ordered:
            return None
        value = ChoicesValue(ordered)
        self.validate(question, value)
        return value


def _chosen(question: MultipleQuestion, value: ChoicesValue) -> list[Option]:
    return [option for option in question.options if option.key in value.keys]


def _split(pairs: Sequence[tuple[str, str]], written: str) -> list[str]:
    """Return the entries of a text. Words of an option may hold semicolons themselves."""
    entries = []
    for line in written.split("\n"):
        try:
            find_key(pairs, line.strip())
            entries.append(line.strip())
        except AnswerError:
            entries += [part.strip() for part in line.split(";")]
    return entries
