"""The rail: features add their entries at start, each with the rule of the page it opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request, url_for
from flask_babel import LazyString

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
class Item:
    """An entry as a page shows it to one person."""

    label: str
    icon: str
    href: str
    current: bool
    count: int | None


class Navigation:
    """All entries; filtered for the person who looks."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """Add an entry; called from `wiring.init_app`."""
        self._entries.append(entry)

    def groups_for(self, actor: Actor) -> list[list[Item]]:
        """Return the groups with what the actor may open; empty groups are left out."""
        entries = sorted(
            (entry for entry in self._entries if actor.may(entry.access)),
            key=lambda entry: (entry.group, entry.order),
        )
        groups: dict[int, list[Item]] = {}
        for entry in entries:
            blueprints = {entry.endpoint.split(".")[0], *entry.owns}
            groups.setdefault(entry.group, []).append(
                Item(
                    label=str(entry.label),
                    icon=entry.icon,
                    href=url_for(entry.endpoint),
                    current=request.blueprint in blueprints,
                    count=entry.count(actor) if entry.count else None,
                )
            )
        return [groups[number] for number in sorted(groups)]
