"""Turns a value into runs: stretches of one font, one look and one direction.

This is the step between what a person typed and what the layout measures.  Plain
text that Fira Sans covers takes a short way; anything else is looked at character
by character: Arabic letters are joined, directions resolved, fonts chosen, and
what no font has becomes its code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from app.pdf import arabic, bidi, characters
from app.pdf.fonts import CjkLanguage, Face, Glyphs, Weight, cjk_language, load_fonts
from app.pdf.styles import TextStyle
from app.pdf.tokens import Colour


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text inside a block that looks different; None keeps the block's look."""

    text: str
    weight: Weight | None = None
    colour: Colour | None = None


Text = str | Span | Sequence[str | Span]
"""A value to draw.  Strings are always literal text."""


class Look(NamedTuple):
    """Weight and colour of a run."""

    weight: Weight
    colour: Colour


class Run(NamedTuple):
    """A stretch of one hard line, in logical order.

    ``level``: embedding level, odd is right-to-left.  ``stands_for``: the characters
    that a code such as ``[U+1F600]`` replaces, else "".
    """

    text: str
    glyphs: Glyphs
    look: Look
    level: int = 0
    stands_for: str = ""


class HardLine(NamedTuple):
    """One line as the writer ended it; ``rtl`` says that it reads from the right."""

    runs: list[Run]
    rtl: bool


def strong(text: str) -> Span:
    """Return ``text`` in the strong weight."""
    return Span(text, weight="strong")


def plain_text(text: Text) -> str:
    """Return the characters of ``text`` without their looks."""
    if isinstance(text, str):
        return text
    spans = [text] if isinstance(text, Span) else text
    return "".join(span if isinstance(span, str) else span.text for span in spans)


def _spans(text: Text, style: TextStyle) -> list[tuple[str, Look]]:
    base = Look(style.weight, style.colour)
    parts = [text] if isinstance(text, str | Span) else text
    result = []
    for part in parts:
        if isinstance(part, str):
            result.append((characters.clean(part), base))
        else:
            look = Look(part.weight or base.weight, part.colour or base.colour)
            result.append((characters.clean(part.text), look))
    return result


def hard_lines(text: Text, style: TextStyle, default_cjk: CjkLanguage = "zh") -> list[HardLine]:
    """Return the lines of ``text`` as the writer ended them, each as runs.

    An empty value gives one empty line.  ``default_cjk`` draws Chinese characters in
    a text that holds neither kana nor Hangul.
    """
    lines: list[list[tuple[str, Look]]] = [[]]
    for content, look in _spans(text, style):
        first, *others = content.split("\n")
        lines[-1].append((first, look))
        lines.extend([(other, look)] for other in others)
    cjk = cjk_language(plain_text(text), default_cjk)
    return [_hard_line([part for part in line if part[0]], style, cjk) for line in lines]


def _hard_line(parts: list[tuple[str, Look]], style: TextStyle, cjk: CjkLanguage) -> HardLine:
    fonts = load_fonts()
    if all(
        (content.isascii() and content.isprintable())
        or fonts.face(look.weight).covered.issuperset(content)
        for content, look in parts
    ):
        runs = [
            Run(content, fonts.face(look.weight, tabular=style.tabular).primary, look)
            for content, look in parts
        ]
        return HardLine(runs, rtl=False)
    chars = [char for content, _ in parts for char in content]
    looks = [look for content, look in parts for _ in content]
    return _mixed_line(chars, looks, style, cjk)


class _Glyph(NamedTuple):
    """One drawn character, or the code of one that cannot be drawn (``missing``)."""

    char: str
    glyphs: Glyphs
    look: Look
    kind: str
    missing: bool


def _mixed_line(
    chars: list[str], looks: list[Look], style: TextStyle, cjk: CjkLanguage
) -> HardLine:
    """Resolve a line that holds something else than Fira Sans' own characters."""
    fonts = load_fonts()
    text = "".join(chars)
    if arabic.has_arabic(text):
        regular = fonts.face("regular")
        shaped = arabic.shape(chars, lambda form: regular.find(form, cjk) is not None)
        chars = [char for char, _ in shaped]
        looks = [looks[index] for _, index in shaped]
    drawn: list[_Glyph] = []
    faces: dict[Weight, Face] = {}
    for char, look in zip(chars, looks, strict=True):
        face = faces.setdefault(look.weight, fonts.face(look.weight, tabular=style.tabular))
        if char == characters.BREAK:
            drawn.append(_Glyph(char, face.primary, look, "ON", False))
        elif not characters.is_zero_width(char):
            glyphs = face.find(char, cjk)
            missing = glyphs is None
            kind = "L" if missing else bidi.bidi_class(char)
            drawn.append(_Glyph(char, glyphs or face.primary, look, kind, missing))
    levels = [0] * len(drawn)
    base = 0
    if bidi.has_rtl(text):
        kinds = [glyph.kind for glyph in drawn]
        base = bidi.base_level(kinds)
        levels = bidi.levels([glyph.char for glyph in drawn], kinds, base)
    return HardLine(_group(drawn, levels), rtl=base == 1)


def _group(drawn: list[_Glyph], levels: list[int]) -> list[Run]:
    """Join neighbours of one font, look, level and kind into runs."""
    if not drawn:
        return []
    edges = [0]
    for at, ((before, level_before), (after, level_after)) in enumerate(
        pairwise(zip(drawn, levels, strict=True)), start=1
    ):
        same = before.glyphs is after.glyphs and before.look == after.look
        if not (same and before.missing == after.missing and level_before == level_after):
            edges.append(at)
    edges.append(len(drawn))
    runs = []
    for start, end in pairwise(edges):
        first, level = drawn[start], levels[start]
        if first.missing:
            runs.extend(_codes("".join(glyph.char for glyph in drawn[start:end]), first, level))
            continue
        chars = (bidi.mirrored(g.char) if level % 2 else g.char for g in drawn[start:end])
        runs.append(Run("".join(chars), first.glyphs, first.look, level))
    return runs


_CODES_TOGETHER = 8
"""How many missing characters share a bracket: short enough to fit into a narrow cell."""


def _codes(missing: str, first: _Glyph, level: int) -> list[Run]:
    """Return the runs that stand for characters which no font has."""
    groups = [missing[i : i + _CODES_TOGETHER] for i in range(0, len(missing), _CODES_TOGETHER)]
    return [
        Run(characters.code_of(group), first.glyphs, first.look, level, stands_for=group)
        for group in groups
    ]
