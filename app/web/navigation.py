"""The rail: features add their entries at start, each with the rule of the page it opens.

Pages of Administration are no entries of their own: packages add them as sections, and the
rail shows one entry that opens the first section that the actor may see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.access.permissions import AccessRule


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the rail. `group` 0 is the top; `order` sorts within the group.

    `count`, if given, says how many things wait there for the actor; None shows no number.
    `owns` are blueprint names whose pages belong to this entry.
    """

    label: LazyString | str
    icon: str
    endpoint: str
    access: AccessRule
    group: int
    order: int
    owns: tuple[str, ...] = ()
    count: Callable[[Actor], int | None] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One part of Administration: a tab there. `order` sorts; `owns` are further blueprints."""

    label: LazyString | str
    endpoint: str
    access: AccessRule
    order: int
    owns: tuple[str, ...] = ()


ADMINISTRATION = _l("Administration")
_ADMINISTRATION_GROUP, _ADMINISTRATION_ORDER = 2, 90


@dataclass(frozen=True, slots=True)
class Tab:
    """A section as a page shows it to one person."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as a page shows it to one person."""

    label: str
    icon: str
    href: str
    current: bool
    count: int | None


class Navigation:
    """All entries and sections; filtered for the person who looks."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: list[Entry] = []
        self._sections: list[Section] = []

    def add(self, entry: Entry) -> None:
        """Add an entry; called from `wiring.init_app`."""
        self._entries.append(entry)

    def add_section(self, section: Section) -> None:
        """Add a part of Administration; called from `wiring.init_app`."""
        self._sections.append(section)

    def sections_for(self, actor: Actor) -> list[Tab]:
        """Return the parts of Administration that the actor may open, in their order."""
        return [
            Tab(str(section.label), url_for(section.endpoint), _is_here(section))
            for section in self._open_sections(actor)
        ]

    def groups_for(self, actor: Actor) -> list[list[Item]]:
        """Return the groups with what the actor may open; empty groups are left out."""
        entries = [entry for entry in self._entries if actor.may(entry.access)]
        sections = self._open_sections(actor)
        if sections:
            entries.append(_administration(sections))
        groups: dict[int, list[Item]] = {}
        for entry in sorted(entries, key=lambda entry: (entry.group, entry.order)):
            groups.setdefault(entry.group, []).append(
                Item(
                    label=str(entry.label),
                    icon=entry.icon,
                    href=url_for(entry.endpoint),
                    current=_is_here(entry),
                    count=entry.count(actor) if entry.count else None,
                )
            )
        return [groups[number] for number in sorted(groups)]

    def _open_sections(self, actor: Actor) -> list[Section]:
        found = [section for section in self._sections if actor.may(section.access)]
        return sorted(found, key=lambda section: section.order)


def _administration(sections: list[Section]) -> Entry:
    """Return the one entry of the rail that stands for these sections."""
    first = sections[0]
    owned = [_blueprint(section.endpoint) for section in sections]
    return Entry(
        label=ADMINISTRATION,
        icon="gear",
        endpoint=first.endpoint,
        access=first.access,
        group=_ADMINISTRATION_GROUP,
        order=_ADMINISTRATION_ORDER,
        owns=(*owned, *(name for section in sections for name in section.owns)),
    )


def _is_here(entry: Entry | Section) -> bool:
    return request.blueprint in {_blueprint(entry.endpoint), *entry.owns}


def _blueprint(endpoint: str) -> str:
    return endpoint.split(".", maxsplit=1)[0]
