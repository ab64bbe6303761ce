"""The words that the toolkit itself puts on a page, in English and German.

Everything else on a page comes from the caller.  Another language is another
``Labels``; ``for_language`` chooses, and falls back to English.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.pdf.styles import Level


def _english_levels() -> dict[Level, str]:
    return {
        "critical": "Critical",
        "unknown": "Unknown",
        "high": "High",
        "moderate": "Moderate",
        "low": "Low",
    }


@dataclass(frozen=True, slots=True)
class Labels:
    """Words and number formats; those in braces are filled in by name."""

    page: str = "Page {page} of {total}"
    version: str = "Version {version}"
    generated: str = "Generated {when}"
    when: str = "{day} {month} {year}, {time} {zone}"
    months: tuple[str, ...] = (
        *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
        *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    )
    code_note: str = "[U+\u2026] stands for a character that this document cannot draw."
    claimed: str = "claimed"
    credited: str = "credited"
    worst: str = "worst"
    aim: str = "aim {value}"
    not_rated: str = "{count} not rated"
    no_data: str = "No data yet."
    decimal: str = "."
    levels: Mapping[Level, str] = field(default_factory=_english_levels)

    def moment(self, when: datetime) -> str:
        """Return ``when`` as a date, a time and a zone.

        Raises ValueError when ``when`` names no time zone.
        """
        if when.tzinfo is None:
            raise ValueError("the time of a document needs a time zone")
        return self.when.format(
            day=when.day,
            month=self.months[when.month - 1],
            year=when.year,
            time=f"{when:%H:%M}",
            zone=when.tzname(),
        )

    def number(self, value: float, places: int = 0) -> str:
        """Return ``value`` with ``places`` decimals and this language's decimal sign."""
        return f"{value:.{places}f}".replace(".", self.decimal)


ENGLISH = Labels()

GERMAN = Labels(
    page="Seite {page} von {total}",
    version="Fassung {version}",
    generated="Erstellt am {when}",
    when="{day}. {month} {year}, {time} {zone}",
    months=(
        *("Januar", "Februar", "M\u00e4rz", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
    code_note=("[U+\u2026] steht f\u00fcr ein Zeichen, das dieses Dokument nicht darstellen kann."),
    claimed="behauptet",
    credited="anerkannt",
    worst="schlimmstens",
    aim="Ziel {value}",
    not_rated="{count} nicht bewertet",
    no_data="Noch keine Daten.",
    decimal=",",
    levels={
        "critical": "Kritisch",
        "unknown": "Unbekannt",
        "high": "Hoch",
        "moderate": "Mittel",
        "low": "Niedrig",
    },
)

_BY_LANGUAGE = {"en": ENGLISH, "de": GERMAN}


def for_language(language: str) -> Labels:
    """Return the labels for a language tag such as ``de`` or ``de-AT``; else English."""
    return _BY_LANGUAGE.get(language.replace("_", "-").split("-")[0].lower(), ENGLISH)
