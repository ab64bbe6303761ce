"""Time cut into slots: a periodic job is one job per slot, whoever asks. Pure."""

from __future__ import annotations

import datetime as dt

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def slot_start(now: dt.datetime, every: dt.timedelta, offset: dt.timedelta) -> dt.datetime:
    """Return the start of the slot of length `every` that `now` lies in.

    Slots are counted from 1970 in UTC, moved by `offset`: every=1 day with offset=3 hours
    starts at 03:00 UTC.
    """
    start = _EPOCH + offset
    return start + ((now - start) // every) * every
