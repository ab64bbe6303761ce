"""From JSON or YAML text to plain data: bounded, without tricks of either language.

YAML is read by its newer rules, in which only true and false are booleans: `no` stays a word,
and a date stays a text. Anchors that are used again, tags and several documents are refused.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]  # its types are a package of their own

from questionnaires.engine.document_errors import DocumentError, DocumentErrors
from questionnaires.engine.document_limits import TOO_LARGE, SaidTwice
from questionnaires.engine.limits import DOCUMENT_BYTES, DOCUMENT_DEPTH, DOCUMENT_NODES
from questionnaires.engine.sentences import Sentence as _

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]{1,300}|[0-9]{1,300}(\.[0-9]{0,300})?)([eE][-+]?[0-9]{1,3})?")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


def read_json(text: bytes | str) -> Any:
    """Return the plain data of a JSON text; numbers with a point are exact.

    Raises DocumentErrors.
    """
    try:
        return json.loads(
            _decoded(text),
            object_pairs_hook=_pairs,
            parse_float=Decimal,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        raise _refused(
            f"line {error.lineno}, column {error.colno}",
            _("This is no JSON. Look for a missing comma, quote or bracket here."),
        ) from None
    except RecursionError:
        raise _refused("", _("This is nested too deep to be a questionnaire.")) from None
    except ValueError:
        # The limit on digits of a whole number.
        raise _refused("", _("A number in this text has too many digits.")) from None


def read_yaml(text: bytes | str) -> Any:
    """Return the plain data of a YAML text. Raises DocumentErrors."""
    builder = _Builder()
    try:
        for event in yaml.parse(_decoded(text), Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise _refused(
            place, _("This is no YAML. Look at the indentation and the quotes here.")
        ) from None
    except yaml.YAMLError:
        raise _refused(
            "", _("Take out the control characters; only text may stand here.")
        ) from None
    return builder.result


def _decoded(text: bytes | str) -> str:
    size = len(text)
    if size > DOCUMENT_BYTES:
        raise _refused(
            "",
            _(
                "This text has %(size)s MB; a questionnaire has at most %(most)s MB.",
                size=-(-size // 1_000_000),
                most=DOCUMENT_BYTES // 1_000_000,
            ),
        )
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("", _("Save the text as UTF-8 and try again.")) from None


def _refused(place: str, message: str) -> DocumentErrors:
    return DocumentErrors([DocumentError(place, message)])


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = SaidTwice() if key in found else value
    return found


def _no_constant(name: str) -> Any:
    raise _refused("", _("Write a number in place of %(name)s.", name=name))


class _Builder:
    """Builds data from YAML's events, without recursion."""

    def __init__(self) -> None:
        self.result: Any = None
        self._documents = 0
        self._left = DOCUMENT_NODES
        # Each open list or map, with the key that waits for its value (maps only).
        self._open: list[tuple[Any, list[Any]]] = []

    def take(self, event: Any) -> None:
        """Take the next event."""
        if isinstance(event, yaml.ScalarEvent):
            self._check(event)
            self._put(_scalar(event), event)
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            self._check(event)
            if len(self._open) >= DOCUMENT_DEPTH:
                raise _at(event, _("This is nested too deep to be a questionnaire."))
            made: Any = [] if isinstance(event, yaml.SequenceStartEvent) else {}
            self._put(made, event)
            self._open.append((made, []))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.AliasEvent):
            raise _at(event, _("Write this part out: references with * are not read."))
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise _at(event, _("Put one document into one file: a second one begins here."))

    def _check(self, event: Any) -> None:
        self._left -= 1
        if self._left < 0:
            raise _at(event, TOO_LARGE)
        if event.tag is not None and event.tag != "!":
            raise _at(event, _("Take out the tag that begins with an exclamation mark."))

    def _put(self, value: Any, event: Any) -> None:
        if not self._open:
            self.result = value
            return
        holder, waiting = self._open[-1]
        if isinstance(holder, list):
            holder.append(value)
        elif waiting:
            key = waiting.pop()
            holder[key] = SaidTwice() if key in holder else value
        elif isinstance(event, yaml.ScalarEvent):
            # A key is text whatever it looks like: `yes:` and `2026:` are names here.
            waiting.append(event.value)
        else:
            raise _at(event, _("Write a single word as the key."))


def _at(event: Any, message: str) -> DocumentErrors:
    mark = event.start_mark
    return _refused(f"line {mark.line + 1}, column {mark.column + 1}", message)


def _scalar(event: Any) -> Any:
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _NUMBER.fullmatch(text) else text
