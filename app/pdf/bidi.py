"""Orders mixed left-to-right and right-to-left text for drawing.

This is the Unicode Bidirectional Algorithm (UAX #9) without explicit embeddings,
overrides and isolates: those control characters never act here (they are drawn
as visible codes), so an answer cannot turn its own text round.  Rules P2-P3,
W1-W7, N0-N2, I1-I2, L2 and L4 are followed; every function is linear in its input.
"""

import unicodedata
from collections.abc import Sequence

_PAIRS = {"(": ")", "[": "]", "{": "}", "\u2045": "\u2046", "\u207d": "\u207e", "\u27e8": "\u27e9"}
_CLOSERS = {closer: opener for opener, closer in _PAIRS.items()}
_MIRROR = (
    _PAIRS
    | _CLOSERS
    | {"<": ">", ">": "<", "\u00ab": "\u00bb", "\u00bb": "\u00ab"}
    | {"\u2039": "\u203a", "\u203a": "\u2039", "\u2264": "\u2265", "\u2265": "\u2264"}
)
_MAX_OPEN = 63
"""How many brackets may be open at once; UAX #9 gives up on pairs beyond it."""

_RTL_CLASSES = frozenset(("R", "AL"))


def bidi_class(char: str) -> str:
    """Return the bidirectional class of ``char``; what has none counts as neutral."""
    found = unicodedata.bidirectional(char)
    if found in ("", "BN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "B"):
        return "ON"
    return found


def has_rtl(text: str) -> bool:
    """Say whether ``text`` holds a letter that is written from right to left."""
    return any(char >= "\u0590" and bidi_class(char) in _RTL_CLASSES for char in text)


def base_level(classes: Sequence[str]) -> int:
    """Return 1 when the first strong character is right-to-left, else 0 (P2, P3)."""
    for kind in classes:
        if kind == "L":
            return 0
        if kind in _RTL_CLASSES:
            return 1
    return 0


def mirrored(char: str) -> str:
    """Return the mirror image of a bracket or comparison sign, else ``char`` (L4)."""
    return _MIRROR.get(char, char)


def levels(chars: Sequence[str], classes: Sequence[str], base: int) -> list[int]:
    """Return the embedding level of each character of one paragraph.

    ``classes`` are those of ``bidi_class`` (a caller may overrule single ones) and
    ``base`` is the level of the paragraph, 0 or 1.
    """
    kinds = _weak(classes, "R" if base else "L")
    _pair_brackets(chars, kinds, base)
    _neutral(kinds, base)
    result = []
    for kind in kinds:
        if base:
            result.append(1 if kind == "R" else 2)
        else:
            result.append({"L": 0, "R": 1}.get(kind, 2))
    return result


def _weak(classes: Sequence[str], edge: str) -> list[str]:
    """Resolve marks, numbers and their separators (W1-W7)."""
    kinds: list[str] = []
    strong = edge
    for kind in classes:  # W1, W2, W3
        if kind == "NSM":
            kinds.append(kinds[-1] if kinds else edge)
            continue
        kinds.append("AN" if kind == "EN" and strong == "AL" else kind)
        if kind in ("L", "R", "AL"):
            strong = kind
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    for i in range(1, len(kinds) - 1):  # W4
        left, kind, right = kinds[i - 1 : i + 2]
        if left == right and (kind, left) in (("ES", "EN"), ("CS", "EN"), ("CS", "AN")):
            kinds[i] = left
    _terminators(kinds)
    strong = edge
    for i, kind in enumerate(kinds):  # W7
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[i] = "L"
    return kinds


def _terminators(kinds: list[str]) -> None:
    """Let signs such as % and $ follow the number they touch (W5), others be neutral (W6)."""
    i = 0
    while i < len(kinds):
        end = i + 1
        if kinds[i] == "ET":
            while end < len(kinds) and kinds[end] == "ET":
                end += 1
            touches = (i and kinds[i - 1] == "EN") or (end < len(kinds) and kinds[end] == "EN")
            kinds[i:end] = ["EN" if touches else "ON"] * (end - i)
        elif kinds[i] in ("ES", "CS"):
            kinds[i] = "ON"
        i = end


def _direction(kind: str) -> str:
    """Return "L" or "R" for a strong kind or a number, "" for a neutral (N0, N1)."""
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(kind, "")


def _pair_brackets(chars: Sequence[str], kinds: list[str], base: int) -> None:
    """Give both brackets of a pair the same direction (N0)."""
    embedding = "R" if base else "L"
    open_brackets: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for i, char in enumerate(chars):
        if kinds[i] != "ON":
            continue
        if char in _PAIRS:
            if len(open_brackets) == _MAX_OPEN:
                break
            open_brackets.append((char, i))
        elif char in _CLOSERS:
            for depth in range(len(open_brackets) - 1, -1, -1):
                if open_brackets[depth][0] == _CLOSERS[char]:
                    pairs.append((open_brackets[depth][1], i))
                    del open_brackets[depth:]
                    break
    before, seen = embedding, 0
    for start, end in sorted(pairs):
        for kind in kinds[seen:start]:
            before = _direction(kind) or before
        seen = start
        # A character is looked at once for each pair around it, so at most _MAX_OPEN times.
        inside = {_direction(kind) for kind in kinds[start + 1 : end]} - {""}
        if not inside:
            continue
        direction = embedding if embedding in inside else before
        kinds[start] = kinds[end] = direction


def _neutral(kinds: list[str], base: int) -> None:
    """Give neutrals the direction of both their sides, else that of the text (N1, N2)."""
    embedding = "R" if base else "L"
    i, before = 0, embedding
    while i < len(kinds):
        direction = _direction(kinds[i])
        if direction:
            before = direction
            i += 1
            continue
        end = i
        while end < len(kinds) and not _direction(kinds[end]):
            end += 1
        after = _direction(kinds[end]) if end < len(kinds) else embedding
        kinds[i:end] = [before if before == after else embedding] * (end - i)
        i = end


def visual_order(run_levels: Sequence[int]) -> list[int]:
    """Return the indexes of the runs of one line, from left to right (L2)."""
    order = list(range(len(run_levels)))
    highest = max(run_levels, default=0)
    for level in range(highest, 0, -1):
        i = 0
        while i < len(order):
            if run_levels[order[i]] < level:
                i += 1
                continue
            end = i
            while end < len(order) and run_levels[order[end]] >= level:
                end += 1
            order[i:end] = order[i:end][::-1]
            i = end
    return order


def reverse_clusters(text: str) -> str:
    """Return ``text`` reversed, each combining mark staying behind its own base letter."""
    clusters: list[str] = []
    for char in text:
        if clusters and unicodedata.category(char) in ("Mn", "Me"):
            clusters[-1] += char
        else:
            clusters.append(char)
    return "".join(reversed(clusters))
