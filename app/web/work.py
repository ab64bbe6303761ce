"""What waits for a person: features give sources, the start page shows their items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.access.actor import Actor


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing that waits. `title` begins with a verb, `button` repeats it, `detail` says of what.

    `tone` tints the tile: '' (plain), 'accent', 'wait' or 'stop'.
    """

    icon: str
    title: str
    detail: str
    href: str
    button: str
    date: dt.date | dt.datetime | None = None
    late: bool = False
    tone: str = ""


WorkSource = Callable[[Session, Actor], list[WorkItem]]


class WorkSources:
    """All sources, asked in the order in which they were added; each costs few statements."""

    def __init__(self) -> None:
        """Start empty."""
        self._sources: list[WorkSource] = []

    def add(self, source: WorkSource) -> None:
        """Add a source; called from `wiring.init_app`."""
        self._sources.append(source)

    def items_for(self, session: Session, actor: Actor) -> list[WorkItem]:
        """Return what waits for the actor, oldest date first, undated last."""
        found = [item for source in self._sources for item in source(session, actor)]
        return sorted(found, key=_sort_key)


def _sort_key(item: WorkItem) -> tuple[bool, str]:
    return (item.date is None, item.date.isoformat() if item.date else "")
