"""Severity badges: shape, word and colour together, never colour alone."""

from dataclasses import dataclass
from math import cos, pi, sin

from app.pdf import ink
from app.pdf.flow import Draw, Row
from app.pdf.ink import AssayCanvas, Place
from app.pdf.labels import ENGLISH, Labels
from app.pdf.lines import break_lines
from app.pdf.runs import Text
from app.pdf.styles import CELL, FIELD, FILL, INK, LINE_STRONG, SURFACE, TEXT, Level, TextStyle
from app.pdf.text import shortened

_WORD: TextStyle = CELL.but(weight="strong")
_PAD = 5.0
_ICON = 7.6
_AIR = 1.6
_MOST_LINES = 12
"""A badge is never cut, so it must stay far below the height of a page."""


def icon(canvas: AssayCanvas, level: Level, x: float, y: float, size: float = _ICON) -> None:
    """Draw the shape of ``level`` into the square of ``size`` with lower left corner (x, y).

    Octagon critical, hatched diamond unknown, triangle high, half diamond moderate,
    ring low.
    """
    colour = INK[level]
    middle_x, middle_y, half = x + size / 2, y + size / 2, size / 2
    diamond = [
        (middle_x, y + size),
        (x + size, middle_y),
        (middle_x, y),
        (x, middle_y),
    ]
    if level == "critical":
        corners = [(n + 0.5) * pi / 4 for n in range(8)]
        ink.polygon(
            canvas,
            [(middle_x + half * 1.04 * cos(a), middle_y + half * 1.04 * sin(a)) for a in corners],
            fill=colour,
        )
    elif level == "high":
        triangle = [(x, y + 0.4), (x + size, y + 0.4), (middle_x, y + size - 0.2)]
        ink.polygon(canvas, triangle, fill=colour, stroke=colour, thickness=0.6)
    elif level == "moderate":
        ink.polygon(canvas, [diamond[0], diamond[2], diamond[3]], fill=colour)
        ink.polygon(canvas, diamond, stroke=colour)
    elif level == "low":
        with ink.kept_state(canvas):
            canvas.setStrokeColorRGB(*colour)
            canvas.setLineWidth(1.05)
            canvas.circle(middle_x, middle_y, half - 0.4, stroke=1, fill=0)
    else:
        _hatched_diamond(canvas, diamond)


def _hatched_diamond(canvas: AssayCanvas, corners: list[tuple[float, float]]) -> None:
    top, right, bottom, left = corners
    with ink.kept_state(canvas):
        path = canvas.beginPath()
        path.moveTo(*top)
        for corner in (right, bottom, left):
            path.lineTo(*corner)
        path.close()
        canvas.clipPath(path, stroke=0, fill=0)
        width, height = right[0] - left[0], top[1] - bottom[1]
        ink.hatch(
            canvas,
            left[0],
            bottom[1],
            width,
            height,
            ground=SURFACE,
            ink=INK["unknown"],
            step=1.9,
        )
    ink.polygon(canvas, corners, stroke=INK["unknown"])


def _level_with_text(height: float, draw: Draw) -> Row:
    """Return a row that reaches into the air above, so that words share a base line."""
    return Row(height - _AIR, lambda canvas, place: draw(canvas, place.below(-_AIR)))


@dataclass(frozen=True, slots=True)
class Badge:
    """The badge of a level: icon, word and colours; ``suffix`` follows the word."""

    level: Level
    suffix: str = ""
    labels: Labels = ENGLISH

    def rows(self, width: float) -> list[Row]:
        """Return the badge as one row, as wide as its words; long words wrap inside it."""
        indent = _PAD + _ICON + 4.0
        style = _WORD.but(colour=INK[self.level])
        words = self.labels.levels[self.level] + self.suffix
        room = width - indent - _PAD
        lines = shortened(break_lines(words, style, room), _MOST_LINES, style, room)
        text_width = max(line.width for line in lines) * style.size
        height = len(lines) * style.leading + 2 * _AIR

        def draw(canvas: AssayCanvas, place: Place) -> None:
            bottom, full = place.top - height, min(indent + text_width + _PAD, place.width)
            if self.level == "unknown":
                ground, lines_ink = SURFACE, FILL["unknown"]
                ink.hatch(
                    canvas,
                    place.x,
                    bottom,
                    full,
                    height,
                    ground=ground,
                    ink=lines_ink,
                    radius=3.0,
                    step=2.2,
                )
                ink.box(canvas, place.x, bottom, full, height, stroke=LINE_STRONG, radius=3.0)
            else:
                ink.box(canvas, place.x, bottom, full, height, fill=FILL[self.level], radius=3.0)
            first_middle = place.top - _AIR - style.leading / 2
            icon(canvas, self.level, place.x + _PAD, first_middle - _ICON / 2)
            inner = place.below(_AIR).inset(indent)
            for line in lines:
                ink.draw_line(canvas, line, style, inner)
                inner = inner.below(style.leading)

        return [_level_with_text(height, draw)]


@dataclass(frozen=True, slots=True)
class StateBadge:
    """A state in words with an outline only, so that it never competes with risk."""

    word: Text

    def rows(self, width: float) -> list[Row]:
        """Return the badge as one row; long words wrap inside it."""
        style = CELL.but(colour=TEXT)
        room = width - 2 * _PAD
        lines = shortened(break_lines(self.word, style, room), _MOST_LINES, style, room)
        text_width = max(line.width for line in lines) * style.size
        height = len(lines) * style.leading + 2 * _AIR

        def draw(canvas: AssayCanvas, place: Place) -> None:
            full = min(text_width + 2 * _PAD, place.width)
            ink.box(canvas, place.x, place.top - height, full, height, stroke=FIELD, radius=3.0)
            inner = place.below(_AIR).inset(_PAD)
            for line in lines:
                ink.draw_line(canvas, line, style, inner)
                inner = inner.below(style.leading)

        return [_level_with_text(height, draw)]
