"""Moves the portal's clock. Waiting for the clock is what slow and unsteady tests do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import time_machine

START = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
"""A Monday morning: where the clock of a test stands at first."""


class Clock:
    """Stands still until it is moved. Durations (time.monotonic) run on."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        """Move the clock of `traveller`."""
        self._traveller = traveller

    @property
    def now(self) -> dt.datetime:
        """Return where the clock stands."""
        return dt.datetime.now(dt.UTC)

    def forward(self, **amount: float) -> dt.datetime:
        """Move on by an amount of timedelta's words (`days=3, minutes=1`); return where to."""
        self._traveller.shift(dt.timedelta(**amount))
        return self.now

    def set(self, instant: dt.datetime) -> None:
        """Put the clock to an instant."""
        assert instant.tzinfo is not None, "an instant needs a zone"
        self._traveller.move_to(instant)


@contextmanager
def standing_clock(start: dt.datetime = START) -> Iterator[Clock]:
    """Yield a clock that stands at `start`."""
    with time_machine.travel(start, tick=False) as traveller:
        yield Clock(traveller)
