"""Breaks runs into lines of a given width, in time linear in the text.

Lines break after spaces, at zero-width spaces, after a hyphen or slash between
letters, and around Chinese and Japanese characters (never before closing
punctuation).  A word that is wider than the line breaks anywhere.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from app.pdf.bidi import reverse_clusters, visual_order
from app.pdf.characters import BREAK
from app.pdf.fonts import CjkLanguage, Glyphs
from app.pdf.runs import HardLine, Look, Run, Text, hard_lines
from app.pdf.styles import TextStyle

_TOKEN = re.compile(rf"( +)|({BREAK}+)|([^ {BREAK}]+)")
_INSIDE_WORD = re.compile(r"(?<=[^\W\d_]{2}[-/–—])(?=[^\W\d_])")
_CJK_TOKEN = re.compile(r"[（「『【《〈〔]*.[、。，．！？：；）」』】》〉〕ー々…・]*", re.DOTALL)

_MOST_PIECES = 2_000
"""A line ends after so many words, so that text without any width stays linear too."""


class Piece(NamedTuple):
    """What is drawn in one go, in visual order: text of one font, look and direction.

    ``width`` is in em.  ``stands_for`` holds the characters that a code such as
    ``[U+1F600]`` replaces, else "".
    """

    text: str
    glyphs: Glyphs
    look: Look
    width: float
    level: int = 0
    stands_for: str = ""


class Line(NamedTuple):
    """A line of text: its pieces from left to right and their width in em."""

    pieces: list[Piece]
    width: float
    rtl: bool = False


class _Word(NamedTuple):
    pieces: list[Piece]
    width: float
    is_space: bool


def break_lines(
    text: Text, style: TextStyle, width: float, default_cjk: CjkLanguage = "zh"
) -> list[Line]:
    """Return ``text`` as lines that are at most ``width`` points wide.

    A single character that is wider than ``width`` still gets a line of its own.
    """
    limit = max(width / style.size, 0.01)
    result: list[Line] = []
    for hard_line in hard_lines(text, style, default_cjk):
        result.extend(_fill(hard_line, limit))
    return result


def _piece(run: Run, text: str) -> Piece:
    return Piece(text, run.glyphs, run.look, run.glyphs.width(text), run.level, run.stands_for)


def _fragments(run: Run) -> Iterator[tuple[Piece, bool, bool]]:
    """Yield the parts of ``run``: the piece, is it space, may a line break after it."""
    if run.stands_for:
        yield _piece(run, run.text), False, False
    elif run.glyphs.is_cid and not run.glyphs.is_korean:
        for match in _CJK_TOKEN.finditer(run.text):
            yield _piece(run, match[0]), False, True
    else:
        for space, gap, word in _TOKEN.findall(run.text):
            if space:
                yield _piece(run, space), True, True
            elif gap:
                yield Piece("", run.glyphs, run.look, 0.0, run.level), False, True
            else:
                *head, tail = _INSIDE_WORD.split(word)
                for part in head:
                    yield _piece(run, part), False, True
                yield _piece(run, tail), False, False


def _words(runs: list[Run]) -> Iterator[_Word]:
    """Yield the unbreakable stretches of a line and the spaces between them."""
    pieces: list[Piece] = []
    width = 0.0
    for run in runs:
        breaks_before = run.glyphs.is_cid and not run.glyphs.is_korean
        for piece, is_space, may_break in _fragments(run):
            if pieces and (is_space or breaks_before):
                yield _Word(pieces, width, is_space=False)
                pieces, width = [], 0.0
            if is_space:
                yield _Word([piece], piece.width, is_space=True)
                continue
            pieces.append(piece)
            width += piece.width
            if may_break:
                yield _Word(pieces, width, is_space=False)
                pieces, width = [], 0.0
    if pieces:
        yield _Word(pieces, width, is_space=False)


def _fill(hard_line: HardLine, limit: float) -> Iterator[Line]:
    """Yield the lines that ``hard_line`` takes when ``limit`` em fit beside each other."""
    current: list[Piece] = []
    used = 0.0
    gap: list[Piece] = []
    gap_width = 0.0
    for word in _words(hard_line.runs):
        if word.is_space:
            gap.extend(word.pieces)
            gap_width += word.width
        elif used + gap_width + word.width <= limit and len(current) < _MOST_PIECES:
            current += gap + word.pieces
            used += gap_width + word.width
            gap, gap_width = [], 0.0
        else:
            if current:
                yield _finish(current, used, hard_line.rtl)
            gap, gap_width = [], 0.0
            current, used = word.pieces, word.width
            if word.width > limit:
                *full, (current, used) = _cut(word.pieces, limit)
                for pieces, width in full:
                    yield _finish(pieces, width, hard_line.rtl)
    yield _finish(current, used, hard_line.rtl)


def _cut(pieces: list[Piece], limit: float) -> list[tuple[list[Piece], float]]:
    """Cut a word that is too wide into stretches that fit; the last one may be shorter."""
    rows: list[tuple[list[Piece], float]] = []
    row: list[Piece] = []
    used = 0.0
    for piece in pieces:
        start, width = 0, 0.0
        for at, char in enumerate(piece.text):
            advance = piece.glyphs.width(char)
            if used + width + advance > limit and (row or at > start):
                if at > start:
                    row.append(piece._replace(text=piece.text[start:at], width=width))
                rows.append((row, used + width))
                row, used, start, width = [], 0.0, at, 0.0
            width += advance
        row.append(piece._replace(text=piece.text[start:], width=width))
        used += width
    rows.append((row, used))
    return rows


def _finish(pieces: list[Piece], width: float, rtl: bool) -> Line:
    """Join neighbours that look alike and put the pieces into visual order."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if (
            last is not None
            and not piece.stands_for
            and not last.stands_for
            and last.glyphs is piece.glyphs
            and last.look == piece.look
            and last.level == piece.level
        ):
            joined[-1] = last._replace(text=last.text + piece.text, width=last.width + piece.width)
        elif piece.text:
            joined.append(piece)
    if all(piece.level == 0 for piece in joined):
        return Line(joined, width, rtl)
    order = visual_order([piece.level for piece in joined])
    return Line([_visual(joined[index]) for index in order], width, rtl)


def _visual(piece: Piece) -> Piece:
    """Return a piece as it is drawn: right-to-left text runs backwards, codes do not."""
    if piece.level % 2 == 0 or piece.stands_for:
        return piece
    return piece._replace(text=reverse_clusters(piece.text))
