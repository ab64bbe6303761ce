"""Reads plain data of framework and crosswalk files: strict, with the place of what is wrong.

A framework holds `entries`, each with its `parts`, so that the file shows the tree; in memory
they are one list in which each entry names the one above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from questionnaires.controls.definition import (
    Control,
    Crosswalk,
    CrosswalkRow,
    CrosswalkSource,
    Framework,
    Kind,
    Provenance,
    SourceKind,
    SupplierRelevance,
)

FRAMEWORK_FORMAT = "assay-framework/1"
CROSSWALK_FORMAT = "assay-crosswalk/1"
ENTRY_DEPTH = 8

W = TypeVar("W", bound=StrEnum)


class CatalogueError(ValueError):
    """A framework or crosswalk cannot be read. The message starts with the place."""


def parse_framework(data: Any) -> Framework:
    """Return the framework that plain data describes.

    Raises CatalogueError for what is missing, unknown, of the wrong type or named twice.
    """
    part = _Part(data, "framework")
    part.expect_format(FRAMEWORK_FORMAT)
    key = part.text("key")
    controls = tuple(_entries(part.parts("entries"), key, None, 1))
    _refuse_twice([control.id for control in controls], "entries")
    framework = Framework(
        key=key,
        title=part.text("title"),
        version=part.text("version"),
        publisher=part.text("publisher"),
        summary=part.text("summary"),
        notes=part.texts("notes"),
        controls=controls,
    )
    part.refuse_rest()
    return framework


def _entries(
    parts: Sequence[_Part], framework: str, parent: str | None, depth: int
) -> Iterator[Control]:
    for part in parts:
        if depth > ENTRY_DEPTH:
            raise CatalogueError(f"{part.place}: Parts can stand {ENTRY_DEPTH} levels deep at most")
        control = Control(
            framework=framework,
            id=part.text("id"),
            kind=part.word("kind", Kind),
            title=part.text("title"),
            parent=parent,
            summary=part.optional("summary"),
            guidance=part.optional("guidance"),
            supplier_relevance=part.optional_word("supplier_relevance", SupplierRelevance),
            relevance_reason=part.optional("relevance_reason"),
            applies_to=part.optional("applies_to"),
            doubt=part.optional("doubt"),
        )
        below = part.parts("parts", needed=False)
        part.refuse_rest()
        yield control
        yield from _entries(below, framework, control.id, depth + 1)


def parse_crosswalk(data: Any) -> Crosswalk:
    """Return the crosswalk that plain data describes.

    A row names its doubt and its sources by key. Raises CatalogueError like `parse_framework`,
    for keys that are not there, for a row that stands twice, and for a provenance that its
    sources do not bear out. Whether the controls exist is for the catalogue to say.
    """
    part = _Part(data, "crosswalk")
    part.expect_format(CROSSWALK_FORMAT)
    framework = part.text("framework")
    sources = tuple(_source(source) for source in part.parts("sources"))
    _refuse_twice([source.key for source in sources], "sources")
    doubts = dict(_doubt(doubt) for doubt in part.parts("doubts"))
    by_key = {source.key: source for source in sources}
    rows = tuple(_row(row, framework, by_key, doubts) for row in part.parts("rows"))
    _refuse_twice([f"{r.control} {r.to_framework} {r.to_control}" for r in rows], "rows")
    crosswalk = Crosswalk(
        framework=framework,
        summary=part.text("summary"),
        notes=part.texts("notes"),
        sources=sources,
        rows=rows,
    )
    part.refuse_rest()
    return crosswalk


def _source(part: _Part) -> CrosswalkSource:
    source = CrosswalkSource(
        key=part.text("key"),
        kind=part.word("kind", SourceKind),
        title=part.text("title"),
        url=part.optional("url"),
        doubt=part.optional("doubt"),
    )
    part.refuse_rest()
    return source


def _doubt(part: _Part) -> tuple[str, str]:
    doubt = part.text("key"), part.text("text")
    part.refuse_rest()
    return doubt


def _row(
    part: _Part,
    framework: str,
    sources: Mapping[str, CrosswalkSource],
    doubts: Mapping[str, str],
) -> CrosswalkRow:
    doubt = part.optional("doubt")
    if doubt is not None and doubt not in doubts:
        raise CatalogueError(f"{part.place}.doubt: “{doubt}” is not among the doubts")
    row = CrosswalkRow(
        framework=framework,
        control=part.text("control"),
        to_framework=part.text("framework"),
        to_control=part.text("to"),
        provenance=part.word("provenance", Provenance),
        sources=part.texts("sources"),
        doubt=None if doubt is None else doubts[doubt],
    )
    part.refuse_rest()
    unknown = [key for key in row.sources if key not in sources]
    if unknown:
        raise CatalogueError(f"{part.place}.sources: “{unknown[0]}” is not among the sources")
    kinds = {sources[key].kind for key in row.sources}
    if kinds != _SOURCES_OF[row.provenance]:
        raise CatalogueError(
            f"{part.place}.provenance: The sources do not bear out “{row.provenance}”"
        )
    return row


_SOURCES_OF: Mapping[Provenance, set[SourceKind]] = {
    Provenance.PUBLISHED: {SourceKind.PUBLISHED},
    Provenance.SUPPORTED: {SourceKind.SUPPORTING},
    Provenance.EDITORIAL: set(),
}


def _refuse_twice(names: Sequence[str], place: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise CatalogueError(f"{place}: “{name}” stands here twice")
        seen.add(name)


class _Part:
    """A dictionary of the data whose keys are taken out one by one."""

    def __init__(self, data: Any, place: str) -> None:
        if not isinstance(data, Mapping):
            raise CatalogueError(f"{place}: Write keys with values here")
        self.place = place
        self._rest = dict(data)

    def expect_format(self, wanted: str) -> None:
        if self._rest.pop("format", None) != wanted:
            raise CatalogueError(f"{self.place}.format: Write “{wanted}” here")

    def text(self, key: str) -> str:
        found = self.optional(key)
        if found is None:
            raise CatalogueError(f"{self.place}.{key}: Write a text here")
        return found

    def optional(self, key: str) -> str | None:
        found = self._rest.pop(key, None)
        if found is None:
            return None
        if not isinstance(found, str) or not found.strip():
            raise CatalogueError(f"{self.place}.{key}: Write a text here, in quotes if need be")
        return found.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(self._listed_text(entry, key) for entry in self._list(key, needed=False))

    def word(self, key: str, words: type[W]) -> W:
        return self._word(self.text(key), key, words)

    def optional_word(self, key: str, words: type[W]) -> W | None:
        found = self.optional(key)
        return None if found is None else self._word(found, key, words)

    def parts(self, key: str, *, needed: bool = True) -> list[_Part]:
        return [
            _Part(entry, f"{self.place}.{key}[{at}]")
            for at, entry in enumerate(self._list(key, needed=needed))
        ]

    def refuse_rest(self) -> None:
        if self._rest:
            key = next(iter(self._rest))
            raise CatalogueError(f"{self.place}: “{key}” is no key of this part")

    def _list(self, key: str, *, needed: bool) -> list[Any]:
        found = self._rest.pop(key, None)
        if found is None and not needed:
            return []
        if not isinstance(found, list) or (needed and not found):
            raise CatalogueError(f"{self.place}.{key}: Write a list here")
        return found

    def _listed_text(self, entry: Any, key: str) -> str:
        if not isinstance(entry, str) or not entry.strip():
            raise CatalogueError(f"{self.place}.{key}: Write a list of texts here")
        return entry.strip()

    def _word(self, found: str, key: str, words: type[W]) -> W:
        try:
            return words(found)
        except ValueError:
            known = ", ".join(words)
            raise CatalogueError(f"{self.place}.{key}: Write one of these: {known}") from None
