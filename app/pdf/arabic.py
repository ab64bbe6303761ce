"""Joins Arabic letters by their presentation forms.

ReportLab draws one glyph per character and knows no shaping, so each letter is
replaced by the Unicode presentation form (isolated, initial, medial, final) that
its neighbours ask for, and lam + alef by its ligature.  This is readable Arabic,
Persian and Urdu; it is not typesetting: no optional ligatures, no kerning, and
vowel marks keep the place that the font gives them.  Letters without
presentation forms stay isolated.
"""

import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

_FORM_BLOCKS = (range(0xFB50, 0xFDFC), range(0xFE70, 0xFEFD))
_TATWEEL = "\u0640"
_JOINER = "\u200d"
_LAM = "\u0644"


@lru_cache(maxsize=1)
def _forms() -> dict[str, dict[str, str]]:
    """Return base letters → {"isolated" | "initial" | "medial" | "final" → form}."""
    table: dict[str, dict[str, str]] = {}
    for block in _FORM_BLOCKS:
        for code in block:
            kind, *base = unicodedata.decomposition(chr(code)).split() or ("",)
            if kind not in ("<isolated>", "<initial>", "<medial>", "<final>"):
                continue
            letters = "".join(chr(int(part, 16)) for part in base)
            is_lam_alef = len(letters) == 2 and letters[0] == _LAM and letters[1] in "آأإا"
            if len(letters) == 1 or is_lam_alef:
                table.setdefault(letters, {}).setdefault(kind.strip("<>"), chr(code))
    return table


def _joins_before(char: str) -> bool:
    """Say whether ``char`` connects to the letter before it."""
    return char in (_TATWEEL, _JOINER) or "final" in _forms().get(char, {})


def _joins_after(char: str) -> bool:
    """Say whether ``char`` connects to the letter after it."""
    return char in (_TATWEEL, _JOINER) or "initial" in _forms().get(char, {})


def has_arabic(text: str) -> bool:
    """Say whether ``text`` holds a letter that changes its form."""
    return any("\u0620" <= char <= "\u06d3" for char in text)


def shape(chars: Sequence[str], available: Callable[[str], bool]) -> list[tuple[str, int]]:
    """Return the characters in their joined forms, each with the index it came from.

    ``chars`` is in logical order; ``available`` says whether a font has a form
    (a form that is missing leaves the plain letter).  A lam-alef ligature takes the
    place and index of its lam, and its alef disappears.
    """
    forms = _forms()
    letters = [i for i, char in enumerate(chars) if unicodedata.category(char) != "Mn"]
    place = {index: n for n, index in enumerate(letters)}
    swallowed: set[int] = set()
    result: list[tuple[str, int]] = []
    for index, char in enumerate(chars):
        if index in swallowed:
            continue
        options = forms.get(char)
        if options is None:
            result.append((char, index))
            continue
        at = place[index]
        before = chars[letters[at - 1]] if at else ""
        after_index = letters[at + 1] if at + 1 < len(letters) else -1
        after = chars[after_index] if after_index >= 0 else ""
        joined_before = _joins_before(char) and _joins_after(before)
        ligature = forms.get(char + after) if char == _LAM and after_index == index + 1 else None
        if ligature:
            form = ligature.get("final" if joined_before else "isolated", "")
            if form and available(form):
                swallowed.add(after_index)
                result.append((form, index))
                continue
        joined_after = _joins_after(char) and _joins_before(after)
        kind = ("isolated", "initial", "final", "medial")[joined_after + 2 * joined_before]
        form = options.get(kind, char)
        result.append((form if available(form) else char, index))
    return result
