"""Flowables made of rows: whatever is drawn is a stack of rows, and splits between them.

A ``Row`` has a height and draws itself.  A ``Block`` turns a width into rows.  Text,
badges, charts and table cells are all blocks, so one flowable splits them all, and
no value, however long, can be taller than a page.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from reportlab.platypus import Flowable

from app.pdf.ink import AssayCanvas, Place

Draw = Callable[[AssayCanvas, Place], None]
"""Draws on a canvas, at a place."""


class Row(NamedTuple):
    """A strip of the page that is never cut: its height in points and how to draw it."""

    height: float
    draw: Draw


def blank(height: float) -> Row:
    """Return a row of ``height`` points with nothing on it."""
    return Row(height, lambda *_: None)


@runtime_checkable
class Block(Protocol):
    """Something that becomes rows once its width is known."""

    def rows(self, width: float) -> list[Row]:
        """Return the rows that fill ``width`` points, from top to bottom."""
        ...


def height_of(rows: Sequence[Row]) -> float:
    """Return the height of ``rows`` together, in points."""
    return sum(row.height for row in rows)


def fitting(rows: Sequence[Row], height: float) -> int:
    """Return how many of the first ``rows`` fit into ``height`` points."""
    used = 0.0
    for count, row in enumerate(rows):
        used += row.height
        if used > height + 0.01:
            return count
    return len(rows)


def draw_rows(canvas: AssayCanvas, rows: Sequence[Row], place: Place) -> None:
    """Draw ``rows`` one under another, from the top of ``place`` downwards."""
    for row in rows:
        row.draw(canvas, place)
        place = place.below(row.height)


class Laid(NamedTuple):
    """A block that has its rows already, for a width that will not change."""

    ready: list[Row]

    def rows(self, _width: float) -> list[Row]:
        """Return the rows."""
        return self.ready


class RowFlowable(Flowable):  # type: ignore[misc]  # reportlab has no type stubs
    """A block on the page.

    ``together``: how many rows must stay on one page at either side of a split.
    ``before`` and ``after`` are the spaces around it in points.
    """

    def __init__(
        self, block: Block, *, before: float = 0.0, after: float = 0.0, together: int = 2
    ) -> None:
        super().__init__()
        self.block = block
        self.spaceBefore = before
        self.spaceAfter = after
        self.together = together
        self._rows: list[Row] | None = None
        self._made_for = -1.0

    def _laid_out(self, width: float) -> list[Row]:
        if self._rows is None or abs(self._made_for - width) > 0.01:
            self._rows = self.block.rows(width)
            self._made_for = width
        return self._rows

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Return the size that the block takes in ``width`` points."""
        self.width = width
        self.height = height_of(self._laid_out(width))
        return width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        """Return the part that fits into ``height`` and the rest; [] when none fits."""
        rows = self._laid_out(width)
        count = fitting(rows, height)
        if len(rows) - count < self.together:
            count = len(rows) - self.together
        if count < min(self.together, len(rows)):
            # Near the foot of a page nothing is begun; on a fresh page anything is.
            count = fitting(rows, height) if height > _FRESH_PAGE else 0
        if count <= 0:
            return []
        head = RowFlowable(Laid(rows[:count]), together=self.together)
        rest = RowFlowable(Laid(rows[count:]), after=self.spaceAfter, together=self.together)
        return [head, rest]

    def draw(self) -> None:
        """Draw the rows; ReportLab has moved the origin to the lower left corner."""
        draw_rows(self.canv, self._laid_out(self.width), Place(0.0, self.height, self.width))

    def __repr__(self) -> str:
        # ReportLab puts this into its error messages, which must hold no one's text.
        return f"{type(self).__name__}({type(self.block).__name__})"

    def identity(self, *_: Any) -> str:
        """Return the name for ReportLab's messages, without content."""
        return repr(self)


_FRESH_PAGE = 400.0
"""More free height than this, in points, is a fresh page."""
