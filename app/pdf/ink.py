"""Draws lines of text and simple shapes on a ReportLab canvas.

Text operators are written directly instead of through ``drawString``: a line mixes
fonts, looks and directions, figures need equal cells, and a code that stands for a
missing character carries that character as ActualText, so that searching, copying
and screen readers still find it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from reportlab.pdfgen.canvas import Canvas as BaseCanvas

from app.pdf.characters import is_readable
from app.pdf.fonts import Glyphs, load_fonts
from app.pdf.lines import Line, Piece
from app.pdf.styles import HAIRLINE, LINE, TextStyle
from app.pdf.tokens import Colour

_BOLDER = 0.028
"""Width of the stroke, in em, that makes a fallback glyph look strong."""


class Place(NamedTuple):
    """A strip of the page that hangs from ``top``; all in points."""

    x: float
    top: float
    width: float

    def inset(self, left: float, right: float = 0.0) -> "Place":
        """Return the strip without ``left`` points at its left and ``right`` at its right."""
        return Place(self.x + left, self.top, self.width - left - right)

    def below(self, height: float) -> "Place":
        """Return the strip that hangs ``height`` points lower."""
        return Place(self.x, self.top - height, self.width)


Footer = Callable[["AssayCanvas", int, int, bool], str]


class AssayCanvas(BaseCanvas):  # type: ignore[misc]  # reportlab has no type stubs
    """A canvas that knows whether its current page shows codes for missing characters.

    ``footer`` returns the operators of a page's footer; it is called when all pages
    are there: canvas, page number, number of pages, does the page show codes.
    ``section_count`` numbers the bookmarks, ``section_level`` is the last one's depth.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.footer: Footer | None = None
        self.page_has_codes = False
        self._pages_with_codes: list[bool] = []
        self.section_count = 0
        self.section_level = -1

    def showPage(self) -> None:  # noqa: N802  # ReportLab calls it by this name
        """End the page and remember whether it shows codes."""
        self._pages_with_codes.append(self.page_has_codes)
        self.page_has_codes = False
        super().showPage()

    def save(self) -> None:
        """Write the footers, which need the number of pages, and end the document."""
        pages = self._doc.Pages.pages
        for number, page in enumerate(pages, start=1):
            if self.footer is not None:
                has_codes = self._pages_with_codes[number - 1]
                page.stream += self.footer(self, number, len(pages), has_codes) + "\n"
        super().save()

    def write(self, operators: str) -> None:
        """Append raw page operators; they must leave the graphics state as it was."""
        self._code.append(operators)

    def text_operators(self, line: Line, x: float, y: float, size: float) -> str:
        """Return the operators that draw ``line`` with its base line starting at (x, y)."""
        parts = [f"q BT 1 0 0 1 {x:.2f} {y:.2f} Tm"]
        for piece in line.pieces:
            look = piece.look
            parts.append(f"{_rgb(look.colour)} rg")
            if piece.stands_for:
                self.page_has_codes = True
                readable = "".join(filter(is_readable, piece.stands_for))
                if readable:
                    actual = readable.encode("utf-16-be").hex().upper()
                    parts.append(f"/Span <</ActualText <FEFF{actual}>>> BDC")
            if piece.glyphs.embolden:
                parts.append(f"2 Tr {size * _BOLDER:.3f} w {_rgb(look.colour)} RG")
            parts.extend(self._show(piece, size))
            if piece.glyphs.embolden:
                parts.append("0 Tr")
            if piece.stands_for and any(map(is_readable, piece.stands_for)):
                parts.append("EMC")
        parts.append("ET Q")
        return " ".join(parts)

    def _show(self, piece: Piece, size: float) -> Iterator[str]:
        """Yield the operators that choose the font of ``piece`` and show its text."""
        font = piece.glyphs.font
        if piece.glyphs.is_cid:
            name = self._doc.getInternalFontName(font.fontName)
            yield f"{name} {size:.2f} Tf ({font.formatForPdf(piece.text)}) Tj"
            return
        at = 0
        for subset, codes in font.splitString(piece.text, self._doc):
            name = font.getSubsetInternalName(subset, self._doc)
            text = piece.text[at : at + len(codes)]
            at += len(codes)
            yield f"{name} {size:.2f} Tf"
            if piece.glyphs.cell and any("0" <= char <= "9" for char in text):
                yield self._in_cells(piece.glyphs, text, codes)
            else:
                yield f"({self._escape(codes)}) Tj"

    def _in_cells(self, glyphs: Glyphs, text: str, codes: bytes) -> str:
        """Return a TJ operator that centres each digit in a cell of equal width."""
        face = glyphs.font.face
        parts = []
        for char, code in zip(text, codes, strict=True):
            shown = f"({self._escape(bytes([code]))})"
            if "0" <= char <= "9":
                pad = (face.charWidths[ord(char)] - glyphs.cell * 1000) / 2
                shown = f"{pad:.1f} {shown} {pad:.1f}"
            parts.append(shown)
        return f"[{' '.join(parts)}] TJ"


def _rgb(colour: Colour) -> str:
    return f"{colour.red:.3f} {colour.green:.3f} {colour.blue:.3f}"


def baseline(style: TextStyle) -> float:
    """Return how far below the top of its line the base line of ``style`` lies, in points."""
    return (style.leading - style.size) / 2 + style.size * min(load_fonts().ascent, 0.86)


def draw_line(canvas: AssayCanvas, line: Line, style: TextStyle, place: Place) -> None:
    """Draw ``line`` as the first line of ``place``."""
    if not line.pieces:
        return
    spare = place.width - line.width * style.size
    at_end = (style.align == "end") != (line.rtl and style.align == "start")
    offset = spare / 2 if style.align == "centre" else spare if at_end else 0.0
    y = place.top - baseline(style)
    canvas.write(canvas.text_operators(line, place.x + offset, y, style.size))


@contextmanager
def kept_state(canvas: AssayCanvas) -> Iterator[None]:
    """Restore colours, line styles and clipping afterwards."""
    canvas.saveState()
    try:
        yield
    finally:
        canvas.restoreState()


def rule(
    canvas: AssayCanvas, place: Place, *, colour: Colour = LINE, thickness: float = HAIRLINE
) -> None:
    """Draw a rule along the top of ``place``."""
    with kept_state(canvas):
        canvas.setStrokeColorRGB(*colour)
        canvas.setLineWidth(thickness)
        canvas.line(place.x, place.top, place.x + place.width, place.top)


def box(
    canvas: AssayCanvas,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: Colour | None = None,
    stroke: Colour | None = None,
    radius: float = 0.0,
    thickness: float = HAIRLINE,
) -> None:
    """Draw a rectangle with its lower left corner at (x, y)."""
    with kept_state(canvas):
        if fill:
            canvas.setFillColorRGB(*fill)
        if stroke:
            canvas.setStrokeColorRGB(*stroke)
            canvas.setLineWidth(thickness)
        radius = min(radius, width / 2, height / 2)
        canvas.roundRect(
            x, y, width, height, max(radius, 0.0), stroke=bool(stroke), fill=bool(fill)
        )


def hatch(
    canvas: AssayCanvas,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    ground: Colour,
    ink: Colour,
    radius: float = 0.0,
    step: float = 3.4,
) -> None:
    """Fill a rectangle with rising diagonals: what is not known is never plain."""
    if width <= 0 or height <= 0:
        return
    with kept_state(canvas):
        path = canvas.beginPath()
        path.roundRect(x, y, width, height, max(0.0, min(radius, width / 2, height / 2)))
        canvas.clipPath(path, stroke=0, fill=0)
        canvas.setFillColorRGB(*ground)
        canvas.rect(x, y, width, height, stroke=0, fill=1)
        canvas.setStrokeColorRGB(*ink)
        canvas.setLineWidth(0.55)
        count = int((width + height) / step) + 1
        start = x - height
        canvas.lines(
            [(start + n * step, y, start + n * step + height, y + height) for n in range(count)]
        )


def polygon(
    canvas: AssayCanvas,
    points: list[tuple[float, float]],
    *,
    fill: Colour | None = None,
    stroke: Colour | None = None,
    thickness: float = 0.9,
) -> None:
    """Draw a closed polygon through ``points``."""
    with kept_state(canvas):
        path = canvas.beginPath()
        path.moveTo(*points[0])
        for point in points[1:]:
            path.lineTo(*point)
        path.close()
        canvas.setLineJoin(1)
        canvas.setLineWidth(thickness)
        if fill:
            canvas.setFillColorRGB(*fill)
        if stroke:
            canvas.setStrokeColorRGB(*stroke)
        canvas.drawPath(path, stroke=bool(stroke), fill=bool(fill))
