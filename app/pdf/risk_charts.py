"""The two drawings of risk: the span of a score over its bands, and the heat map."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.pdf import ink
from app.pdf.flow import Block, Row, draw_rows, height_of
from app.pdf.ink import AssayCanvas, Place
from app.pdf.labels import ENGLISH, Labels
from app.pdf.lines import Line, break_lines
from app.pdf.styles import (
    CELL,
    CELL_HEAD,
    FILL,
    INK,
    LINE_STRONG,
    SURFACE,
    TEXT,
    Level,
)
from app.pdf.text import TextBlock
from app.pdf.tokens import Colour

_BANDS: tuple[Level, ...] = ("low", "moderate", "high", "critical")
_BAND_EDGES = (0, 25, 50, 75, 100)


class _Mark(NamedTuple):
    """A labelled value of the span: its two lines, where it points and where it stands."""

    word: Line
    number: Line
    at: float
    left: float
    width: float
    is_main: bool


@dataclass(frozen=True, slots=True)
class SpanBar:
    """A score from 0 to 100 with its span: what is claimed, credited, and the worst case.

    The bands change at 25, 50 and 75.  A score that is not known (``credited`` None)
    is a hatched bar with the word for unknown.
    """

    claimed: float | None
    credited: float | None
    worst: float | None
    labels: Labels = ENGLISH

    def rows(self, width: float) -> list[Row]:
        """Return the drawing as one row, at most 380 points wide."""
        long = min(width, 380.0)
        marks = self._marks(long)
        is_known = self.credited is not None
        heads = 2 * CELL_HEAD.leading + 4.0 if marks else 0.0
        thick = 17.0
        height = heads + thick + (2 * CELL_HEAD.leading + 6.0 if is_known else 2.0)

        def draw(canvas: AssayCanvas, place: Place) -> None:
            bottom = place.top - heads - thick
            if is_known:
                self._bands(canvas, Place(place.x, bottom, long), thick)
                self._span(canvas, marks, place.x, bottom + thick / 2)
            else:
                self._unknown(canvas, Place(place.x, bottom, long), thick)
            for mark in marks:
                style = CELL_HEAD.but(align="centre")
                at = Place(place.x + mark.left, place.top, mark.width)
                ink.draw_line(canvas, mark.word, style, at)
                ink.draw_line(canvas, mark.number, style, at.below(style.leading))

        return [Row(height, draw)]

    def _marks(self, long: float) -> list[_Mark]:
        """Return the marks with labels that neither overlap nor leave the bar."""
        named = (
            (self.labels.claimed, self.claimed, False),
            (self.labels.credited, self.credited, True),
            (self.labels.worst, self.worst, False),
        )
        marks: list[_Mark] = []
        for word, value, is_main in named:
            if value is None:
                continue
            style = CELL_HEAD.but(tabular=True)
            if is_main:
                style = style.but(weight="strong", colour=TEXT)
            lines = [
                break_lines(part, style, 300.0)[0] for part in (word, self.labels.number(value, 2))
            ]
            wide = max(line.width for line in lines) * style.size
            at = long * max(0.0, min(value, 100.0)) / 100
            marks.append(_Mark(lines[0], lines[1], at, at - wide / 2, wide, is_main))
        marks.sort(key=lambda mark: mark.at)
        left = 0.0
        for n, mark in enumerate(marks):
            marks[n] = mark._replace(left=max(mark.left, left))
            left = marks[n].left + mark.width + 9.0
        right = long
        for n in range(len(marks) - 1, -1, -1):
            marks[n] = marks[n]._replace(left=min(marks[n].left, right - marks[n].width))
            right = marks[n].left - 9.0
        return marks

    def _bands(self, canvas: AssayCanvas, place: Place, thick: float) -> None:
        """Draw the four bands with their words and edges; ``place.top`` is their lower edge."""
        quarter = place.width / 4
        style = CELL_HEAD.but(align="centre")
        for n, level in enumerate(_BANDS):
            x = place.x + n * quarter
            ink.box(canvas, x + 0.7, place.top, quarter - 1.4, thick, fill=FILL[level], radius=1.2)
            words = break_lines(self.labels.levels[level], style, quarter)[0]
            ink.draw_line(canvas, words, style, Place(x, place.top - 2.0, quarter))
        for n, edge in enumerate(_BAND_EDGES):
            line = break_lines(str(edge), style, 60.0)[0]
            half = line.width * style.size / 2
            x = min(max(n * quarter - half, 0.0), place.width - 2 * half)
            at = Place(place.x + x, place.top - 2.0 - style.leading, 2 * half)
            ink.draw_line(canvas, line, style, at)

    def _span(self, canvas: AssayCanvas, marks: list[_Mark], x: float, y: float) -> None:
        with ink.kept_state(canvas):
            canvas.setStrokeColorRGB(*TEXT)
            canvas.setFillColorRGB(*TEXT)
            canvas.setLineWidth(1.3)
            canvas.line(x + marks[0].at, y, x + marks[-1].at, y)
            for mark in marks:
                if not mark.is_main:
                    canvas.line(x + mark.at, y - 4.2, x + mark.at, y + 4.2)
            for mark in marks:
                if mark.is_main:
                    canvas.setStrokeColorRGB(*SURFACE)
                    canvas.setLineWidth(1.6)
                    canvas.circle(x + mark.at, y, 5.0, stroke=1, fill=1)

    def _unknown(self, canvas: AssayCanvas, place: Place, thick: float) -> None:
        x, bottom, long = place
        ground, lines = FILL["unknown"], INK["unknown"]
        ink.hatch(canvas, x, bottom, long, thick, ground=ground, ink=lines, radius=1.8)
        ink.box(canvas, x, bottom, long, thick, stroke=INK["unknown"], radius=1.8)
        style = CELL.but(weight="strong", align="centre", colour=INK["unknown"])
        line = break_lines(self.labels.levels["unknown"], style, long)[0]
        plate = line.width * style.size + 12.0
        ink.box(canvas, x + (long - plate) / 2, bottom + 2.2, plate, thick - 4.4, fill=SURFACE)
        ink.draw_line(canvas, line, style, Place(x, bottom + (thick + style.leading) / 2, long))


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A cell of a heat map: the level of its place and how many risks lie there."""

    level: Level
    count: int = 0


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Likelihood upwards, impact to the right; zero is blank, what is not rated is hatched.

    ``cells`` are the rows from the most likely down, each from the least impact up;
    ``down`` names the rows and ``across`` the columns.  ``axes`` is the sentence that
    explains both.
    """

    cells: Sequence[Sequence[HeatCell]]
    down: Sequence[str]
    across: Sequence[str]
    axes: str = ""
    not_rated: int = 0
    labels: Labels = ENGLISH

    def rows(self, width: float) -> list[Row]:
        """Return the map as one row, at most 420 points wide."""
        long = min(width, 420.0)
        left = min(74.0, long * 0.24)
        each = (long - left) / max(len(self.across), 1)
        tall = 25.0
        names = [
            TextBlock(name, CELL_HEAD.but(align="end"), most_lines=2).rows(left - 8.0)
            for name in self.down
        ]
        foot_style = CELL_HEAD.but(align="centre")
        feet = [TextBlock(name, foot_style, most_lines=2).rows(each) for name in self.across]
        foot_height = max(map(height_of, feet), default=0.0)
        closing = self._closing(long)
        height = len(self.cells) * tall + 5.0 + foot_height + height_of(closing)

        def draw(canvas: AssayCanvas, place: Place) -> None:
            for n, row in enumerate(self.cells):
                top = place.top - n * tall
                name = names[n]
                middle = top - (tall - height_of(name)) / 2
                draw_rows(canvas, name, Place(place.x, middle, left - 8.0))
                for m, cell in enumerate(row):
                    _cell(canvas, cell, Place(place.x + left + m * each, top, each), tall)
            below = place.below(len(self.cells) * tall + 3.0)
            for m, foot in enumerate(feet):
                draw_rows(canvas, foot, Place(place.x + left + m * each, below.top, each))
            draw_rows(canvas, closing, Place(place.x, below.top - foot_height - 2.0, long))

        return [Row(height, draw)]

    def _closing(self, long: float) -> list[Row]:
        """Return the sentence on the axes and the count of what is not rated."""
        rows: list[Row] = []
        if self.axes:
            rows += TextBlock(self.axes, CELL_HEAD.but(align="end"), most_lines=3).rows(long)
        if self.not_rated:
            words = self.labels.not_rated.format(count=self.not_rated)
            line = break_lines(words, CELL.but(weight="strong"), long)[0]

            def draw(canvas: AssayCanvas, place: Place) -> None:
                style = CELL.but(weight="strong", colour=INK["unknown"])
                wide = line.width * style.size
                x = place.x + place.width - wide
                bottom = place.top - 12.4
                ground, lines = FILL["unknown"], INK["unknown"]
                ink.hatch(canvas, x - 17.0, bottom, 11.0, 9.0, ground=ground, ink=lines, radius=1.2)
                ink.box(canvas, x - 17.0, bottom, 11.0, 9.0, stroke=LINE_STRONG, radius=1.2)
                words_line = break_lines(words, style, long)[0]
                ink.draw_line(canvas, words_line, style, Place(x, place.top - 1.0, wide))

            rows.append(Row(16.0, draw))
        return rows


def _cell(canvas: AssayCanvas, cell: HeatCell, place: Place, tall: float) -> None:
    """Fill one cell: softer and without a figure when nothing lies there."""
    fill = FILL[cell.level]
    if not cell.count:
        fill = Colour(*(part + (1 - part) * 0.35 for part in fill))
    bottom = place.top - tall + 1.2
    ink.box(canvas, place.x + 0.8, bottom, place.width - 1.6, tall - 1.6, fill=fill, radius=1.8)
    if cell.count:
        style = CELL.but(weight="strong", align="centre", colour=INK[cell.level])
        line = break_lines(str(cell.count), style, place.width)[0]
        ink.draw_line(canvas, line, style, place.below((tall - style.leading) / 2))


_TALLEST = 560.0
"""Blocks beside each other cannot be cut; taller ones go under one another instead."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Blocks beside each other in equal columns; they stay together on one page."""

    blocks: Sequence[Block]
    gap: float = 22.0

    def rows(self, width: float) -> list[Row]:
        """Return one row as tall as the tallest block."""
        each = (width - self.gap * (len(self.blocks) - 1)) / len(self.blocks)
        columns = [block.rows(each) for block in self.blocks]
        height = max(map(height_of, columns), default=0.0)
        if height > _TALLEST:
            return [row for block in self.blocks for row in block.rows(width)]

        def draw(canvas: AssayCanvas, place: Place) -> None:
            for n, rows in enumerate(columns):
                draw_rows(canvas, rows, Place(place.x + n * (each + self.gap), place.top, each))

        return [Row(height, draw)]
