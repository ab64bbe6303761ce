"""The kinds of values in a document: each reads strictly, writes back, and describes itself.

They are marshmallow fields. Messages say what to write; `json_schema` is the same rule for
machines, so that the published schema cannot drift from what is accepted.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Generic, TypeVar

from marshmallow import ValidationError, fields

from questionnaires.engine.exact_numbers import exact_number, json_number
from questionnaires.engine.limits import ERRORS_SHOWN, NUMBER_DECIMALS, NUMBER_DIGITS
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.translation import frozen_map

T = TypeVar("T")
E = TypeVar("E", bound=enum.StrEnum)
JsonSchema = dict[str, Any]

LOWER_KEY = r"[a-z0-9][a-z0-9.-]{0,59}"
MIXED_KEY = r"[A-Za-z0-9][A-Za-z0-9.-]{0,59}"
LANGUAGE = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?"
CONTROL_ID = r"[A-Za-z0-9]([A-Za-z0-9 .,:()&/_-]{0,58}[A-Za-z0-9)])?"
ANNEX_ID = r"[A-Z](\.[0-9]{1,3}){1,3}"

_HTML = re.compile(r"<(?!https?://)[/!?A-Za-z]")
# Turning the direction of writing inside a text can make it read as something else.
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Halves of a pair of code units have no UTF-8.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROLS_AND_LINES = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class DocumentField(fields.Field[T]):
    """A field that describes itself as JSON Schema."""

    default_error_messages = {  # noqa: RUF012  marshmallow copies it for each field
        "required": _("Add this key: it is needed here."),
        "null": _("Write a value here, or leave the key out."),
    }

    def json_schema(self) -> JsonSchema:
        """Return the JSON Schema of one value."""
        raise ValidationError(f"{type(self).__name__} does not describe itself")


def text_problem(text: str, *, lines: bool) -> str | None:
    """Return what is wrong with the characters of a text, or None. `lines` allows line ends."""
    if _DIRECTION.search(text):
        return _("Take out the hidden characters that turn the direction of writing.")
    if lines:
        if _CONTROLS.search(text):
            return _("Take out the control characters; only line ends and tabs may stand here.")
    elif _CONTROLS_AND_LINES.search(text):
        return _("Write one line, without line ends or control characters.")
    return None


class Text(DocumentField[str]):
    """Plain text of one line, or Markdown without HTML of several."""

    def __init__(self, longest: int, *, markdown: bool = False, **options: Any) -> None:
        """`longest` counts characters."""
        super().__init__(**options)
        self.longest = longest
        self.markdown = markdown

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError(_("Write a text here, in quotes."))
        if not value.strip():
            raise ValidationError(_("Write a text here, or leave the key out."))
        if len(value) > self.longest:
            raise ValidationError(
                _(
                    "Shorten this text to %(longest)s characters; it has %(count)s.",
                    longest=self.longest,
                    count=len(value),
                )
            )
        problem = text_problem(value, lines=self.markdown)
        if problem:
            raise ValidationError(problem)
        if self.markdown and _HTML.search(value):
            raise ValidationError(_("Write Markdown without HTML tags."))
        return value

    def json_schema(self) -> JsonSchema:
        """Return the JSON Schema of one text."""
        return {"type": "string", "minLength": 1, "maxLength": self.longest}


class Key(DocumentField[str]):
    """A name that fits a pattern."""

    def __init__(self, pattern: str, example: str, **options: Any) -> None:
        """`example` is shown to whoever wrote something else."""
        super().__init__(**options)
        self.pattern = pattern
        self.example = example
        self._fits = re.compile(pattern).fullmatch

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError(
                _("Write a short name in quotes, such as “%(example)s”.", example=self.example)
            )
        if not self._fits(value):
            raise ValidationError(
                _(
                    "Use only letters, digits, dots and hyphens, such as “%(example)s”.",
                    example=self.example,
                )
                if self.pattern == MIXED_KEY
                else _(
                    "Use at most 60 lower-case letters, digits, dots and hyphens, "
                    "such as “%(example)s”.",
                    example=self.example,
                )
                if self.pattern == LOWER_KEY
                else _("Write it like “%(example)s”.", example=self.example)
            )
        return value

    def json_schema(self) -> JsonSchema:
        """Return the JSON Schema of one key."""
        return {"type": "string", "pattern": f"^{self.pattern}$"}


class Whole(DocumentField[int]):
    """A whole number within bounds; true, "5" and 5.0 are none."""

    def __init__(self, lowest: int, highest: int, **options: Any) -> None:
        """Both bounds are allowed."""
        super().__init__(**options)
        self.lowest = lowest
        self.highest = highest

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> int:
        if type(value) is not int or not self.lowest <= value <= self.highest:
            raise ValidationError(
                _(
                    "Write a whole number from %(lowest)s to %(highest)s, without quotes.",
                    lowest=self.lowest,
                    highest=self.highest,
                )
            )
        return value

    def json_schema(self) -> JsonSchema:
        """Return the JSON Schema of one whole number."""
        return {"type": "integer", "minimum": self.lowest, "maximum": self.highest}


class Flag(DocumentField[bool]):
    """True or false and nothing like it."""

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError(_("Write true or false, without quotes."))
        return value

    def json_schema(self) -> JsonSchema:
        """Return the JSON Schema of true and false."""
        return {"type": "boolean"}


class Word(DocumentField[E], Generic[E]):
    """One of few words."""

    def __init__(self, words: type[E], **options: Any) -> None:
        """`words` lists them."""
        super().__init__(**options)
        self.words = words

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> E:
        try:
            return self.words(value)
        except ValueError:
            known = ", ".join(word.value for word in self.words)
            raise ValidationError(_("Write one of these: %(known)s.", known=known)) from None

    def _serialize(self, value: E | None, *_rest: Any, **_more: Any) -> str | None:
        return None if value is None else value.value

    def json_schema(self) -> JsonSchema:
        """Return the JSON Schema of the words."""
        return {"enum": [word.value for word in self.words]}


class Amount(DocumentField[Decimal]):
    """An exact number of at most 15 digits, 6 of them after the point."""

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> Decimal:
        number = exact_number(value)
        if number is None:
            raise ValidationError(
                _(
                    "Write a number without quotes, of at most %(digits)s digits and "
                    "%(decimals)s after the point.",
                    digits=NUMBER_DIGITS,
                    decimals=NUMBER_DECIMALS,
                )
            )
        return number

    def _serialize(self, value: Decimal | None, *_rest: Any, **_more: Any) -> int | float | None:
        return None if value is None else json_number(value)

    def json_schema(self) -> JsonSchema:
        """Return the JSON Schema of a number."""
        return {"type": "number"}


class Listed(DocumentField[tuple[Any, ...]]):
    """A list of values of one kind; read into a tuple."""

    def __init__(
        self,
        inner: DocumentField[Any],
        at_most: int,
        *,
        exactly: int | None = None,
        distinct: bool = False,
        **options: Any,
    ) -> None:
        """`exactly` is the only length besides none; `distinct` refuses a value said twice."""
        super().__init__(**options)
        self.inner = inner
        self.at_most = at_most
        self.exactly = exactly
        self.distinct = distinct

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValidationError(_("Write a list here."))
        if len(value) > self.at_most:
            raise ValidationError(
                _(
                    "Shorten this list to %(at_most)s entries; it has %(count)s.",
                    at_most=self.at_most,
                    count=len(value),
                )
            )
        if self.exactly is not None and len(value) != self.exactly:
            raise ValidationError(
                _("Write all %(count)s entries, or leave the list out.", count=self.exactly)
            )
        read: list[Any] = []
        errors: dict[int, Any] = {}
        for place, entry in enumerate(value):
            if len(errors) > ERRORS_SHOWN:
                break
            try:
                read.append(self.inner.deserialize(entry))
            except ValidationError as error:
                errors[place] = error.messages
                continue
            if self.distinct and read[-1] in read[:-1]:
                errors[place] = [_("This stands in the list already: take one of them out.")]
        if errors:
            raise ValidationError(errors)
        return tuple(read)

    def _serialize(self, value: Sequence[Any] | None, *_rest: Any, **_more: Any) -> list[Any]:
        return [self.inner._serialize(entry, None, None) for entry in value or ()]

    def json_schema(self) -> JsonSchema:
        """Return the JSON Schema of the list."""
        schema: JsonSchema = {
            "type": "array",
            "items": self.inner.json_schema(),
            "maxItems": self.at_most,
        }
        if self.exactly is not None:
            schema["maxItems"] = self.exactly
            schema["minItems"] = self.exactly
        if self.distinct:
            schema["uniqueItems"] = True
        return schema


class Mapped(DocumentField[Mapping[str, Any]]):
    """Values by key; read into a map that cannot be changed."""

    def __init__(self, key: Key, inner: DocumentField[Any], at_most: int, **options: Any) -> None:
        """`key` checks the keys, `inner` the values."""
        super().__init__(**options)
        self.key = key
        self.inner = inner
        self.at_most = at_most

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError(_("Write keys with values here."))
        if len(value) > self.at_most:
            raise ValidationError(
                _(
                    "Shorten this to %(at_most)s entries; it has %(count)s.",
                    at_most=self.at_most,
                    count=len(value),
                )
            )
        read: dict[str, Any] = {}
        errors: dict[Any, Any] = {}
        for name, entry in value.items():
            if len(errors) > ERRORS_SHOWN:
                break
            try:
                read[str(self.key.deserialize(name))] = self.inner.deserialize(entry)
            except ValidationError as error:
                errors[name] = error.messages
        if errors:
            raise ValidationError(errors)
        return frozen_map(read)

    def _serialize(
        self, value: Mapping[str, Any] | None, *_rest: Any, **_more: Any
    ) -> dict[str, Any]:
        entries = (value or {}).items()
        return {name: self.inner._serialize(entry, None, None) for name, entry in entries}

    def json_schema(self) -> JsonSchema:
        """Return the JSON Schema of the map."""
        return {
            "type": "object",
            "propertyNames": {"pattern": f"^{self.key.pattern}$"},
            "additionalProperties": self.inner.json_schema(),
            "maxProperties": self.at_most,
        }
