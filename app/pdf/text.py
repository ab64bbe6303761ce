"""Blocks of text: paragraphs, headings, lists and notes.

Every string given to this module is drawn literally.  There is no mark-up: a part
that looks different is a ``Span``.  Layout is linear in the text, so a paragraph of
any length is safe; it is split over pages between its lines.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.platypus import CondPageBreak, Flowable

from app.pdf import ink
from app.pdf.characters import clean, one_line
from app.pdf.flow import Block, Row, RowFlowable, blank
from app.pdf.fonts import CjkLanguage
from app.pdf.ink import AssayCanvas, Place
from app.pdf.lines import Line, break_lines
from app.pdf.runs import Span, Text, plain_text
from app.pdf.styles import (
    ACCENT,
    ACCENT_SOFT,
    BODY,
    FILL,
    GROUND,
    INK,
    SECTION,
    SMALL,
    SOFT,
    SUBSECTION,
    Level,
    TextStyle,
)
from app.pdf.tokens import Colour

_BLANK_LINE = re.compile(r"\n *\n(?: *\n)*")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Text in one style, broken into lines."""

    text: Text
    style: TextStyle = BODY
    cjk: CjkLanguage = "zh"
    most_lines: int = 0
    """Lines to show at most, the last ending in an ellipsis; 0 shows all."""

    def rows(self, width: float) -> list[Row]:
        """Return one row a line."""
        lines = break_lines(self.text, self.style, width, self.cjk)
        if self.most_lines:
            lines = shortened(lines, self.most_lines, self.style, width)
        return [_row(line, self.style) for line in lines]


def _row(line: Line, style: TextStyle) -> Row:
    def draw(canvas: AssayCanvas, place: Place) -> None:
        ink.draw_line(canvas, line, style, place)

    return Row(style.leading, draw)


def shortened(lines: list[Line], most: int, style: TextStyle, width: float) -> list[Line]:
    """Return ``lines``, or when they are more than ``most`` the first ones with an ellipsis."""
    if len(lines) <= most:
        return lines
    kept = "".join(piece.text for piece in lines[most - 1].pieces).rstrip()
    while kept:
        candidate = break_lines(kept + "\u2026", style, width)
        if len(candidate) == 1:
            return [*lines[: most - 1], candidate[0]]
        kept = kept[:-1].rstrip()
    return lines[: most - 1] + break_lines("\u2026", style, width)[:1]


def first_line(text: str, style: TextStyle, width: float) -> Line:
    """Return ``text`` as one line of at most ``width`` points, with an ellipsis if it is longer."""
    return shortened(break_lines(text, style, width), 1, style, width)[0]


def paragraph(text: Text, style: TextStyle = BODY, *, cjk: CjkLanguage = "zh") -> Flowable:
    """Return ``text`` as one paragraph; its line ends are kept."""
    return RowFlowable(TextBlock(text, style, cjk), before=style.before, after=style.after)


def paragraphs(text: str, style: TextStyle = BODY, *, cjk: CjkLanguage = "zh") -> list[Flowable]:
    """Return ``text`` as paragraphs, one for each stretch between blank lines.

    A value that is empty or blank gives no paragraph.
    """
    parts = [part.strip("\n") for part in _BLANK_LINE.split(clean(text))]
    return [paragraph(part, style, cjk=cjk) for part in parts if part.strip()]


class _Heading(RowFlowable):
    """A heading that is also an entry in the outline of the PDF."""

    def __init__(self, block: Block, level: int, title: str, *, before: float, after: float):
        super().__init__(block, before=before, after=after)
        self.level = level
        self.title = title

    def split(self, width: float, height: float) -> list[Flowable]:
        """Return the part that fits, which keeps the bookmark, and the rest."""
        parts = super().split(width, height)
        if parts:
            parts[0] = _Heading(parts[0].block, self.level, self.title, before=0.0, after=0.0)
        return parts

    def draw(self) -> None:
        """Draw the heading and set its bookmark."""
        canvas: AssayCanvas = self.canv
        # A level may be at most one deeper than the one before it.
        level = min(self.level, canvas.section_level + 1)
        key = f"section-{canvas.section_count}"
        _, top = canvas.absolutePosition(0, self.height)
        canvas.bookmarkPage(key, fit="XYZ", top=top + 6)
        canvas.addOutlineEntry(self.title or "\u2013", key, level)
        canvas.section_count += 1
        canvas.section_level = level
        super().draw()


def section(title: Text, *, level: int = 0, room: float = 96.0) -> list[Flowable]:
    """Return a heading of ``level`` 0 or 1 with its bookmark.

    It starts a new page unless ``room`` points are left for it and what follows.
    """
    style = SECTION if level == 0 else SUBSECTION
    name = one_line(plain_text(title), limit=120)
    heading = _Heading(TextBlock(title, style), level, name, before=style.before, after=style.after)
    return [CondPageBreak(room), heading]


@dataclass(frozen=True, slots=True)
class _Item:
    """A list item: a mark that hangs in the margin of its text."""

    mark: str
    text: Text
    style: TextStyle

    def rows(self, width: float) -> list[Row]:
        indent = 15.0
        mark = break_lines(Span(self.mark, colour=SOFT), self.style.but(tabular=True), width)[0]

        def indented(row: Row, *, first: bool) -> Row:
            def draw(canvas: AssayCanvas, place: Place) -> None:
                if first:
                    ink.draw_line(canvas, mark, self.style, place)
                row.draw(canvas, place.inset(indent))

            return Row(row.height, draw)

        inner = TextBlock(self.text, self.style).rows(width - indent)
        return [indented(row, first=at == 0) for at, row in enumerate(inner)]


def bullets(items: Sequence[Text], *, numbered: bool = False) -> list[Flowable]:
    """Return a list with dashes, or with numbers that start at 1."""
    return [
        RowFlowable(_Item(f"{n}." if numbered else "\u2013", item, BODY), after=3.5)
        for n, item in enumerate(items, start=1)
    ]


@dataclass(frozen=True, slots=True)
class _Notice:
    """Text on a soft ground with a mark of colour at its left edge."""

    blocks: Sequence[Block]
    fill: Colour
    edge: Colour

    def rows(self, width: float) -> list[Row]:
        pad = 11.0

        def on_ground(row: Row) -> Row:
            def draw(canvas: AssayCanvas, place: Place) -> None:
                # Half a point of overlap keeps hairlines of paper from showing between rows.
                bottom, height = place.top - row.height - 0.5, row.height + 0.5
                ink.box(canvas, place.x + 2.2, bottom, place.width - 2.2, height, fill=self.fill)
                ink.box(canvas, place.x, bottom, 2.2, height, fill=self.edge)
                row.draw(canvas, place.inset(pad, pad))

            return Row(row.height, draw)

        inner = [row for block in self.blocks for row in block.rows(width - 2 * pad)]
        return [on_ground(row) for row in (blank(7.0), *inner, blank(7.0))]


def notice(title: Text, text: Text = "", *, level: Level | None = None) -> Flowable:
    """Return a note on a soft ground: teal, or in the colours of ``level``."""
    fill, edge = (FILL[level], INK[level]) if level else (ACCENT_SOFT, ACCENT)
    if level == "unknown":
        fill = GROUND
    blocks = [TextBlock(title, BODY.but(weight="strong"))]
    if plain_text(text):
        blocks.append(TextBlock(text, BODY))
    return RowFlowable(_Notice(blocks, fill, edge), before=4.0, after=10.0, together=3)


@dataclass(frozen=True, slots=True)
class _Figure:
    """A title, a drawing and a note under it."""

    title: Text
    drawing: Block
    note: Text

    def rows(self, width: float) -> list[Row]:
        rows = TextBlock(self.title, SUBSECTION, most_lines=4).rows(width)
        rows += [blank(5.0), *self.drawing.rows(width)]
        if plain_text(self.note):
            rows += [blank(3.0), *TextBlock(self.note, SMALL).rows(width)]
        return rows


def figure(title: Text, drawing: Block, *, note: Text = "") -> Flowable:
    """Return a chart under its title; a long one splits between its bars."""
    return RowFlowable(_Figure(title, drawing, note), before=11.0, after=12.0, together=4)
