"""All question types. A new one is a class and a line here; a test walks this list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from questionnaires.engine.definition import Question
from questionnaires.engine.question_schema import QuestionSchema
from questionnaires.engine.translation import frozen_map
from questionnaires.engine.types.base import QuestionType
from questionnaires.engine.types.date import DateType
from questionnaires.engine.types.file import FileType
from questionnaires.engine.types.maturity import MaturityType
from questionnaires.engine.types.multiple import MultipleType
from questionnaires.engine.types.number import NumberType
from questionnaires.engine.types.single import SingleType
from questionnaires.engine.types.table import TableType
from questionnaires.engine.types.text import TextType
from questionnaires.engine.types.yes_no import YesNoType

TYPES: Mapping[str, QuestionType[Any, Any]] = frozen_map(
    {
        kind.key: kind
        for kind in (
            YesNoType(),
            SingleType(),
            MultipleType(),
            MaturityType(),
            TextType(),
            NumberType(),
            DateType(),
            FileType(),
            TableType(),
        )
    }
)

SCHEMAS: Mapping[str, type[QuestionSchema]] = frozen_map(
    {key: kind.schema for key, kind in TYPES.items()}
)


def type_of(question: Question) -> QuestionType[Any, Any]:
    """Return the type that understands this question."""
    return TYPES[question.type]
