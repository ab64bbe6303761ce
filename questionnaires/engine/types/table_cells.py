"""One cell of a table: its types are few and have no score."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import Column
from questionnaires.engine.exact_numbers import exact_number
from questionnaires.engine.fields import JsonSchema
from questionnaires.engine.limits import CELL_CHARACTERS
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.types.base import GIVEN_LANGUAGE, text_of
from questionnaires.engine.types.choosing import cell_name, find_key
from questionnaires.engine.types.date import day_of, iso_day
from questionnaires.engine.types.text import check_text, tidy
from questionnaires.engine.values import CellValue, ChoiceValue, DateValue, NumberValue, TextValue
from questionnaires.engine.vocabulary import ColumnType
from questionnaires.engine.wording import read_number, write_day, write_number

_NUMBER = _("Enter a number, for example 30.")


def parse_cell(column: Column, raw: Any, language: str) -> CellValue | None:
    """Read what a person wrote into a cell; None when it is empty. Raises AnswerError."""
    match column.type:
        case ColumnType.DATE:
            day = day_of(raw)
            return None if day is None else DateValue(day)
        case ColumnType.NUMBER if type(raw) in (int, float, Decimal):
            number = exact_number(raw)
        case ColumnType.NUMBER:
            written = text_of(raw)
            if not written:
                return None
            number = read_number(written, language)
        case ColumnType.SINGLE:
            written = text_of(raw)
            return ChoiceValue(find_key(_pairs(column), written)) if written else None
        case ColumnType.TEXT:
            written = tidy(text_of(raw))
            return TextValue(written) if written else None
    if number is None:
        raise AnswerError(_NUMBER)
    return NumberValue(number)


def check_cell(column: Column, cell: CellValue | None) -> None:
    """Raise AnswerError when a column does not allow this cell."""
    match column.type, cell:
        case _type, None:
            if column.required:
                raise AnswerError(_("Fill in “%(column)s”.", column=column.text))
        case ColumnType.TEXT, TextValue(text):
            check_text(text, CELL_CHARACTERS)
        case ColumnType.NUMBER, NumberValue(amount):
            if amount is None or exact_number(amount) is None:
                raise AnswerError(_NUMBER)
        case ColumnType.DATE, DateValue():
            pass
        case ColumnType.SINGLE, ChoiceValue(key) if key in dict(_pairs(column)):
            pass
        case _other:
            raise AnswerError(_("Fill in “%(column)s” anew.", column=column.text))


def cell_text(column: Column, cell: CellValue | None, language: str) -> str:
    """Return a cell for a page."""
    match cell:
        case TextValue(text):
            return text
        case NumberValue(amount) if amount is not None:
            return write_number(amount, language)
        case DateValue(day):
            return write_day(day, language)
        case ChoiceValue(key):
            return dict(_pairs(column)).get(key, key)
    return ""


def cell_out(column: Column, cell: CellValue | None, language: str) -> str:
    """Return a cell so that `parse_cell` reads the same."""
    match cell:
        case TextValue(text):
            return text
        case NumberValue(amount) if amount is not None:
            return write_number(amount, language, grouped=False)
        case DateValue(day):
            return day.isoformat()
        case ChoiceValue(key):
            return cell_name(_pairs(column), key)
    return ""


def cell_json(cell: CellValue) -> str:
    """Return a filled cell as JSON."""
    match cell:
        case TextValue(text):
            return text
        case NumberValue(amount):
            return format(amount or Decimal(0), "f")
        case DateValue(day):
            return day.isoformat()
        case ChoiceValue(key):
            return key


def cell_from_json(column: Column, data: Any) -> CellValue:
    """Read what `cell_json` wrote. Raises AnswerError."""
    if column.type is ColumnType.DATE:
        return DateValue(iso_day(data))
    if column.type is ColumnType.NUMBER:
        number = read_number(data, GIVEN_LANGUAGE) if isinstance(data, str) else exact_number(data)
        if number is None:
            raise AnswerError(_NUMBER)
        return NumberValue(number)
    if not isinstance(data, str):
        raise AnswerError(_("Write the answer as text."))
    return ChoiceValue(data) if column.type is ColumnType.SINGLE else TextValue(data)


def cell_json_schema(column: Column) -> JsonSchema:
    """Return the JSON Schema of a cell."""
    match column.type:
        case ColumnType.TEXT:
            return {"type": "string", "minLength": 1, "maxLength": CELL_CHARACTERS}
        case ColumnType.NUMBER:
            pattern = r"^-?[0-9]+(\.[0-9]+)?$"
            return {"anyOf": [{"type": "string", "pattern": pattern}, {"type": "number"}]}
        case ColumnType.DATE:
            return {"type": "string", "format": "date"}
        case ColumnType.SINGLE:
            return {"enum": [option.key for option in column.options]}


def _pairs(column: Column) -> list[tuple[str, str]]:
    return [(option.key, option.text) for option in column.options]
