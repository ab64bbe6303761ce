"""Words, numbers and days as people write them, in the language of a questionnaire."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal, get_decimal_symbol

from questionnaires.engine.exact_numbers import plain

_WORDS = {
    "en": {
        "yes": "Yes",
        "partial": "Partly",
        "no": "No",
        "not_applicable": "Does not apply",
        "level.0": "Not in place",
        "level.1": "Now and then",
        "level.2": "Written down",
        "level.3": "Working, with records",
        "level.4": "Measured and improved",
    },
    "de": {
        "yes": "Ja",
        "partial": "Teilweise",
        "no": "Nein",
        "not_applicable": "Trifft nicht zu",
        "level.0": "Nicht vorhanden",
        "level.1": "Ab und zu",
        "level.2": "Festgelegt und aufgeschrieben",
        "level.3": "In Betrieb, mit Nachweisen",
        "level.4": "Gemessen und verbessert",
    },
}
_FALLBACK = "en"
# What people put between groups of three digits: blanks of any width and apostrophes.
_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009'’]")
_NUMBER_PATTERN = "#,##0.######"
_PLAIN_PATTERN = "0.######"


def word(name: str, language: str) -> str:
    """Return a fixed word; in English where the language has none. Raises KeyError."""
    own = _WORDS.get(language.split("-", maxsplit=1)[0], _WORDS[_FALLBACK])
    return own[name]


@cache
def locale_of(language: str) -> Locale:
    """Return what is known about writing in a language; English when it is unknown."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_FALLBACK)


def write_number(number: Decimal, language: str, *, grouped: bool = True) -> str:
    """Return a number with the marks of a language: 1,234.5 or 1.234,5."""
    pattern = _NUMBER_PATTERN if grouped else _PLAIN_PATTERN
    return format_decimal(
        number, format=pattern, locale=locale_of(language), decimal_quantization=False
    )


def read_number(text: str, language: str) -> Decimal | None:
    """Return the number that a person wrote; None when it is none.

    The language's own marks are tried first, then the other usual ones: 72,5 is also understood
    in English, 72.5 in German. 1.234 is a thousand in German and little more than one in English.
    """
    compact = _BLANKS.sub("", text.strip()).replace("\u2212", "-")
    point = "," if get_decimal_symbol(locale_of(language)) == "," else "."
    for mark in (point, "," if point == "." else "."):
        group = "," if mark == "." else "."
        whole = rf"(?:\d{{1,3}}(?:{re.escape(group)}\d{{3}})+|\d+)"
        if re.fullmatch(rf"[+-]?{whole}(?:{re.escape(mark)}\d+)?", compact, re.ASCII):
            try:
                return plain(Decimal(compact.replace(group, "").replace(mark, ".")))
            except InvalidOperation:
                return None
    return None


def write_day(day: dt.date, language: str) -> str:
    """Return a day with its month as a word: 3 Dec 2026."""
    if locale_of(language).language == "en":
        return format_date(day, "d MMM y", locale="en")
    return format_date(day, "medium" if locale_of(language).language != "de" else "d. MMM y",
                       locale=locale_of(language))  # fmt: skip


@cache
def _months() -> dict[str, int]:
    names: dict[str, int] = {}
    for language in _WORDS:
        locale = locale_of(language)
        for width in ("wide", "abbreviated"):
            for use in ("format", "stand-alone"):
                for number, name in locale.months[use][width].items():
                    names[name.lower().rstrip(".")] = number
    # Short forms that people use beside those of the tables.
    return names | {"sept": 9, "mrz": 3, "maerz": 3, "jaenner": 1, "jänner": 1}


_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.?\s*([^\W\d_]+)\.?,?\s*(\d{4})")
_MONTH_FIRST = re.compile(r"([^\W\d_]+)\.?\s*(\d{1,2}),?\s+(\d{4})")


def read_day(text: str) -> dt.date | None:
    """Return the day that a person wrote in an English or German way; None when it is none.

    3/4/2026 is not taken: in one country it is April, in the other March. 23/4/2026 is clear.
    """
    written = text.strip()
    if match := _ISO.fullmatch(written):
        year, month, day = (int(part) for part in match.groups())
        return _day(year, month, day)
    if match := _DOTTED.fullmatch(written):
        day, month, year = (int(part) for part in match.groups())
        return _day(year, month, day)
    if match := _SLASHED.fullmatch(written):
        first, second, year = (int(part) for part in match.groups())
        readings = {_day(year, second, first), _day(year, first, second)} - {None}
        return readings.pop() if len(readings) == 1 else None
    if match := _DAY_FIRST.fullmatch(written):
        return _day(int(match[3]), _months().get(match[2].lower(), 0), int(match[1]))
    if match := _MONTH_FIRST.fullmatch(written):
        return _day(int(match[3]), _months().get(match[1].lower(), 0), int(match[2]))
    return None


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
