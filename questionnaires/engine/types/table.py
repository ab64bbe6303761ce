"""Rows under columns."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import Column, ColumnOption, TableQuestion
from questionnaires.engine.fields import LOWER_KEY, Flag, JsonSchema, Key, Listed, Text, Whole, Word
from questionnaires.engine.limits import COLUMNS, OPTIONS, TABLE_ROWS, TEXT_CHARACTERS
from questionnaires.engine.question_schema import QuestionSchema
from questionnaires.engine.schema_base import DocumentSchema, Part, refuse_same_keys
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.translation import QuestionTexts
from questionnaires.engine.types.base import GIVEN_LANGUAGE, RATINGS, QuestionType
from questionnaires.engine.types.field_spec import Control, FieldChoice, FieldColumn, FieldSpec
from questionnaires.engine.types.table_cells import (
    cell_from_json,
    cell_json,
    cell_json_schema,
    cell_out,
    cell_text,
    check_cell,
    parse_cell,
)
from questionnaires.engine.values import CellValue, RowsValue
from questionnaires.engine.vocabulary import ColumnType

_CONTROLS = {
    ColumnType.TEXT: Control.TEXT,
    ColumnType.NUMBER: Control.NUMBER,
    ColumnType.DATE: Control.DATE,
    ColumnType.SINGLE: Control.RADIOS,
}
_ROWS = _("Give rows with a cell for each column.")


class ColumnOptionSchema(DocumentSchema):
    """One option of a column."""

    made = ColumnOption

    key = Key(LOWER_KEY, "eu", required=True)
    text = Text(TEXT_CHARACTERS, required=True)


class ColumnSchema(DocumentSchema):
    """One column."""

    made = Column

    key = Key(LOWER_KEY, "place", required=True)
    text = Text(TEXT_CHARACTERS, required=True)
    type = Word(ColumnType)
    required = Flag()
    options = Listed(Part(ColumnOptionSchema), OPTIONS)

    refuse_twice = refuse_same_keys("options")


class TableSchema(QuestionSchema):
    """A table question."""

    made = TableQuestion

    columns = Listed(Part(ColumnSchema), COLUMNS)
    min_rows = Whole(0, TABLE_ROWS)
    max_rows = Whole(1, TABLE_ROWS)


class TableType(QuestionType[TableQuestion, RowsValue]):
    """Scored by a reviewer alone."""

    key = "table"
    schema = TableSchema
    question_class = TableQuestion
    value_class = RowsValue

    def parse(
        self,
        question: TableQuestion,
        raw: Any,
        *,
        language: str = GIVEN_LANGUAGE,
        today: dt.date | None = None,
    ) -> RowsValue | None:
        """Read rows: {column's key: cell} each, or one text of comma-separated lines."""
        if isinstance(raw, str):
            raw = _rows_of_text(question, raw)
        if raw is None:
            return None
        if not isinstance(raw, list | tuple):
            raise AnswerError(_ROWS)
        if len(raw) > 2 * TABLE_ROWS:
            raise AnswerError(_too_many(question))
        rows = []
        for number, entry in enumerate(raw):
            if not isinstance(entry, Mapping):
                raise AnswerError(_ROWS)
            cells: list[CellValue | None] = []
            for column in question.columns:
                with _at(number, column):
                    cells.append(parse_cell(column, entry.get(column.key), language))
            if any(cell is not None for cell in cells):
                rows.append(tuple(cells))
        if not rows:
            return None
        value = RowsValue(tuple(rows))
        self.validate(question, value)
        return value

    def validate(
        self, question: TableQuestion, value: RowsValue, *, today: dt.date | None = None
    ) -> None:
        """Refuse too few or too many rows, empty ones and cells that a column does not allow."""
        if len(value.rows) > question.max_rows:
            raise AnswerError(_too_many(question))
        if len(value.rows) < max(1, question.min_rows):
            raise AnswerError(
                _("Give at least %(fewest)s rows.", fewest=max(1, question.min_rows))
                if question.min_rows > 1
                else _("Give at least one row.")
            )
        for number, cells in enumerate(value.rows):
            if len(cells) != len(question.columns) or all(cell is None for cell in cells):
                raise AnswerError(_ROWS, row=number)
            for column, cell in zip(question.columns, cells, strict=True):
                with _at(number, column):
                    check_cell(column, cell)

    def display(self, question: TableQuestion, value: RowsValue, language: str) -> str:
        """Return one line a row, with the columns' names."""
        return "\n".join(
            " · ".join(
                f"{column.text}: {cell_text(column, cell, language)}"
                for column, cell in zip(question.columns, cells, strict=True)
                if cell is not None
            )
            for cells in value.rows
        )

    def to_json(self, question: TableQuestion, value: RowsValue) -> list[dict[str, str]]:
        """Return rows of filled cells by the columns' keys."""
        return [
            {
                column.key: cell_json(cell)
                for column, cell in zip(question.columns, cells, strict=True)
                if cell is not None
            }
            for cells in value.rows
        ]

    def from_json(self, question: TableQuestion, data: Any) -> RowsValue:
        """Read rows of cells by the columns' keys."""
        if not isinstance(data, list) or len(data) > TABLE_ROWS:
            raise AnswerError(_ROWS)
        keys = {column.key for column in question.columns}
        rows: list[tuple[CellValue | None, ...]] = []
        for number, entry in enumerate(data):
            if not isinstance(entry, dict) or not set(entry) <= keys:
                raise AnswerError(_ROWS, row=number)
            cells: list[CellValue | None] = []
            for column in question.columns:
                with _at(number, column):
                    filled = column.key in entry
                    cells.append(cell_from_json(column, entry[column.key]) if filled else None)
            rows.append(tuple(cells))
        value = RowsValue(tuple(rows))
        self.validate(question, value)
        return value

    def json_schema(self, question: TableQuestion) -> JsonSchema:
        """Return a list of rows."""
        row = {
            "type": "object",
            "properties": {column.key: cell_json_schema(column) for column in question.columns},
            "required": [column.key for column in question.columns if column.required],
            "additionalProperties": False,
            "minProperties": 1,
        }
        fewest = max(1, question.min_rows)
        return {"type": "array", "items": row, "minItems": fewest, "maxItems": question.max_rows}

    def cell_out(self, question: TableQuestion, value: RowsValue, language: str) -> str:
        """Return comma-separated lines, the columns' names first."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(column.text for column in question.columns)
        for cells in value.rows:
            writer.writerow(
                cell_out(column, cell, language)
                for column, cell in zip(question.columns, cells, strict=True)
            )
        return text.getvalue().rstrip("\n")

    def automatic_score(self, question: TableQuestion, value: RowsValue, today: dt.date) -> None:
        """Return that a reviewer is awaited."""

    def possible_scores(self, question: TableQuestion) -> tuple[Fraction, ...]:
        """Return a reviewer's ratings."""
        return RATINGS

    def field(self, question: TableQuestion, language: str) -> FieldSpec:
        """Describe a table control."""
        return FieldSpec(
            key=question.key,
            control=Control.TABLE,
            label=question.text,
            hint=question.hint,
            required=question.required,
            columns=tuple(
                FieldColumn(
                    key=column.key,
                    text=column.text,
                    control=_CONTROLS[column.type],
                    required=column.required,
                    choices=tuple(
                        FieldChoice(key=option.key, text=option.text) for option in column.options
                    ),
                )
                for column in question.columns
            ),
            min_rows=question.min_rows,
            max_rows=question.max_rows,
        )

    def translated(
        self, question: TableQuestion, texts: QuestionTexts, missing: list[str]
    ) -> TableQuestion:
        """Return the question with its columns in another language."""
        made = super().translated(question, texts, missing)
        columns = tuple(_translated(column, texts, missing) for column in question.columns)
        return dataclasses.replace(made, columns=columns)


@contextmanager
def _at(row: int, column: Column) -> Iterator[None]:
    """Say of an error in which cell it stands."""
    try:
        yield
    except AnswerError as error:
        raise AnswerError(error.message, row=row, column=column.key) from None


def _too_many(question: TableQuestion) -> str:
    return _("Give at most %(most)s rows.", most=question.max_rows)


def _rows_of_text(question: TableQuestion, written: str) -> list[dict[str, str]] | None:
    """Return the rows of comma-separated lines; the columns' names on top are left out."""
    if not written.strip():
        return None
    try:
        lines = [line for line in csv.reader(io.StringIO(written), strict=True) if line]
    except csv.Error:
        raise AnswerError(_("Write one row a line, with commas between the cells.")) from None
    names = [column.text for column in question.columns]
    if lines and lines[0] == names:
        lines = lines[1:]
    rows = []
    for number, line in enumerate(lines):
        if len(line) != len(names):
            raise AnswerError(
                _("Give %(count)s cells in each row, with commas between.", count=len(names)),
                row=number,
            )
        rows.append({column.key: cell for column, cell in zip(question.columns, line, strict=True)})
    return rows


def _translated(column: Column, texts: QuestionTexts, missing: list[str]) -> Column:
    own = texts.columns.get(column.key)
    text = own.text if own else None
    if text is None:
        missing.append(f"columns.{column.key}.text")
    options = []
    for option in column.options:
        words = own.options.get(option.key) if own else None
        if words is None:
            missing.append(f"columns.{column.key}.options.{option.key}")
        options.append(dataclasses.replace(option, text=words or option.text))
    return dataclasses.replace(column, text=text or column.text, options=tuple(options))
