"""State tables: every state moves only through a row of its table."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Generic, TypeVar

from app.kernel.errors import Conflict

S = TypeVar("S", bound=enum.StrEnum)
A = TypeVar("A", bound=enum.StrEnum)


class Transitions(Generic[S, A]):
    """An immutable table (state, action) → state."""

    def __init__(self, name: str, table: Mapping[tuple[S, A], S]) -> None:
        """Keep the table; `name` is what people call the thing, for sentences."""
        self.name = name
        self._table = dict(table)

    def after(self, state: S, action: A) -> S:
        """Return the state that follows; raise Conflict when the table has no such row."""
        try:
            return self._table[(state, action)]
        except KeyError:
            raise Conflict(
                f"This {self.name} is {state.value.replace('_', ' ')}, so this cannot be done "
                "any more. Reload the page to see where it stands.",
                code="wrong_state",
                details={"state": state.value, "action": action.value},
            ) from None

    def allows(self, state: S, action: A) -> bool:
        """Return whether `action` is possible in `state`; buttons are drawn from it."""
        return (state, action) in self._table

    def actions(self, state: S) -> list[A]:
        """Return the actions possible in `state`, in the order of the table."""
        return [action for (start, action) in self._table if start is state]

    def rows(self) -> list[tuple[S, A, S]]:
        """Return all rows as (state, action, next state)."""
        return [(state, action, after) for (state, action), after in self._table.items()]
