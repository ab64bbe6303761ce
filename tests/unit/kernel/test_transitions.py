"""State tables refuse what has no row, in words."""

from __future__ import annotations

import enum

import pytest

from app.kernel.errors import Conflict
from app.kernel.transitions import Transitions


class Door(enum.StrEnum):
    OPEN = "open"
    HALF_OPEN = "half_open"


class Act(enum.StrEnum):
    CLOSE = "close"
    PUSH = "push"


TABLE = Transitions("door", {(Door.OPEN, Act.PUSH): Door.HALF_OPEN})


def test_moves_by_its_rows() -> None:
    assert TABLE.after(Door.OPEN, Act.PUSH) is Door.HALF_OPEN
    assert TABLE.actions(Door.OPEN) == [Act.PUSH]
    assert TABLE.rows() == [(Door.OPEN, Act.PUSH, Door.HALF_OPEN)]


def test_refuses_the_rest_and_says_where_it_stands() -> None:
    assert not TABLE.allows(Door.HALF_OPEN, Act.CLOSE)
    with pytest.raises(Conflict, match="This door is half open") as caught:
        TABLE.after(Door.HALF_OPEN, Act.CLOSE)
    assert caught.value.code == "wrong_state"
