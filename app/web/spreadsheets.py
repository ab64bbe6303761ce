"""Text that opens as text in a spreadsheet, whatever it starts with."""

from __future__ import annotations

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def plain_cell(text: str) -> str:
    """Return `text` for a CSV cell; one that a spreadsheet would run gets a leading quote mark.

    Full-width forms count too: some spreadsheets read them as the plain ones.
    """
    return f"'{text}" if text.startswith(_STARTS) else text
