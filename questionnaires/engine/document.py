"""Reads and writes the questionnaire document: strict in, canonical out."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from marshmallow import ValidationError

from questionnaires.engine.condition_schema import DEFINITION, condition_json_schema
from questionnaires.engine.definition import FORMAT, Questionnaire
from questionnaires.engine.document_errors import DocumentErrors, flatten
from questionnaires.engine.document_limits import check_limits
from questionnaires.engine.document_schema import PARTS, QuestionnaireSchema
from questionnaires.engine.fields import JsonSchema
from questionnaires.engine.question_schema import ControlSchema, EvidenceSchema, OptionSchema
from questionnaires.engine.references import reference_errors
from questionnaires.engine.schema_base import DocumentSchema, shared
from questionnaires.engine.types.number import BandSchema, UnknownOptionSchema
from questionnaires.engine.types.registry import SCHEMAS
from questionnaires.engine.types.table import ColumnOptionSchema, ColumnSchema
from questionnaires.engine.types.yes_no import YesNoScoresSchema

_SHARED_PARTS: tuple[type[DocumentSchema], ...] = (
    ControlSchema,
    EvidenceSchema,
    OptionSchema,
    BandSchema,
    UnknownOptionSchema,
    YesNoScoresSchema,
    ColumnSchema,
    ColumnOptionSchema,
)


def parse_document(data: Any, *, draft: bool = False) -> Questionnaire:
    """Return the questionnaire that plain data (dicts, lists, texts, numbers) describes.

    A draft may have rules that point to nowhere or to later questions: lint names them, and the
    path takes them as not holding. Raises DocumentErrors with the places of up to 50 errors.
    """
    check_limits(data)
    try:
        questionnaire: Questionnaire = shared(QuestionnaireSchema).load(data)
    except ValidationError as error:
        raise DocumentErrors(list(flatten(error.messages))) from None
    if not draft:
        errors = reference_errors(questionnaire)
        if errors:
            raise DocumentErrors(errors)
    return questionnaire


def serialise(questionnaire: Questionnaire) -> dict[str, Any]:
    """Return the document as plain data, keys in the order of the format, defaults left out."""
    written: dict[str, Any] = shared(QuestionnaireSchema).dump(questionnaire)
    return {"format": FORMAT, **written}


def canonical_json(questionnaire: Questionnaire) -> bytes:
    """Return the one way to write this document: keys sorted, no blanks, UTF-8."""
    return json.dumps(
        serialise(questionnaire),
        sort_keys=True,
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    ).encode()


def fingerprint(questionnaire: Questionnaire) -> str:
    """Return the SHA-256 of the canonical JSON in hex: the same for the same document."""
    return hashlib.sha256(canonical_json(questionnaire)).hexdigest()


def json_schema() -> JsonSchema:
    """Return the JSON Schema of the document, made from the schemas that read it."""
    parts = (*PARTS, *_SHARED_PARTS, *SCHEMAS.values())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{FORMAT.replace('/', ':')}",
        "title": "Questionnaire document",
        **QuestionnaireSchema.json_schema(),
        "$defs": {
            DEFINITION: condition_json_schema(),
            **{part.made.__name__: part.json_schema() for part in parts},
        },
    }
