"""Bar charts: plain bars, and bars stacked by severity.

Labels stand on the marks and no axis is drawn, unless there is an aim.  Teal marks
what asks for attention, grey is the rest, and what is not known is hatched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.pdf import ink
from app.pdf.flow import Row, blank, draw_rows, height_of
from app.pdf.ink import AssayCanvas, Place
from app.pdf.labels import ENGLISH, Labels
from app.pdf.lines import break_lines
from app.pdf.styles import (
    ACCENT,
    CELL,
    CELL_HEAD,
    FILL,
    INK,
    LEVELS,
    LINE_STRONG,
    MUTED_BAR,
    SOFT,
    SURFACE,
    TEXT,
    Level,
)
from app.pdf.text import TextBlock

_NUMBER = CELL.but(weight="strong", tabular=True)
_LABEL_LINES = 8
"""A label on a chart shows so many lines at most: a chart is never taller than a page."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what it counts, how much, and how it looks.

    ``value`` None is "not known": hatched, with no length of its own.  ``text`` is
    what stands at the end of the bar instead of the bare number.
    """

    label: str
    value: float | None
    text: str = ""
    attention: bool = False
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class BarChart:
    """Horizontal bars with their label at the left and their number at the end.

    ``maximum`` is the value of a full bar (the greatest value when None); ``aim``
    draws a dashed line at that value.
    """

    bars: Sequence[Bar]
    maximum: float | None = None
    aim: float | None = None
    aim_text: str = ""
    labels: Labels = ENGLISH

    def rows(self, width: float) -> list[Row]:
        """Return one row a bar, and one for the aim."""
        if not self.bars:
            return TextBlock(self.labels.no_data, CELL.but(colour=SOFT)).rows(width)
        greatest = max((bar.value or 0.0 for bar in self.bars), default=0.0)
        full = self.maximum or max(greatest, self.aim or 0.0) or 1.0
        left = width * 0.32
        track = width - left - 58.0
        rows = [self._bar(bar, left, track, full) for bar in self.bars]
        if self.aim is not None:
            rows.append(self._aim(left + track * min(self.aim / full, 1.0)))
        return rows

    def _bar(self, bar: Bar, left: float, track: float, full: float) -> Row:
        label = TextBlock(bar.label, CELL, most_lines=_LABEL_LINES).rows(left - 10.0)
        height = max(height_of(label), CELL.leading) + 6.0
        value = bar.value
        length = 0.0 if value is None else track * max(0.0, min(value / full, 1.0))
        number = bar.text or ("?" if value is None else self.labels.number(value))
        shown = TextBlock(number, _NUMBER, most_lines=1)
        aim = None if self.aim is None else left + track * min(self.aim / full, 1.0)

        def draw(canvas: AssayCanvas, place: Place) -> None:
            draw_rows(canvas, label, place.below(3.0).inset(0, place.width - left + 10.0))
            thick, x = 8.5, place.x + left
            bottom = place.top - 3.0 - (CELL.leading + thick) / 2
            if bar.hatched or value is None:
                long = max(length, 22.0) if value is None else max(length, 1.5)
                ground, lines = SURFACE, INK["unknown"]
                ink.hatch(canvas, x, bottom, long, thick, ground=ground, ink=lines, radius=1.4)
                ink.box(canvas, x, bottom, long, thick, stroke=LINE_STRONG, radius=1.4)
            else:
                long = max(length, 1.5 if value else 0.0)
                fill = ACCENT if bar.attention else MUTED_BAR
                if long:
                    ink.box(canvas, x, bottom, long, thick, fill=fill, radius=1.4)
            if aim is not None:
                _dashed(canvas, place.x + aim, place.top, height)
            number_place = Place(x + long + 6.0, place.top - 3.0, 58.0 + track - long)
            if aim is not None:
                # The dashed line may not strike the number through.
                plate = break_lines(number, _NUMBER, number_place.width)[0].width * _NUMBER.size
                ink.box(canvas, x + long + 4.0, bottom - 2.0, plate + 4.0, 12.5, fill=SURFACE)
            draw_rows(canvas, shown.rows(number_place.width), number_place)

        return Row(height, draw)

    def _aim(self, at: float) -> Row:
        words = self.aim_text or self.labels.aim.format(value=self.labels.number(self.aim or 0.0))
        line = break_lines(words, CELL_HEAD, 400.0)[0]
        half = line.width * CELL_HEAD.size / 2

        def draw(canvas: AssayCanvas, place: Place) -> None:
            _dashed(canvas, place.x + at, place.top, 3.0)
            start = min(max(at - half, 0.0), place.width - 2 * half)
            ink.draw_line(canvas, line, CELL_HEAD, place.below(3.0).inset(start))

        return Row(CELL_HEAD.leading + 4.0, draw)


def _dashed(canvas: AssayCanvas, x: float, top: float, height: float) -> None:
    with ink.kept_state(canvas):
        canvas.setStrokeColorRGB(*TEXT)
        canvas.setLineWidth(0.7)
        canvas.setDash([1.6, 1.8], 0)
        canvas.line(x, top, x, top - height)


@dataclass(frozen=True, slots=True)
class SeverityBar:
    """One bar of a severity chart: its label and the count of each level."""

    label: str
    counts: Mapping[Level, int]


@dataclass(frozen=True, slots=True)
class SeverityChart:
    """Bars stacked by severity, with a legend; unknown is hatched.

    Every count above zero is shown with its number, so a part is never narrower than
    its figures; the total stands at the end of the bar.
    """

    bars: Sequence[SeverityBar]
    labels: Labels = ENGLISH

    def rows(self, width: float) -> list[Row]:
        """Return the legend and one row a bar."""
        totals = [sum(bar.counts.values()) for bar in self.bars]
        if not any(totals):
            return TextBlock(self.labels.no_data, CELL.but(colour=SOFT)).rows(width)
        rows = [Legend(self.labels).rows(width)[0], blank(4.0)]
        for bar, total in zip(self.bars, totals, strict=True):
            rows.append(self._bar(bar, total, max(totals), width))
        return rows

    def _bar(self, bar: SeverityBar, total: int, most: int, width: float) -> Row:
        track = width - 34.0
        label = TextBlock(bar.label, CELL_HEAD, most_lines=_LABEL_LINES).rows(width)
        height = height_of(label) + 28.0
        parts = _parts(bar.counts, track, most)

        def draw(canvas: AssayCanvas, place: Place) -> None:
            draw_rows(canvas, label, place)
            thick = 17.0
            place = place.below(height_of(label) + 2.0)
            x, bottom = place.x, place.top - thick
            for level, count, long in parts:
                _part(canvas, level, Place(x, bottom, long - 1.4), thick)
                style = _NUMBER.but(align="centre", colour=INK[level])
                line = break_lines(str(count), style, 200.0)[0]
                top = bottom + (thick + style.leading) / 2
                if level == "unknown":
                    plate = line.width * style.size + 5.0
                    middle = x + (long - 1.4) / 2
                    ink.box(canvas, middle - plate / 2, bottom + 2.6, plate, 11.8, fill=SURFACE)
                ink.draw_line(canvas, line, style, Place(x, top, long - 1.4))
                x += long
            line = break_lines(str(total), _NUMBER, 200.0)[0]
            ink.draw_line(
                canvas, line, _NUMBER, Place(x + 6.0, bottom + (thick + CELL.leading) / 2, 60.0)
            )

        return Row(height, draw)


def _parts(counts: Mapping[Level, int], track: float, most: int) -> list[tuple[Level, int, float]]:
    """Return (level, count, length) for counts above zero, in the order of severity."""
    shown = [(level, counts.get(level, 0)) for level in LEVELS if counts.get(level, 0) > 0]
    total = sum(count for _, count in shown)
    if not total:
        return []
    least = {level: 7.0 + 5.4 * len(str(count)) for level, count in shown}
    length = max(track * total / most, sum(least.values()))
    widths = dict(least)
    wide = dict(shown)
    # Give the parts that are too short their least width and share the rest, until none is.
    while wide:
        share = length - sum(widths[level] for level in widths if level not in wide)
        per_count = share / sum(wide.values())
        short = [level for level, count in wide.items() if count * per_count < least[level]]
        if not short:
            widths |= {level: count * per_count for level, count in wide.items()}
            break
        for level in short:
            del wide[level]
    return [(level, count, widths[level]) for level, count in shown]


def _part(canvas: AssayCanvas, level: Level, place: Place, thick: float) -> None:
    """Fill one part of a stacked bar; ``place.top`` is its lower edge."""
    x, bottom, long = place
    if level == "unknown":
        ground, lines = FILL[level], INK[level]
        ink.hatch(canvas, x, bottom, long, thick, ground=ground, ink=lines, radius=1.8)
        ink.box(canvas, x, bottom, long, thick, stroke=INK[level], radius=1.8)
    else:
        ink.box(canvas, x, bottom, long, thick, fill=FILL[level], stroke=INK[level], radius=1.8)


@dataclass(frozen=True, slots=True)
class Legend:
    """The five levels with their fills, on one line."""

    labels: Labels = ENGLISH

    def rows(self, _width: float) -> list[Row]:
        """Return the legend as one row."""

        def draw(canvas: AssayCanvas, place: Place) -> None:
            x = place.x
            for level in LEVELS:
                _part(canvas, level, Place(x, place.top - 9.6, 7.6), 7.6)
                line = break_lines(self.labels.levels[level], CELL_HEAD, 300.0)[0]
                ink.draw_line(canvas, line, CELL_HEAD, Place(x + 11.5, place.top, 300.0))
                x += 11.5 + line.width * CELL_HEAD.size + 14.0

        return [Row(CELL_HEAD.leading + 2.0, draw)]
