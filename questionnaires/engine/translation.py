"""The texts of a questionnaire in another language, by the keys of what they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


def frozen_map(values: Mapping[K, V]) -> Mapping[K, V]:
    """Return a copy that cannot be changed."""
    return MappingProxyType(dict(values))


def no_entries() -> Mapping[str, Any]:
    """Return an empty map, as a default."""
    return frozen_map({})


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionTexts:
    """An option in another language."""

    text: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnTexts:
    """A column in another language; `options` by key."""

    text: str | None = None
    options: Mapping[str, str] = field(default_factory=no_entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionTexts:
    """A question in another language. What is missing is shown in the source language."""

    text: str | None = None
    hint: str | None = None
    looking_for: str | None = None
    warning: str | None = None
    unit: str | None = None
    evidence: str | None = None
    unknown_option: str | None = None
    options: Mapping[str, OptionTexts] = field(default_factory=no_entries)
    levels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    columns: Mapping[str, ColumnTexts] = field(default_factory=no_entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionTexts:
    """A section in another language."""

    title: str | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The texts of a document in another language, by key."""

    title: str | None = None
    summary: str | None = None
    modules: Mapping[str, str] = field(default_factory=no_entries)
    sections: Mapping[str, SectionTexts] = field(default_factory=no_entries)
    questions: Mapping[str, QuestionTexts] = field(default_factory=no_entries)
