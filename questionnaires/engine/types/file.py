"""Files as the answer."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import FileQuestion
from questionnaires.engine.fields import JsonSchema, Listed, Text, text_problem
from questionnaires.engine.limits import FILE_KINDS, FILES, TITLE_CHARACTERS
from questionnaires.engine.question_schema import QuestionSchema
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.translation import QuestionTexts
from questionnaires.engine.types.base import GIVEN_LANGUAGE, RATINGS, QuestionType
from questionnaires.engine.types.field_spec import Control, FieldSpec
from questionnaires.engine.values import FileReference, FilesValue

UNREVIEWED = Fraction(1, 2)
"""The most that a file scores before a reviewer has looked at it."""

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_LINE = re.compile(r"(.+) \[([A-Za-z0-9-]{1,64})\]")
_LONGEST_NAME = 255


class FileSchema(QuestionSchema):
    """A file question."""

    made = FileQuestion

    kinds = Listed(Text(TITLE_CHARACTERS), FILE_KINDS, distinct=True)


class FileType(QuestionType[FileQuestion, FilesValue]):
    """A reviewer scores the files; until then they count half."""

    key = "file"
    schema = FileSchema
    question_class = FileQuestion
    value_class = FilesValue

    def parse(
        self,
        question: FileQuestion,
        raw: Any,
        *,
        language: str = GIVEN_LANGUAGE,
        today: dt.date | None = None,
    ) -> FilesValue | None:
        """Read references to stored files: {id, name} each, or lines of "name [id]"."""
        if raw is None or raw in ("", [], ()):
            return None
        if isinstance(raw, str):
            return self._from_lines(question, raw)
        if not isinstance(raw, list | tuple):
            raise AnswerError(_UPLOAD)
        value = FilesValue(tuple(_reference(entry) for entry in raw))
        self.validate(question, value)
        return value

    def validate(
        self, question: FileQuestion, value: FilesValue, *, today: dt.date | None = None
    ) -> None:
        """Refuse none, too many, one twice, and what is no reference."""
        if not value.files:
            raise AnswerError(_UPLOAD)
        if len(value.files) > FILES:
            raise AnswerError(_("Give at most %(most)s files.", most=FILES))
        ids = [file.id for file in value.files]
        if len(set(ids)) != len(ids):
            raise AnswerError(_("Give each file once."))
        for file in value.files:
            bad_name = (
                not 1 <= len(file.name) <= _LONGEST_NAME
                or file.name != file.name.strip()
                or text_problem(file.name, lines=False)
            )
            if bad_name or not _ID.fullmatch(file.id):
                raise AnswerError(_UPLOAD)

    def display(self, question: FileQuestion, value: FilesValue, language: str) -> str:
        """Return the names, one a line."""
        return "\n".join(file.name for file in value.files)

    def to_json(self, question: FileQuestion, value: FilesValue) -> list[dict[str, str]]:
        """Return id and name of each."""
        return [{"id": file.id, "name": file.name} for file in value.files]

    def from_json(self, question: FileQuestion, data: Any) -> FilesValue:
        """Read id and name of each."""
        if not isinstance(data, list):
            raise AnswerError(_UPLOAD)
        value = FilesValue(tuple(_reference(entry) for entry in data))
        self.validate(question, value)
        return value

    def json_schema(self, question: FileQuestion) -> JsonSchema:
        """Return a list of references."""
        reference = {
            "type": "object",
            "properties": {
                "id": {"type": "string", "pattern": f"^{_ID.pattern}$"},
                "name": {"type": "string", "minLength": 1, "maxLength": _LONGEST_NAME},
            },
            "required": ["id", "name"],
            "additionalProperties": False,
        }
        return {"type": "array", "items": reference, "minItems": 1, "maxItems": FILES}

    def cell_out(self, question: FileQuestion, value: FilesValue, language: str) -> str:
        """Return lines of "name [id]"."""
        return "\n".join(f"{file.name} [{file.id}]" for file in value.files)

    def automatic_score(
        self, question: FileQuestion, value: FilesValue, today: dt.date
    ) -> Fraction:
        """Return what an unread file is worth."""
        return UNREVIEWED

    def possible_scores(self, question: FileQuestion) -> tuple[Fraction, ...]:
        """Return a reviewer's ratings."""
        return RATINGS

    def field(self, question: FileQuestion, language: str) -> FieldSpec:
        """Describe a control for files."""
        return FieldSpec(
            key=question.key,
            control=Control.FILES,
            label=question.text,
            hint=question.hint,
            required=question.required,
            kinds=question.kinds,
        )

    def translated(
        self, question: FileQuestion, texts: QuestionTexts, missing: list[str]
    ) -> FileQuestion:
        """Return the question with its kinds in another language."""
        made = super().translated(question, texts, missing)
        if not question.kinds:
            return made
        if len(texts.kinds) != len(question.kinds):
            missing.append("kinds")
            return made
        return dataclasses.replace(made, kinds=texts.kinds)

    def _from_lines(self, question: FileQuestion, written: str) -> FilesValue | None:
        files = []
        for line in written.splitlines():
            if not line.strip():
                continue
            match = _LINE.fullmatch(line.strip())
            if not match:
                raise AnswerError(_UPLOAD)
            files.append(FileReference(match[2], match[1]))
        if not files:
            return None
        value = FilesValue(tuple(files))
        self.validate(question, value)
        return value


_UPLOAD = _("Upload the files on the page of this question; their names alone are not enough.")


def _reference(entry: Any) -> FileReference:
    if isinstance(entry, FileReference):
        return entry
    if isinstance(entry, Mapping) and set(entry) == {"id", "name"}:
        file_id, name = entry["id"], entry["name"]
        if isinstance(file_id, str) and isinstance(name, str):
            return FileReference(file_id, name)
    raise AnswerError(_UPLOAD)
