"""Looks over a document before it is read: quick, without recursion, stops at the first limit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from questionnaires.engine.document_errors import DocumentErrors, PathPart, one_error
from questionnaires.engine.limits import (
    DOCUMENT_BYTES,
    DOCUMENT_DEPTH,
    DOCUMENT_NODES,
    DOCUMENT_OBJECTS,
    MARKDOWN_CHARACTERS,
    QUESTIONS,
    SECTIONS,
)
from questionnaires.engine.sentences import Sentence as _

TOO_LARGE = _("The document is too large for one questionnaire: split it into several.")
_LONGEST_TEXT = 4 * MARKDOWN_CHARACTERS
_PLAIN = (str, bool, int, float, Decimal, type(None))
# A step is where a value hangs: its key or place, and the step above.
_Step = tuple[PathPart, Any] | None


class SaidTwice:
    """Stands for a value whose key an object has twice; readers of text leave it behind."""


def check_limits(data: Any) -> None:
    """Raise DocumentErrors when `data` is no plain data, too large, too deep or has keys twice."""
    if not isinstance(data, dict):
        raise one_error((), _("Write keys such as “format”, “title” and “sections” at the top."))
    _count_questions(data.get("sections"))
    left, objects_left, text_left = DOCUMENT_NODES, DOCUMENT_OBJECTS, DOCUMENT_BYTES
    waiting: list[tuple[Any, _Step, int]] = [(data, None, 0)]
    while waiting:
        value, step, depth = waiting.pop()
        if isinstance(value, dict | list):
            if depth >= DOCUMENT_DEPTH:
                raise _error(
                    step, _("This is nested more than %(depth)s deep.", depth=DOCUMENT_DEPTH)
                )
            left -= len(value)
            objects_left -= isinstance(value, dict)
            if left < 0 or objects_left < 0:
                raise _error(step, TOO_LARGE)
        if isinstance(value, dict):
            for key, inner in value.items():
                if not isinstance(key, str):
                    raise _error(step, _("Put the key “%(key)s” in quotes.", key=_short(key)))
                waiting.append((inner, (key, step), depth + 1))
        elif isinstance(value, list):
            waiting.extend((inner, (place, step), depth + 1) for place, inner in enumerate(value))
        else:
            _check_plain(value, step)
            if isinstance(value, str):
                text_left -= len(value)
                if text_left < 0:
                    raise _error(step, TOO_LARGE)


def _check_plain(value: Any, step: _Step) -> None:
    if isinstance(value, SaidTwice):
        raise _error(step, _("This key stands here twice: take one of them out."))
    if not isinstance(value, _PLAIN):
        raise _error(step, _("Write a text, a number, true or false here, or a list of them."))
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        raise _error(
            step,
            _("Shorten this text: no text has more than %(most)s characters.", most=_LONGEST_TEXT),
        )


def _count_questions(sections: Any) -> None:
    """Count first what people would count: the message then says what is too many."""
    if not isinstance(sections, list):
        return
    if len(sections) > SECTIONS:
        raise one_error(
            ("sections",),
            _(
                "A questionnaire has at most %(most)s sections; this one has %(count)s.",
                most=SECTIONS,
                count=len(sections),
            ),
        )
    lists = [section.get("questions") for section in sections if isinstance(section, dict)]
    count = sum(len(questions) for questions in lists if isinstance(questions, list))
    if count > QUESTIONS:
        raise one_error(
            ("sections",),
            _(
                "A questionnaire has at most %(most)s questions; this one has %(count)s.",
                most=QUESTIONS,
                count=count,
            ),
        )


def _error(step: _Step, message: str) -> DocumentErrors:
    path: list[PathPart] = []
    while step is not None:
        part, step = step
        path.append(part)
    return one_error(path[::-1], message)


def _short(key: Any) -> str:
    text = repr(key) if isinstance(key, bool | int | float | type(None)) else type(key).__name__
    return text[:40]
