"""Text styles and colours, all derived from the design tokens."""

from dataclasses import dataclass, replace
from typing import Literal

from app.pdf.fonts import Weight
from app.pdf.tokens import Colour, colour, points

Align = Literal["start", "end", "centre"]
Level = Literal["critical", "unknown", "high", "moderate", "low"]

LEVELS: tuple[Level, ...] = ("critical", "unknown", "high", "moderate", "low")
"""Severity levels in the order in which they sort and are drawn."""

TEXT = colour("text")
SOFT = colour("text-soft")
LINE = colour("line")
LINE_STRONG = colour("line-strong")
ACCENT = colour("accent")
ACCENT_SOFT = colour("accent-soft")
SURFACE = colour("surface")
GROUND = colour("bg")
FIELD = colour("field")
MUTED_BAR = Colour(*((a + b) / 2 for a, b in zip(LINE, LINE_STRONG, strict=True)))
"""Plain bars: between the hairline and the strong line."""

INK: dict[Level, Colour] = {level: colour(level) for level in LEVELS}
FILL: dict[Level, Colour] = {level: colour(f"{level}-soft") for level in LEVELS}

HAIRLINE = 0.6
"""Width of every rule, in points."""

GRID = 3.0
"""One step of the spacing grid (4 pixels), in points."""


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a block of text looks.  Sizes and spaces are in points.

    ``before`` and ``after`` are the spaces around the block; ``align`` "start" means
    left for left-to-right and right for right-to-left paragraphs.
    """

    size: float
    leading: float
    weight: Weight = "regular"
    colour: Colour = TEXT
    align: Align = "start"
    tabular: bool = False
    before: float = 0.0
    after: float = 0.0

    def but(
        self,
        *,
        weight: Weight | None = None,
        colour: Colour | None = None,
        align: Align | None = None,
        tabular: bool | None = None,
    ) -> "TextStyle":
        """Return the same style with the named parts changed."""
        return replace(
            self,
            weight=weight or self.weight,
            colour=colour or self.colour,
            align=align or self.align,
            tabular=self.tabular if tabular is None else tabular,
        )


_S, _M, _L, _XL = (points(f"size-{step}") for step in ("s", "m", "l", "xl"))

BODY = TextStyle(_S, 14.0, after=7.0)
STRONG = BODY.but(weight="strong")
LEAD = TextStyle(_M * 1.09, 17.5, colour=SOFT, after=8.0)
SMALL = TextStyle(_S * 0.875, 11.5, colour=SOFT)
QUOTE = TextStyle(_S, 14.0, colour=SOFT, weight="italic", after=7.0)
TITLE = TextStyle(_XL * 1.3, 31.0, weight="strong", after=7.0)
SECTION = TextStyle(_L, 19.0, weight="strong", before=17.0, after=7.0)
SUBSECTION = TextStyle(_M * 1.02, 16.0, weight="strong", before=11.0, after=5.0)
CELL = TextStyle(_S * 0.94, 12.5, tabular=True)
CELL_HEAD = TextStyle(_S * 0.86, 11.5, colour=SOFT)
LABEL = TextStyle(_S * 0.86, 11.5, colour=SOFT)
RUNNING = TextStyle(_S * 0.82, 10.5, colour=SOFT, tabular=False)
