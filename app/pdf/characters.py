"""Prepares the characters of a value for drawing.

What a person typed is data, never markup: there is no mark-up language in this
toolkit, so nothing needs escaping and nothing can be smuggled in.  What remains is
to decide for each character whether it is drawn, dropped or shown as a code:

- line ends of every kind become new lines, tabs become four spaces, exotic spaces
  become plain ones, and letters are composed (NFC);
- zero-width characters that carry no text (joiners, variation selectors, direction
  marks, soft hyphens, byte order marks) are dropped when fonts have been chosen;
- control characters, bidirectional overrides and isolates, tag characters, lone
  surrogates, unassigned and private characters, and every character that no font
  has, are shown as their code, such as ``[U+202E]``.
"""

import re
import unicodedata

_NEW_LINE = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES: dict[int, str] = dict.fromkeys((*range(0x2000, 0x200B), 0x205F, 0x1680, 0x3000), " ")
_SPACES |= {0x202F: "\u00a0", 0x09: "    "}
_ZERO_WIDTH = frozenset(
    {0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0}
    | {*range(0x180B, 0x1810), *range(0x200C, 0x2010), *range(0x2060, 0x2066)}
    | {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
)
BREAK = "\u200b"
"""The zero-width space: a place where a line may break, never drawn."""


def clean(text: str) -> str:
    """Return ``text`` composed, with plain line ends, spaces and tabs."""
    if text.isascii() and text.isprintable():
        return text
    text = _NEW_LINE.sub("\n", text)
    return unicodedata.normalize("NFC", text.translate(_SPACES))


def is_zero_width(char: str) -> bool:
    """Say whether ``char`` is dropped because it has neither width nor meaning alone."""
    return ord(char) in _ZERO_WIDTH


def code_of(chars: str) -> str:
    """Return what stands for characters that cannot be drawn, such as ``[U+1F600]``.

    Neighbours share one pair of brackets: ``[U+0928 092E]``.
    """
    return "[U+" + " ".join(f"{ord(char):04X}" for char in chars) + "]"


def is_readable(char: str) -> bool:
    """Say whether a missing ``char`` may still be copied out of the PDF as itself.

    Controls, overrides and tags may not: copied, they would act again.
    """
    return unicodedata.category(char)[0] in "LMNPS"


def one_line(text: str, limit: int = 300) -> str:
    """Return ``text`` on one line for metadata and bookmarks, without controls.

    What is longer than ``limit`` characters ends in an ellipsis.
    """
    words = " ".join(clean(text).split())
    kept = "".join(
        char
        for char in words[: limit + 1]
        if not is_zero_width(char) and unicodedata.category(char)[0] != "C"
    )
    return kept if len(words) <= limit else kept[:limit].rstrip() + "\u2026"
