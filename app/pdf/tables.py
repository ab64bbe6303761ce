"""Tables and fact grids that split over pages.

Only horizontal hairlines, as on the pages.  The header row repeats on every page.  A
row moves to the next page whole while it is short; a tall one splits inside its
cells, so a cell may be longer than any number of pages.  Rows are laid out when
their page comes, which keeps long tables linear.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from reportlab.platypus import CondPageBreak, Flowable

from app.pdf import ink
from app.pdf.flow import Block, Row, draw_rows, fitting, height_of
from app.pdf.ink import AssayCanvas, Place
from app.pdf.runs import Text
from app.pdf.styles import (
    CELL,
    CELL_HEAD,
    LABEL,
    LINE,
    LINE_STRONG,
    SOFT,
    STRONG,
    SUBSECTION,
    Align,
)
from app.pdf.text import TextBlock, paragraph

_GAP = 12.0
"""Space between columns, in points."""
_PAD = 5.0
"""Space above and below the content of a row, in points."""
_TALL = 260.0
"""A row taller than this may split inside its cells."""
_LEAST = 44.0
"""A row splits only when this much of it fits on the page."""
_FRESH_PAGE = 400.0
"""More free height than this, in points, is a fresh page, where something must be placed."""

Cell = Text | Block
"""The content of a cell: a value, or a block such as a badge or a ``Stack``."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its share of the width and how its cells look.

    Columns of figures have ``align`` "end".
    """

    label: Text
    share: float = 1.0
    align: Align = "start"
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A row that names the rows under it."""

    label: Text


@dataclass(frozen=True, slots=True)
class Stack:
    """Blocks one under another, ``gap`` points apart."""

    blocks: Sequence[Block]
    gap: float = 0.0

    def rows(self, width: float) -> list[Row]:
        """Return the rows of all blocks."""
        result: list[Row] = []
        for at, block in enumerate(self.blocks):
            if at and self.gap:
                result.append(Row(self.gap, lambda *_: None))
            result.extend(block.rows(width))
        return result


class _Strip(NamedTuple):
    """A laid-out table row: the rows of each cell, whether it is a group, whole or cut."""

    cells: list[list[Row]]
    is_group: bool = False
    is_cut: bool = False

    @property
    def height(self) -> float:
        return max(map(height_of, self.cells), default=0.0) + 2 * _PAD


class _Source:
    """The columns and rows of a table with what has been laid out so far."""

    def __init__(
        self,
        columns: Sequence[Column],
        body: Sequence[Sequence[Cell] | Group],
        *,
        has_head: bool,
        has_rules: bool,
    ) -> None:
        self.columns = columns
        self.body = body
        self.has_head = has_head
        self.has_rules = has_rules
        self._width = -1.0
        self._strips: dict[int, _Strip] = {}
        self._head = _Strip([])

    def widths(self, width: float) -> list[float]:
        """Return the widths of the columns when the table is ``width`` points wide."""
        free = width - _GAP * (len(self.columns) - 1)
        total = sum(column.share for column in self.columns)
        return [free * column.share / total for column in self.columns]

    def _prepare(self, width: float) -> None:
        if width == self._width:
            return
        self._width = width
        self._strips = {}
        heads = zip(self.columns, self.widths(width), strict=True)
        self._head = _Strip(
            [
                TextBlock(column.label, CELL_HEAD.but(align=column.align), most_lines=5).rows(each)
                for column, each in heads
            ]
        )

    def head(self, width: float) -> _Strip | None:
        """Return the header row, or None when the table has none."""
        self._prepare(width)
        return self._head if self.has_head else None

    def strip(self, index: int, width: float) -> _Strip:
        """Return row ``index`` laid out."""
        self._prepare(width)
        if index not in self._strips:
            self._strips[index] = self._lay_out(self.body[index], width)
        return self._strips[index]

    def forget(self, before: int) -> None:
        """Drop the layout of rows that have been given to a page."""
        self._strips = {index: strip for index, strip in self._strips.items() if index >= before}

    def _lay_out(self, row: Sequence[Cell] | Group, width: float) -> _Strip:
        if isinstance(row, Group):
            label = TextBlock(row.label, CELL.but(weight="strong"), most_lines=5)
            return _Strip([label.rows(width)], is_group=True)
        cells = []
        for column, cell, each in zip(self.columns, row, self.widths(width), strict=True):
            style = CELL.but(
                weight="strong" if column.strong else "regular",
                align=column.align,
            )
            block = cell if isinstance(cell, Block) else TextBlock(cell, style)
            cells.append(block.rows(each))
        return _Strip(cells)


class _Fit(NamedTuple):
    """What fits on a page: strips, where the rest begins, and the rest of a cut row."""

    strips: list[_Strip]
    height: float
    following: int
    carried: _Strip | None


class TableFlowable(Flowable):  # type: ignore[misc]  # reportlab has no type stubs
    """A table from row ``first`` on; ``carried`` is the rest of a row cut before it."""

    def __init__(
        self,
        source: _Source,
        first: int = 0,
        carried: _Strip | None = None,
        *,
        after: float = 12.0,
    ) -> None:
        super().__init__()
        self._source = source
        self._first = first
        self._carried = carried
        self._fixed: _Fit | None = None
        self.spaceBefore = 0.0
        self.spaceAfter = after

    def _fit(self, width: float, height: float) -> _Fit:
        """Return what of this table fits into ``height`` points."""
        head = self._source.head(width)
        used = head.height if head else 0.0
        strips: list[_Strip] = []
        index, carried = self._first, self._carried
        while carried is not None or index < len(self._source.body):
            strip = carried or self._source.strip(index, width)
            if used + strip.height > height + 0.01:
                forced = not strips and height > _FRESH_PAGE
                top, rest = _cut(strip, height - used, forced=forced)
                if top:
                    strips.append(top)
                    used += top.height
                    index += carried is None
                    return _Fit(strips, used, index, rest)
                break
            strips.append(strip)
            used += strip.height
            index += carried is None
            carried = None
        if index < len(self._source.body) and len(strips) > 1 and strips[-1].is_group:
            used -= strips.pop().height
            index -= 1
        return _Fit(strips, used, index, carried)

    def _is_whole(self, fit: _Fit) -> bool:
        return fit.following >= len(self._source.body) and fit.carried is None

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Return the size; more than ``height`` stands for "does not fit"."""
        fit = self._fixed or self._fit(width, height)
        self.width = width
        if self._fixed or self._is_whole(fit):
            self.height = fit.height
        else:
            self.height = height + 1.0
        return width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        """Return the part that fits into ``height`` and the rest; [] when none fits."""
        fit = self._fit(width, height)
        only_group = len(fit.strips) == 1 and fit.strips[0].is_group
        if not fit.strips or (only_group and height <= _FRESH_PAGE):
            return []
        part = TableFlowable(self._source, self._first, after=0.0)
        part._fixed = fit
        self._source.forget(fit.following)
        if self._is_whole(fit):
            return [part]
        rest = TableFlowable(self._source, fit.following, fit.carried, after=self.spaceAfter)
        return [part, rest]

    def draw(self) -> None:
        """Draw the header and the rows; the origin is the lower left corner."""
        fit = self._fixed or self._fit(self.width, self.height + 1.0)
        canvas: AssayCanvas = self.canv
        place = Place(0.0, self.height, self.width)
        head = self._source.head(self.width)
        if head:
            self._draw_cells(canvas, head, place)
            place = place.below(head.height)
            ink.rule(canvas, place, colour=LINE_STRONG)
        for strip in fit.strips:
            if strip.is_group:
                draw_rows(canvas, strip.cells[0], place.below(_PAD))
            else:
                self._draw_cells(canvas, strip, place)
            place = place.below(strip.height)
            if self._source.has_rules and not strip.is_cut:
                ink.rule(canvas, place, colour=LINE)

    def _draw_cells(self, canvas: AssayCanvas, strip: _Strip, place: Place) -> None:
        x = place.x
        for rows, each in zip(strip.cells, self._source.widths(place.width), strict=True):
            draw_rows(canvas, rows, Place(x, place.top - _PAD, each))
            x += each + _GAP

    def __repr__(self) -> str:
        # ReportLab puts this into its error messages, which must hold no one's text.
        return f"{type(self).__name__}({len(self._source.body)} rows)"

    def identity(self, *_: Any) -> str:
        """Return the name for ReportLab's messages, without content."""
        return repr(self)


def _cut(strip: _Strip, height: float, *, forced: bool) -> tuple[_Strip | None, _Strip | None]:
    """Cut a row so that its upper part takes ``height`` points at most.

    Returns (None, None) when the row should rather move to the next page whole;
    ``forced`` says that there is no better page than this one.
    """
    room = height - 2 * _PAD
    if not forced and (strip.height <= _TALL or room < _LEAST):
        return None, None
    counts = [fitting(rows, room) for rows in strip.cells]
    if not any(counts):
        return None, None
    upper = [rows[:count] for rows, count in zip(strip.cells, counts, strict=True)]
    lower = [rows[count:] for rows, count in zip(strip.cells, counts, strict=True)]
    if not any(lower):
        return strip, None
    return _Strip(upper, strip.is_group, is_cut=True), _Strip(lower, strip.is_group)


def data_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell] | Group],
    *,
    empty: Text,
    caption: Text = "",
) -> list[Flowable]:
    """Return a table with a caption above it.

    Each row holds one cell for each column, or is a ``Group``.  When there are no
    rows, the sentence ``empty`` stands in their place.  Raises ValueError when a row
    has another number of cells than there are columns.
    """
    for at, row in enumerate(rows):
        if not isinstance(row, Group) and len(row) != len(columns):
            raise ValueError(f"row {at} has {len(row)} cells for {len(columns)} columns")
    story: list[Flowable] = []
    if caption:
        story += [CondPageBreak(90.0), paragraph(caption, SUBSECTION)]
    if not rows:
        return [*story, paragraph(empty, CELL.but(colour=SOFT))]
    source = _Source(columns, rows, has_head=True, has_rules=True)
    return [*story, TableFlowable(source)]


def facts(pairs: Sequence[tuple[str, Text]], *, columns: int = 3) -> Flowable:
    """Return a grid of facts: a soft label over a strong value, ``columns`` beside each other."""
    cells: list[Cell] = [
        Stack([TextBlock(label, LABEL), TextBlock(value, STRONG)]) for label, value in pairs
    ]
    cells += [""] * (-len(cells) % columns)
    rows = [cells[i : i + columns] for i in range(0, len(cells), columns)]
    grid = [Column("") for _ in range(columns)]
    return TableFlowable(_Source(grid, rows, has_head=False, has_rules=False), after=8.0)
