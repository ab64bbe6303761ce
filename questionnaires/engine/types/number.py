"""A number with a unit."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import Band, NumberQuestion, UnknownOption
from questionnaires.engine.exact_numbers import exact_number, json_number
from questionnaires.engine.fields import (
    Amount,
    DocumentField,
    Flag,
    JsonSchema,
    Listed,
    Text,
    Whole,
)
from questionnaires.engine.limits import (
    BANDS,
    NUMBER_DECIMALS,
    NUMBER_DIGITS,
    TEXT_CHARACTERS,
    UNIT_CHARACTERS,
)
from questionnaires.engine.question_schema import QuestionSchema
from questionnaires.engine.schema_base import DocumentSchema, Part
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.translation import QuestionTexts
from questionnaires.engine.types.base import (
    GIVEN_LANGUAGE,
    RATINGS,
    QuestionType,
    text_of,
)
from questionnaires.engine.types.field_spec import Control, FieldSpec
from questionnaires.engine.values import NumberValue
from questionnaires.engine.wording import read_number, write_number

_UNKNOWN = NumberValue(None)
_USUAL_EXAMPLE = Decimal(30)


class BandSchema(DocumentSchema):
    """One band."""

    made = Band

    start = Amount(data_key="from")
    below = Amount()
    score = Whole(0, 100, required=True)
    risky = Flag()
    gate = Flag()


class UnknownOptionSchema(DocumentSchema):
    """What can be said in place of a number."""

    made = UnknownOption

    text = Text(TEXT_CHARACTERS, required=True)
    score = Whole(0, 100)
    risky = Flag()
    gate = Flag()


class NumberSchema(QuestionSchema):
    """A number question."""

    made = NumberQuestion

    unit = Text(UNIT_CHARACTERS)
    decimals = Whole(0, NUMBER_DECIMALS)
    min = Amount()
    max = Amount()
    bands = Listed(Part(BandSchema), BANDS)
    unknown_option: DocumentField[UnknownOption] = Part(UnknownOptionSchema)


class NumberType(QuestionType[NumberQuestion, NumberValue]):
    """Scores by bands; exact, never a float."""

    key = "number"
    schema = NumberSchema
    question_class = NumberQuestion
    value_class = NumberValue

    def parse(
        self,
        question: NumberQuestion,
        raw: Any,
        *,
        language: str = GIVEN_LANGUAGE,
        today: dt.date | None = None,
    ) -> NumberValue | None:
        """Read a text, a spreadsheet's number, or a form's {amount, unknown}."""
        if isinstance(raw, Mapping):
            if raw.get("unknown"):
                self.validate(question, _UNKNOWN)
                return _UNKNOWN
            raw = raw.get("amount")
        unknown = question.unknown_option
        if type(raw) in (int, float, Decimal):
            number = exact_number(raw)
        else:
            written = text_of(raw)
            if not written:
                return None
            if unknown and written.casefold() == unknown.text.strip().casefold():
                return _UNKNOWN
            number = read_number(_without_unit(written, question.unit), language)
        if number is None or exact_number(number) is None:
            raise AnswerError(_ask_for_number(question, language))
        value = NumberValue(number)
        self.validate(question, value)
        return value

    def validate(
        self, question: NumberQuestion, value: NumberValue, *, today: dt.date | None = None
    ) -> None:
        """Refuse what lies outside the bounds or has too many places."""
        amount = value.amount
        if amount is None:
            if question.unknown_option is None:
                raise AnswerError(_ask_for_number(question, GIVEN_LANGUAGE))
            return
        if exact_number(amount) is None:
            raise AnswerError(
                _("Enter a number of at most %(digits)s digits.", digits=NUMBER_DIGITS)
            )
        if amount != round(amount, question.decimals):
            raise AnswerError(
                _("Enter a whole number.")
                if question.decimals == 0
                else _("Enter at most %(places)s digits after the point.", places=question.decimals)
            )
        if question.min is not None and amount < question.min:
            raise AnswerError(_("Enter at least %(lowest)s.", lowest=_plain(question.min)))
        if question.max is not None and amount > question.max:
            raise AnswerError(_("Enter at most %(highest)s.", highest=_plain(question.max)))

    def display(self, question: NumberQuestion, value: NumberValue, language: str) -> str:
        """Return the number with its unit, or the words in its place."""
        if value.amount is None:
            return question.unknown_option.text if question.unknown_option else ""
        written = write_number(value.amount, language)
        return f"{written} {question.unit}" if question.unit else written

    def to_json(self, question: NumberQuestion, value: NumberValue) -> Any:
        """Return the number as text, which keeps every digit, or {"unknown": true}."""
        return {"unknown": True} if value.amount is None else _plain(value.amount)

    def from_json(self, question: NumberQuestion, data: Any) -> NumberValue:
        """Read a number as text or as a number, or {"unknown": true}."""
        if data == {"unknown": True}:
            value = _UNKNOWN
        else:
            number = (
                read_number(data, GIVEN_LANGUAGE) if isinstance(data, str) else exact_number(data)
            )
            if number is None:
                raise AnswerError(_ask_for_number(question, GIVEN_LANGUAGE))
            value = NumberValue(number)
        self.validate(question, value)
        return value

    def json_schema(self, question: NumberQuestion) -> JsonSchema:
        """Return a decimal as text, a number, or the unknown option."""
        number: JsonSchema = {"type": "number"}
        if question.min is not None:
            number["minimum"] = json_number(question.min)
        if question.max is not None:
            number["maximum"] = json_number(question.max)
        kinds = [{"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}, number]
        if question.unknown_option:
            kinds.append(
                {
                    "type": "object",
                    "properties": {"unknown": {"const": True}},
                    "required": ["unknown"],
                    "additionalProperties": False,
                }
            )
        return {"anyOf": kinds}

    def cell_out(self, question: NumberQuestion, value: NumberValue, language: str) -> str:
        """Return the number without its unit, or the words in its place."""
        if value.amount is None:
            return question.unknown_option.text.strip() if question.unknown_option else ""
        return write_number(value.amount, language, grouped=False)

    def automatic_score(
        self, question: NumberQuestion, value: NumberValue, today: dt.date
    ) -> Fraction | None:
        """Return the score of the band; None without bands, 0 where there is a gap."""
        if value.amount is None:
            return Fraction(question.unknown_option.score if question.unknown_option else 0, 100)
        if not question.bands:
            return None
        band = _band(question, value)
        return Fraction(band.score, 100) if band else Fraction(0)

    def possible_scores(self, question: NumberQuestion) -> tuple[Fraction, ...]:
        """Return the scores of bands and unknown option; ratings without bands."""
        if not question.bands:
            return RATINGS
        scores = [band.score for band in question.bands]
        if question.unknown_option:
            scores.append(question.unknown_option.score)
        return tuple(Fraction(score, 100) for score in scores)

    def is_risky(self, question: NumberQuestion, value: NumberValue) -> bool:
        """Return whether the band or the unknown option warns."""
        rated = _rated(question, value)
        return rated is not None and (rated.risky or rated.gate)

    def opens_gate(self, question: NumberQuestion, value: NumberValue) -> bool:
        """Return whether the band or the unknown option opens the gate."""
        rated = _rated(question, value)
        return rated is not None and rated.gate

    def has_gate(self, question: NumberQuestion) -> bool:
        """Return whether any band or the unknown option opens the gate."""
        return any(rated.gate for rated in _all_rated(question))

    def is_risky_possible(self, question: NumberQuestion) -> bool:
        """Return whether any band or the unknown option warns."""
        return any(rated.risky or rated.gate for rated in _all_rated(question))

    def field(self, question: NumberQuestion, language: str) -> FieldSpec:
        """Describe a number control."""
        return FieldSpec(
            key=question.key,
            control=Control.NUMBER,
            label=question.text,
            hint=question.hint,
            required=question.required,
            unit=question.unit,
            decimals=question.decimals,
            lowest=question.min,
            highest=question.max,
            unknown=question.unknown_option.text if question.unknown_option else None,
        )

    def translated(
        self, question: NumberQuestion, texts: QuestionTexts, missing: list[str]
    ) -> NumberQuestion:
        """Return the question with unit and unknown option in another language."""
        made = super().translated(question, texts, missing)
        if made.unit is not None:
            if texts.unit is None:
                missing.append("unit")
            else:
                made = dataclasses.replace(made, unit=texts.unit)
        if made.unknown_option is not None:
            if texts.unknown_option is None:
                missing.append("unknown_option")
            else:
                option = dataclasses.replace(made.unknown_option, text=texts.unknown_option)
                made = dataclasses.replace(made, unknown_option=option)
        return made


def _band(question: NumberQuestion, value: NumberValue) -> Band | None:
    amount = value.amount
    if amount is None:
        return None
    return next((band for band in question.bands if band.holds(amount)), None)


def _rated(question: NumberQuestion, value: NumberValue) -> Band | UnknownOption | None:
    return question.unknown_option if value.amount is None else _band(question, value)


def _all_rated(question: NumberQuestion) -> list[Band | UnknownOption]:
    unknown = question.unknown_option
    return [*question.bands, *([unknown] if unknown else [])]


def _plain(number: Decimal) -> str:
    return format(number, "f")


def _without_unit(written: str, unit: str | None) -> str:
    if unit and written.casefold().endswith(unit.casefold()):
        return written[: -len(unit)].rstrip()
    return written


def _ask_for_number(question: NumberQuestion, language: str) -> str:
    example = _USUAL_EXAMPLE
    for bound in (question.min, question.max):
        outside = bound is not None and (
            example < bound if bound is question.min else example > bound
        )
        example = bound if outside and bound is not None else example
    written = write_number(example, language)
    if question.unit:
        return _(
            "Enter the %(unit)s as a number, for example %(example)s.",
            unit=question.unit,
            example=written,
        )
    return _("Enter a number, for example %(example)s.", example=written)
