"""Translations: collects the texts of pages and code, keeps the catalogues, compiles them.

`./run translate` calls `update`; a test calls `missing` and compares the compiled file.
"""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from config import ROOT

TRANSLATED = ("de",)
"""Languages besides English, whose texts stand in the code."""

_ROOMS = ("app", "questionnaires", "vendors")
_METHODS = [
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
    ("**.py", "python"),
]
_OPTIONS = {
    "**/templates/**.html": {"trimmed": "true", "silent": "false", "encoding": "utf-8"},
    "**/templates/**.txt": {"trimmed": "true", "silent": "false", "encoding": "utf-8"},
}
_KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "_n": (1, 2),
}
_HEAD = "# Translations for Assay."
_NO_DAY = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
# Both would change the files although no text did.
_VOLATILE = ('"POT-Creation-Date', '"PO-Revision-Date')


def catalogue_path(language: str) -> Path:
    """Return where a language's catalogue (.po) lies; the compiled one (.mo) is beside it."""
    return ROOT / "app" / "translations" / language / "LC_MESSAGES" / "messages.po"


def collect() -> Catalog:
    """Return a catalogue of all texts that people may read, without translations."""
    found = Catalog(project="Assay", fuzzy=False, charset="utf-8")
    for room in _ROOMS:
        folder = ROOT / room
        if not folder.is_dir():
            continue
        for file, _line, message, comments, context in extract_from_dir(
            folder, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
        ):
            # Files without lines: a moved line is no change to a catalogue.
            found.add(message, locations=[(f"{room}/{file}", 0)], auto_comments=comments,
                      context=context)  # fmt: skip
    return found


def read(language: str) -> Catalog:
    """Return a language's catalogue as it is kept; empty when there is none."""
    path = catalogue_path(language)
    catalogue = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    # What babel would fill with the day and with words of its own.
    catalogue.project, catalogue.version, catalogue.copyright_holder = "Assay", "1", "Assay"
    catalogue.header_comment, catalogue.fuzzy = _HEAD, False
    catalogue.last_translator = catalogue.language_team = catalogue.msgid_bugs_address = "Assay"
    catalogue.creation_date = catalogue.revision_date = _NO_DAY
    return catalogue


def update(language: str) -> Catalog:
    """Bring a catalogue up to date with the texts and write both files; keeps translations."""
    catalogue = read(language)
    catalogue.update(collect(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, omit_header=False, sort_output=True, no_location=False)
    text = "".join(
        line
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
        if not line.startswith(_VOLATILE)
    )
    path.write_text(text, encoding="utf-8")
    path.with_suffix(".mo").write_bytes(compiled(read(language)))
    return catalogue


def compiled(catalogue: Catalog) -> bytes:
    """Return the compiled form of a catalogue."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def missing(language: str) -> list[str]:
    """Return the texts that have no translation, or that the catalogue does not know yet."""
    kept = read(language)
    wanted = [message for message in collect() if message.id]
    return sorted(
        str(message.id)
        for message in wanted
        if (known := kept.get(message.id, message.context)) is None
        or not known.string
        or (isinstance(known.string, tuple | list) and not all(known.string))
    )
