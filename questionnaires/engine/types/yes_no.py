"""Yes, partial or no."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import YesNoQuestion, YesNoScores
from questionnaires.engine.fields import DocumentField, JsonSchema, Listed, Whole, Word
from questionnaires.engine.question_schema import QuestionSchema
from questionnaires.engine.schema_base import DocumentSchema, Part
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.types.base import GIVEN_LANGUAGE, QuestionType, text_of
from questionnaires.engine.types.choosing import cell_name, find_key
from questionnaires.engine.types.field_spec import Control, FieldChoice, FieldSpec
from questionnaires.engine.values import ChoiceValue
from questionnaires.engine.vocabulary import YesNo
from questionnaires.engine.wording import word


class YesNoScoresSchema(DocumentSchema):
    """Percent for each answer."""

    made = YesNoScores

    yes = Whole(0, 100)
    # A schema has an attribute `partial` of its own.
    partly = Whole(0, 100, data_key="partial", attribute="partial")
    no = Whole(0, 100)


class YesNoSchema(QuestionSchema):
    """A yes/no question."""

    made = YesNoQuestion

    scores: DocumentField[YesNoScores] = Part(YesNoScoresSchema)
    risky = Listed(Word(YesNo), len(YesNo), distinct=True)
    gate = Listed(Word(YesNo), len(YesNo), distinct=True)


class YesNoType(QuestionType[YesNoQuestion, ChoiceValue]):
    """Answers yes, partial, no; "does not apply" is said beside it."""

    key = "yes_no"
    schema = YesNoSchema
    question_class = YesNoQuestion
    value_class = ChoiceValue

    def parse(
        self,
        question: YesNoQuestion,
        raw: Any,
        *,
        language: str = GIVEN_LANGUAGE,
        today: dt.date | None = None,
    ) -> ChoiceValue | None:
        """Read a key or the word of the language."""
        written = text_of(raw)
        return ChoiceValue(find_key(_words(language), written)) if written else None

    def validate(
        self, question: YesNoQuestion, value: ChoiceValue, *, today: dt.date | None = None
    ) -> None:
        """Refuse what is none of the three."""
        if value.key not in list(YesNo):
            raise AnswerError(_("Choose yes, partial or no."))

    def display(self, question: YesNoQuestion, value: ChoiceValue, language: str) -> str:
        """Return the word."""
        return word(value.key, language)

    def to_json(self, question: YesNoQuestion, value: ChoiceValue) -> str:
        """Return the key."""
        return value.key

    def from_json(self, question: YesNoQuestion, data: Any) -> ChoiceValue:
        """Read a key."""
        if not isinstance(data, str):
            raise AnswerError(_("Choose yes, partial or no."))
        value = ChoiceValue(data)
        self.validate(question, value)
        return value

    def json_schema(self, question: YesNoQuestion) -> JsonSchema:
        """Return the three keys."""
        return {"enum": [choice.value for choice in YesNo]}

    def cell_out(self, question: YesNoQuestion, value: ChoiceValue, language: str) -> str:
        """Return the word of the language."""
        return cell_name(_words(language), value.key)

    def automatic_score(
        self, question: YesNoQuestion, value: ChoiceValue, today: dt.date
    ) -> Fraction:
        """Return the percent of the answer."""
        return Fraction(getattr(question.scores, value.key), 100)

    def possible_scores(self, question: YesNoQuestion) -> tuple[Fraction, ...]:
        """Return the three scores."""
        scores = question.scores
        return tuple(Fraction(score, 100) for score in (scores.yes, scores.partial, scores.no))

    def is_risky(self, question: YesNoQuestion, value: ChoiceValue) -> bool:
        """Return whether the answer is listed as risky or opens the gate."""
        return value.key in question.risky or value.key in question.gate

    def opens_gate(self, question: YesNoQuestion, value: ChoiceValue) -> bool:
        """Return whether the answer is listed as a gate."""
        return value.key in question.gate

    def has_gate(self, question: YesNoQuestion) -> bool:
        """Return whether any answer is listed as a gate."""
        return bool(question.gate)

    def is_risky_possible(self, question: YesNoQuestion) -> bool:
        """Return whether any answer is listed."""
        return bool(question.risky or question.gate)

    def field(self, question: YesNoQuestion, language: str) -> FieldSpec:
        """Describe three radios."""
        warns = {*question.risky, *question.gate}
        return FieldSpec(
            key=question.key,
            control=Control.RADIOS,
            label=question.text,
            hint=question.hint,
            required=question.required,
            choices=tuple(
                FieldChoice(key=key, text=text, warns=key in warns)
                for key, text in _words(language)
            ),
        )


def _words(language: str) -> list[tuple[str, str]]:
    return [(choice.value, word(choice.value, language)) for choice in YesNo]
