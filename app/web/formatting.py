"""How dates, times, numbers and sizes read, in the reader's language and the portal's zone."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _

from app.kernel import clock
from app.web.application import application

_DAY = "d MMM y"
_DAYS = {"de": "d. MMM y"}
"""How a day is written where it is not written as `_DAY`."""


def day_pattern(language: str) -> str:
    """Return how Babel writes a day in a language: 3 Dec 2026, 3. Dez. 2026."""
    return _DAYS.get(language.partition("_")[0], _DAY)


def zone() -> zoneinfo.ZoneInfo:
    """Return the zone in which dates are shown."""
    return zoneinfo.ZoneInfo(application().settings.timezone)


def _local_date(value: dt.date | dt.datetime) -> dt.date:
    return value.astimezone(zone()).date() if isinstance(value, dt.datetime) else value


def date(value: dt.date | dt.datetime) -> str:
    """Return 3 Dec 2026."""
    language = str(get_locale())
    return str(format_date(_local_date(value), day_pattern(language), locale=language))


def datetime(value: dt.datetime) -> str:
    """Return 3 Dec 2026, 14:02."""
    language = str(get_locale())
    pattern = f"{day_pattern(language)}, HH:mm"
    return str(format_datetime(value.astimezone(zone()), pattern, locale=language))


def clock_time(value: dt.datetime) -> str:
    """Return 14:02."""
    return str(format_datetime(value.astimezone(zone()), "HH:mm", locale=get_locale()))


def instant(value: dt.date | dt.datetime) -> str:
    """Return the machine's spelling for <time datetime=…>."""
    if isinstance(value, dt.datetime):
        return value.astimezone(zone()).isoformat(timespec="seconds")
    return value.isoformat()


def zone_name(value: dt.datetime) -> str:
    """Return the time with its zone, for the title of a time."""
    return str(format_datetime(value, "full", tzinfo=zone(), locale=get_locale()))


def ago(value: dt.date | dt.datetime) -> str:
    """Return the distance from now in words: today, in 10 days, 3 days ago, 5 minutes ago."""
    if isinstance(value, dt.datetime):
        distance = value - clock.now()
        if abs(distance) < dt.timedelta(minutes=1):
            return str(_("just now"))
        if abs(distance) < dt.timedelta(hours=22):
            return str(
                format_timedelta(distance, add_direction=True, threshold=1, locale=get_locale())
            )
    days = (_local_date(value) - clock.today(zone())).days
    if days == 0:
        return str(_("today"))
    return str(
        format_timedelta(
            dt.timedelta(days=days), granularity="day", threshold=1.5 if abs(days) < 14 else 1.1,
            add_direction=True, locale=get_locale(),
        )
    )  # fmt: skip


def is_past(value: dt.date | dt.datetime) -> bool:
    """Return whether the day (or instant) has passed."""
    if isinstance(value, dt.datetime):
        return value < clock.now()
    return value < clock.today(zone())


def number(value: float) -> str:
    """Return 12,345 or 30.82 with the reader's separators."""
    return str(format_decimal(value, locale=get_locale()))


def filesize(value: int) -> str:
    """Return 1.8 MB; sizes count in thousands, as operating systems show them."""
    size = float(value)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    digits = 0 if unit == "B" or size >= 100 else 1
    return f"{format_decimal(round(size, digits), locale=get_locale())} {unit}"


FILTERS = {
    "date": date,
    "datetime": datetime,
    "instant": instant,
    "zone_name": zone_name,
    "ago": ago,
    "is_past": is_past,
    "number": number,
    "filesize": filesize,
}
