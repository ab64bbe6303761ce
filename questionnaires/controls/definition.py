"""Frameworks and controls in memory: frozen, with quick look-ups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

Pair = tuple[str, str]
"""A framework's key and the id of one of its controls."""


class Kind(StrEnum):
    """What an entry of a framework is. Only a control is something to be met and asked for."""

    CLAUSE = "clause"
    OBJECTIVE = "objective"
    GROUP = "group"
    CONTROL = "control"
    GOAL = "goal"
    RISK_SOURCE = "risk_source"
    SECTOR = "sector"
    FUNCTION = "function"
    CATEGORY = "category"
    ARTICLE = "article"
    PRACTICE = "practice"
    ANNEX = "annex"
    AREA = "area"
    PRINCIPLE = "principle"


class SupplierRelevance(StrEnum):
    """How much a control matters when a supplier is asked; our judgement."""

    CORE = "core"
    HIGH = "high"
    MEDIUM = "medium"
    ORGANISATION_ONLY = "organisation-only"


class Provenance(StrEnum):
    """Where a row of the crosswalk comes from, the surest first."""

    PUBLISHED = "published"
    SUPPORTED = "supported"
    EDITORIAL = "editorial"


class SourceKind(StrEnum):
    """Whether a source published pairs itself, or only points the same way as ours."""

    PUBLISHED = "published"
    SUPPORTING = "supporting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One entry of a framework.

    `summary` says what it asks and `guidance` how it can be met, both in our words. `doubt` says
    what about it could not be made sure, or is None.
    """

    framework: str
    id: str
    kind: Kind
    title: str
    parent: str | None = None
    summary: str | None = None
    guidance: str | None = None
    supplier_relevance: SupplierRelevance | None = None
    relevance_reason: str | None = None
    applies_to: str | None = None
    doubt: str | None = None

    @property
    def is_asked_of_suppliers(self) -> bool:
        """Whether a supplier can be asked for it; so unless it is known to be ours alone."""
        return self.supplier_relevance is not SupplierRelevance.ORGANISATION_ONLY


@dataclass(frozen=True, kw_only=True)
class Framework:
    """A collection of controls, in its own order; an entry stands before its parts."""

    key: str
    title: str
    version: str
    publisher: str
    summary: str
    notes: tuple[str, ...] = ()
    controls: tuple[Control, ...] = ()

    @cached_property
    def _by_id(self) -> Mapping[str, Control]:
        return MappingProxyType({control.id: control for control in self.controls})

    @cached_property
    def _parts(self) -> Mapping[str | None, tuple[Control, ...]]:
        parts: dict[str | None, list[Control]] = {}
        for control in self.controls:
            parts.setdefault(control.parent, []).append(control)
        return MappingProxyType({parent: tuple(found) for parent, found in parts.items()})

    def control(self, id: str) -> Control | None:
        """Return the entry with this id, or None."""
        return self._by_id.get(id)

    def parts(self, id: str | None = None) -> tuple[Control, ...]:
        """Return what stands directly under an entry; without an id, what stands at the top."""
        return self._parts.get(id, ())

    def of_kind(self, kind: Kind) -> tuple[Control, ...]:
        """Return all entries of one kind."""
        return tuple(control for control in self.controls if control.kind is kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrosswalkSource:
    """Who published rows of the crosswalk, or supports them."""

    key: str
    kind: SourceKind
    title: str
    url: str | None = None
    doubt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrosswalkRow:
    """Two controls that are about the same thing. It never says that meeting one meets the other.

    `sources` are keys of the crosswalk's sources; an editorial row has none.
    """

    framework: str
    control: str
    to_framework: str
    to_control: str
    provenance: Provenance
    sources: tuple[str, ...] = ()
    doubt: str | None = None


@dataclass(frozen=True, kw_only=True)
class Crosswalk:
    """Rows from the controls of one framework to those of others."""

    framework: str
    summary: str
    notes: tuple[str, ...] = ()
    sources: tuple[CrosswalkSource, ...] = ()
    rows: tuple[CrosswalkRow, ...] = ()

    @cached_property
    def _by_pair(self) -> Mapping[Pair, tuple[CrosswalkRow, ...]]:
        found: dict[Pair, list[CrosswalkRow]] = {}
        for row in self.rows:
            found.setdefault((row.framework, row.control), []).append(row)
            found.setdefault((row.to_framework, row.to_control), []).append(row)
        return MappingProxyType({pair: tuple(rows) for pair, rows in found.items()})

    def rows_of(self, framework: str, control: str) -> tuple[CrosswalkRow, ...]:
        """Return the rows that name a control, on either side."""
        return self._by_pair.get((framework, control), ())

    def source(self, key: str) -> CrosswalkSource | None:
        """Return the source with this key, or None."""
        return next((source for source in self.sources if source.key == key), None)
