"""File names: what a person typed becomes text that is safe to show and to send. Pure.

A name is data. It is shown and offered at download; it never becomes a path here.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

MAX_CHARACTERS = 150
MAX_BYTES = 240
"""Most file systems of readers take 255 bytes; 150 characters can be 600."""

_MAX_ENDING = 12

# Format characters (bidi marks, zero-width), controls, surrogates, private use, unassigned,
# line and paragraph separators.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f")
_REPLACED = frozenset('<>:"|?*')
_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"}
    | {f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"}
)
_HEADER_PLAIN = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 !#$&'()+,-.;=@[]^_`{}~"
)


def clean(name: str) -> str:
    """Return a file name for people: one part, visible characters, NFC, at most 150 of them.

    The ending is kept when the rest is cut. Cleaning a clean name changes nothing.
    """
    # Cutting and composing can uncover a new blank or dot at an end, so until it rests; each
    # round shortens or keeps the text, and names are cut first, so that it is soon.
    text = name[-4_000:]
    while (done := _cleaned(text)) != text:
        text = done
    return text


def _cleaned(text: str) -> str:
    text = text.replace("\\", "/").rsplit("/", 1)[-1]
    kept = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category in _DROPPED or character in _INVISIBLE:
            continue
        if category == "Zs":
            character = " "  # noqa: PLW2901 - every kind of space becomes the plain one
        kept.append("_" if character in _REPLACED else character)
    text = unicodedata.normalize("NFC", " ".join("".join(kept).split()))
    text = text.strip(". ")
    stem, ending = split(text)
    text = _cut(stem.rstrip(". "), ending) + ending
    if text.split(".")[0].rstrip().upper() in _DEVICES:
        text = f"_{text}"
    return text or "file"


def split(name: str) -> tuple[str, str]:
    """Return (stem, ending with its dot); the ending is empty when there is none of use."""
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or not ending or len(ending) > _MAX_ENDING or " " in ending:
        return name, ""
    return stem, f".{ending}"


def extension(name: str) -> str:
    """Return the ending in lower case without its dot, empty when there is none."""
    return split(name)[1][1:].lower()


def _cut(stem: str, ending: str) -> str:
    stem = stem[: MAX_CHARACTERS - len(ending)]
    while len((stem + ending).encode()) > MAX_BYTES:
        stem = stem[:-1]
    return stem.rstrip(". ")


def content_disposition(name: str) -> str:
    """Return the header that makes a browser save a file under a name (RFC 6266).

    Always `attachment`. Old readers get an ASCII form, all others the name itself.
    """
    name = clean(name)
    spread = unicodedata.normalize("NFKD", name)
    base = "".join(character for character in spread if not unicodedata.combining(character))
    plain = "".join(character if character in _HEADER_PLAIN else "_" for character in base)
    header = f'attachment; filename="{plain}"'
    if plain != name:
        header += f"; filename*=UTF-8''{quote(name, safe='')}"
    return header
