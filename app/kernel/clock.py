"""The one clock. Everything that asks for the time asks here, so that tests can move it."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """Return the present instant, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def today(zone: dt.tzinfo) -> dt.date:
    """Return the present date in `zone`: the zone in which due dates end."""
    return now().astimezone(zone).date()
