"""Reads and writes the whole document."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from questionnaires.engine.condition_schema import ConditionField
from questionnaires.engine.conditions import Condition
from questionnaires.engine.definition import FORMAT, LEVELS, Module, Questionnaire, Section
from questionnaires.engine.fields import (
    LANGUAGE,
    LOWER_KEY,
    MIXED_KEY,
    DocumentField,
    JsonSchema,
    Key,
    Listed,
    Mapped,
    Text,
    Word,
)
from questionnaires.engine.limits import (
    COLUMNS,
    FILE_KINDS,
    HINT_CHARACTERS,
    LANGUAGES,
    MARKDOWN_CHARACTERS,
    MODULES,
    OPTIONS,
    QUESTIONS,
    SECTIONS,
    TEXT_CHARACTERS,
    TITLE_CHARACTERS,
    UNIT_CHARACTERS,
)
from questionnaires.engine.question_schema import QuestionField
from questionnaires.engine.schema_base import DocumentSchema, Part, refuse_same_keys
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.translation import (
    ColumnTexts,
    OptionTexts,
    QuestionTexts,
    SectionTexts,
    Translation,
)
from questionnaires.engine.types.registry import SCHEMAS
from questionnaires.engine.vocabulary import Audience, Purpose


class FormatField(DocumentField[str]):
    """The name of this format and nothing else."""

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> str:
        if value != FORMAT:
            raise ValidationError(_("Write “%(format)s” here.", format=FORMAT))
        return FORMAT

    def json_schema(self) -> JsonSchema:
        """Return the name."""
        return {"const": FORMAT}


class OptionTextsSchema(DocumentSchema):
    """An option in another language."""

    made = OptionTexts

    text = Text(TEXT_CHARACTERS)
    hint = Text(HINT_CHARACTERS)


class ColumnTextsSchema(DocumentSchema):
    """A column in another language."""

    made = ColumnTexts

    text = Text(TEXT_CHARACTERS)
    options = Mapped(Key(LOWER_KEY, "eu"), Text(TEXT_CHARACTERS), OPTIONS)


class QuestionTextsSchema(DocumentSchema):
    """A question in another language."""

    made = QuestionTexts

    text = Text(TEXT_CHARACTERS)
    hint = Text(HINT_CHARACTERS)
    looking_for = Text(MARKDOWN_CHARACTERS, markdown=True)
    warning = Text(HINT_CHARACTERS)
    unit = Text(UNIT_CHARACTERS)
    evidence = Text(HINT_CHARACTERS)
    unknown_option = Text(TEXT_CHARACTERS)
    options = Mapped(Key(LOWER_KEY, "opt-in"), Part(OptionTextsSchema), OPTIONS)
    levels = Listed(Text(TEXT_CHARACTERS), LEVELS, exactly=LEVELS)
    kinds = Listed(Text(TITLE_CHARACTERS), FILE_KINDS)
    columns = Mapped(Key(LOWER_KEY, "place"), Part(ColumnTextsSchema), COLUMNS)


class SectionTextsSchema(DocumentSchema):
    """A section in another language."""

    made = SectionTexts

    title = Text(TITLE_CHARACTERS)
    summary = Text(MARKDOWN_CHARACTERS, markdown=True)


class TranslationSchema(DocumentSchema):
    """The texts of the document in another language."""

    made = Translation

    title = Text(TITLE_CHARACTERS)
    summary = Text(MARKDOWN_CHARACTERS, markdown=True)
    modules = Mapped(Key(LOWER_KEY, "training-data"), Text(TITLE_CHARACTERS), MODULES)
    sections = Mapped(Key(LOWER_KEY, "data"), Part(SectionTextsSchema), SECTIONS)
    questions = Mapped(Key(MIXED_KEY, "Q-A.7.2-1"), Part(QuestionTextsSchema), QUESTIONS)


class ModuleSchema(DocumentSchema):
    """A part that an answer switches on."""

    made = Module

    key = Key(LOWER_KEY, "training-data", required=True)
    title = Text(TITLE_CHARACTERS, required=True)
    show_if: DocumentField[Condition] = ConditionField(required=True)


class SectionSchema(DocumentSchema):
    """Questions under one title."""

    made = Section

    key = Key(LOWER_KEY, "data", required=True)
    title = Text(TITLE_CHARACTERS, required=True)
    summary = Text(MARKDOWN_CHARACTERS, markdown=True)
    show_if = ConditionField()
    questions = Listed(QuestionField(SCHEMAS), QUESTIONS, required=True)


class QuestionnaireSchema(DocumentSchema):
    """The document."""

    made = Questionnaire

    format = FormatField(required=True)
    key = Key(LOWER_KEY, "ai-supplier-full", required=True)
    title = Text(TITLE_CHARACTERS, required=True)
    summary = Text(MARKDOWN_CHARACTERS, markdown=True)
    audience = Word(Audience, required=True)
    purpose = Word(Purpose, required=True)
    language = Key(LANGUAGE, "en", required=True)
    modules = Listed(Part(ModuleSchema), MODULES)
    sections = Listed(Part(SectionSchema), SECTIONS, required=True)
    translations = Mapped(Key(LANGUAGE, "de"), Part(TranslationSchema), LANGUAGES)

    refuse_twice = refuse_same_keys("modules", "sections")

    @validates_schema
    def refuse_questions_said_twice(self, data: dict[str, Any], **_options: Any) -> None:
        """Answers are kept by the question's key over all sections."""
        seen: dict[str, str] = {}
        errors: dict[int, Any] = {}
        for at, section in enumerate(data["sections"]):
            for place, question in enumerate(section.questions):
                if question.key in seen:
                    sentence = _(
                        "“%(key)s” stands in section “%(section)s” already: choose another key.",
                        key=question.key,
                        section=seen[question.key],
                    )
                    places = errors.setdefault(at, {"questions": {}})["questions"]
                    places[place] = {"key": [sentence]}
                seen.setdefault(question.key, section.key)
        if errors:
            raise ValidationError({"sections": errors})


PARTS: tuple[type[DocumentSchema], ...] = (
    ModuleSchema,
    SectionSchema,
    TranslationSchema,
    SectionTextsSchema,
    QuestionTextsSchema,
    OptionTextsSchema,
    ColumnTextsSchema,
)
"""Schemas that the document's refers to, besides those of the question types."""
