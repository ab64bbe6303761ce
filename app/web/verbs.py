"""Words for what was done: the audit trail keeps stable verbs, people read these."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import LazyString

_VERBS: dict[str, LazyString] = {}
_FIELDS: dict[str, LazyString] = {}
_SUBJECTS: dict[str, LazyString] = {}
_VALUES: dict[tuple[str, str], Callable[[str], str]] = {}


def describe(
    *,
    verbs: Mapping[str, LazyString],
    fields: Mapping[str, LazyString],
    subjects: Mapping[str, LazyString],
) -> None:
    """Add words; features call it when they are wired. A verb reads on after a name: "invited"."""
    _VERBS.update(verbs)
    _FIELDS.update(fields)
    _SUBJECTS.update(subjects)


def describe_value(subject_type: str, field: str, words: Callable[[str], str]) -> None:
    """Say how the text values of a field read; `words` gives back what it does not know."""
    _VALUES[subject_type, field] = words


def value_label(subject_type: str, field: str, value: str) -> str:
    """Return a recorded text value in words, or as it was recorded."""
    words = _VALUES.get((subject_type, field))
    return value if words is None else words(value)


def verb_label(verb: str) -> str:
    """Return the words for a verb, or the verb itself when an old version recorded it."""
    return str(_VERBS.get(verb, verb))


def field_label(field: str) -> str:
    """Return the words for a field in before and after."""
    return str(_FIELDS.get(field, field.replace("_", " ")))


def subject_label(subject_type: str) -> str:
    """Return the word for a kind of thing."""
    return str(_SUBJECTS.get(subject_type, subject_type.replace("_", " ")))


def known_verbs() -> list[str]:
    """Return all verbs that have words, sorted: the choices of a filter."""
    return sorted(_VERBS)


def known_subjects() -> list[str]:
    """Return all kinds of thing that have words, sorted."""
    return sorted(_SUBJECTS)
