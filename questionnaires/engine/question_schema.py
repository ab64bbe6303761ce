"""Reads and writes what all questions have, and the parts that several types share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from questionnaires.engine.condition_schema import ConditionField
from questionnaires.engine.definition import LEVELS, ControlRef, Evidence, Option, Question
from questionnaires.engine.fields import (
    ANNEX_ID,
    CONTROL_ID,
    LOWER_KEY,
    MIXED_KEY,
    DocumentField,
    Flag,
    JsonSchema,
    Key,
    Listed,
    Text,
    Whole,
    Word,
)
from questionnaires.engine.limits import (
    HINT_CHARACTERS,
    LINKS,
    MARKDOWN_CHARACTERS,
    MINUTES,
    OPTIONS,
    TEXT_CHARACTERS,
)
from questionnaires.engine.schema_base import (
    NOT_KEYS,
    DocumentSchema,
    Part,
    refuse_same_keys,
    shared,
)
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.vocabulary import Depth, EvidenceAsk, Weight


class EvidenceSchema(DocumentSchema):
    """Which file backs the answer."""

    made = Evidence

    ask = Word(EvidenceAsk, required=True)
    text = Text(HINT_CHARACTERS, required=True)


class ControlSchema(DocumentSchema):
    """A control of a framework."""

    made = ControlRef

    framework = Key(LOWER_KEY, "iso-42001", required=True)
    control = Key(CONTROL_ID, "A.7.2", required=True)


class OptionSchema(DocumentSchema):
    """One option."""

    made = Option

    key = Key(LOWER_KEY, "opt-in", required=True)
    text = Text(TEXT_CHARACTERS, required=True)
    hint = Text(HINT_CHARACTERS)
    score = Whole(0, 100)
    level = Whole(0, LEVELS - 1)
    risky = Flag()
    gate = Flag()
    stop = Flag()
    exclusive = Flag()
    needed = Flag()


class QuestionSchema(DocumentSchema):
    """What all questions have. A type adds its own keys in a subclass."""

    made = Question

    key = Key(MIXED_KEY, "Q-A.7.2-1", required=True)
    text = Text(TEXT_CHARACTERS, required=True)
    hint = Text(HINT_CHARACTERS)
    looking_for = Text(MARKDOWN_CHARACTERS, markdown=True)
    weight = Word(Weight)
    depth = Word(Depth)
    minutes = Whole(1, MINUTES)
    required = Flag()
    not_applicable = Flag()
    module = Key(LOWER_KEY, "training-data")
    show_if = ConditionField()
    evidence: DocumentField[Evidence] = Part(EvidenceSchema)
    red_flag = Text(HINT_CHARACTERS)
    warning = Text(HINT_CHARACTERS)
    controls = Listed(Part(ControlSchema), LINKS, distinct=True)
    risk_sources = Listed(Key(ANNEX_ID, "C.3.4"), LINKS, distinct=True)
    objectives = Listed(Key(ANNEX_ID, "C.2.7"), LINKS, distinct=True)
    factor = Whole(0, 100)

    refuse_twice = refuse_same_keys("options", "columns")

    @classmethod
    def json_schema(cls) -> JsonSchema:
        """Return the JSON Schema of one question of this type."""
        schema = super().json_schema()
        schema["properties"] = {"type": {"const": cls.made.type}, **schema["properties"]}
        schema["required"] = ["type", *schema["required"]]
        return schema


def options_field() -> Listed:
    """Return the field of a question's options."""
    return Listed(Part(OptionSchema), OPTIONS)


class QuestionField(DocumentField[Question]):
    """A question of any type; `type` chooses the schema."""

    def __init__(self, schemas: Mapping[str, type[QuestionSchema]], **options: Any) -> None:
        """`schemas` holds the schema of each type."""
        super().__init__(**options)
        self.schemas = schemas

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> Question:
        if not isinstance(value, dict):
            raise ValidationError(NOT_KEYS)
        known = ", ".join(self.schemas)
        if "type" not in value:
            raise ValidationError({"type": [_("Write one of these: %(known)s.", known=known)]})
        kind = value["type"]
        if not isinstance(kind, str) or kind not in self.schemas:
            raise ValidationError({"type": [_("Write one of these: %(known)s.", known=known)]})
        rest = {key: entry for key, entry in value.items() if key != "type"}
        question: Question = shared(self.schemas[kind]).load(rest)
        return question

    def _serialize(self, value: Question | None, *_rest: Any, **_more: Any) -> Any:
        if value is None:
            return None
        written = shared(self.schemas[value.type]).dump(value)
        return {"key": written.pop("key"), "type": value.type, **written}

    def json_schema(self) -> JsonSchema:
        """Return references to the types' entries in $defs."""
        made = [schema.made.__name__ for schema in self.schemas.values()]
        return {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in made]}
