"""Builds the document: cover block, running header, footer, outline, metadata.

The same input gives the same bytes: no clock, no random number, no environment is
read.  Building opens no file and no connection once ``load_fonts()`` has run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from threading import Lock
from types import SimpleNamespace
from typing import Any

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageTemplate,
    Spacer,
)

from app.pdf import ink
from app.pdf.characters import one_line
from app.pdf.flow import Row, RowFlowable, blank
from app.pdf.fonts import BASE_FONT, load_fonts
from app.pdf.ink import AssayCanvas, Footer, Place
from app.pdf.labels import Labels, for_language
from app.pdf.lines import Line
from app.pdf.runs import Text, strong
from app.pdf.styles import (
    ACCENT,
    HAIRLINE,
    LEAD,
    LINE,
    RUNNING,
    SMALL,
    TEXT,
    TITLE,
    TextStyle,
)
from app.pdf.tables import facts
from app.pdf.text import TextBlock, first_line, paragraph

# ReportLab may load images for its own mark-up.  This toolkit uses no mark-up; should
# anyone draw some by accident, no host and no scheme is trusted.
rl_config.trustedHosts = []
rl_config.trustedSchemes = []

_PAGE_WIDTH, _PAGE_HEIGHT = A4
_SIDE = 57.0
_TOP_FIRST, _TOP, _BOTTOM = 52.0, 76.0, 72.0
_WIDTH = _PAGE_WIDTH - 2 * _SIDE

_building = Lock()
"""ReportLab keeps fonts and settings per process: one document at a time."""


@dataclass(frozen=True, slots=True)
class Cover:
    """The block that opens a document.

    ``kind`` says what it is ("Assessment report"), ``lead`` gives the answer in one
    sentence, ``facts`` are label and value.  All are literal text of any length.
    """

    kind: str
    title: str
    lead: str
    facts: Sequence[tuple[str, Text]]
    organisation: str


def grouped(version_hash: str) -> str:
    """Return the first 16 characters of a hash in groups of four, as people compare them."""
    start = version_hash[:16]
    return " ".join(start[i : i + 4] for i in range(0, len(start), 4))


@dataclass(frozen=True, slots=True)
class _Masthead:
    """The mark of the product and the organisation's name, over a short teal rule."""

    organisation: str

    def rows(self, width: float) -> list[Row]:
        name = TextBlock(strong(self.organisation), LEAD.but(colour=TEXT), most_lines=3)
        rows = name.rows(width - 24.0)

        def beside_mark(row: Row, *, first: bool) -> Row:
            def draw(canvas: AssayCanvas, place: Place) -> None:
                if first:
                    _mark(canvas, place.x, place.top - row.height / 2 - 8.0, 16.0)
                row.draw(canvas, place.inset(24.0))

            return Row(row.height, draw)

        return [beside_mark(row, first=at == 0) for at, row in enumerate(rows)]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A horizontal rule with ``above`` points of air over it; ``short`` is the teal one."""

    above: float
    short: bool = False

    def rows(self, _width: float) -> list[Row]:
        def draw(canvas: AssayCanvas, place: Place) -> None:
            if self.short:
                line = Place(place.x, place.top, 38.0)
                ink.rule(canvas, line, colour=ACCENT, thickness=2.4)
            else:
                ink.rule(canvas, place)

        return [blank(self.above), Row(1.0, draw)]


def _mark(canvas: AssayCanvas, x: float, y: float, size: float) -> None:
    """Draw the product's mark: a hexagon with a check."""
    scale = size / 22

    def at(px: float, py: float) -> tuple[float, float]:
        return x + px * scale, y + (22 - py) * scale

    hexagon = [at(11, 1), at(21, 6.5), at(21, 15.5), at(11, 21), at(1, 15.5), at(1, 6.5)]
    ink.polygon(canvas, hexagon, stroke=ACCENT, thickness=2 * scale)
    with ink.kept_state(canvas):
        canvas.setStrokeColorRGB(*ACCENT)
        canvas.setLineWidth(2 * scale)
        canvas.setLineJoin(1)
        canvas.setLineCap(1)
        path = canvas.beginPath()
        path.moveTo(*at(6.5, 11))
        path.lineTo(*at(9.7, 14.2))
        path.lineTo(*at(15.5, 7.8))
        canvas.drawPath(path, stroke=1, fill=0)


def _cover(cover: Cover, generated: str, version_hash: str, labels: Labels) -> list[Flowable]:
    story: list[Flowable] = [
        RowFlowable(_Masthead(cover.organisation), after=30.0),
        paragraph(cover.kind, LEAD.but(colour=ACCENT, weight="strong")),
        paragraph(cover.title, TITLE),
    ]
    if cover.lead:
        story.append(paragraph(cover.lead, LEAD))
    story.append(RowFlowable(_Rule(6.0, short=True), after=10.0, together=1))
    if cover.facts:
        story += [facts(cover.facts), RowFlowable(_Rule(2.0), after=6.0, together=1)]
    version = labels.version.format(version=version_hash)
    story += [paragraph(f"{labels.generated.format(when=generated)}\n{version}", SMALL)]
    return [*story, Spacer(1, 10.0)]


class _Template(BaseDocTemplate):  # type: ignore[misc]  # reportlab has no type stubs
    """The page frames: the first page has no running header."""

    def __init__(self, target: BytesIO, header: "_Header", **kwargs: Any) -> None:
        super().__init__(target, pagesize=A4, **kwargs)
        self.displayDocTitle = True

        def frame(top: float) -> Frame:
            height = _PAGE_HEIGHT - top - _BOTTOM
            return Frame(_SIDE, _BOTTOM, _WIDTH, height, 0, 0, 0, 0)

        self.addPageTemplates(
            [
                PageTemplate("first", [frame(_TOP_FIRST)]),
                PageTemplate("later", [frame(_TOP)], onPage=header.draw),
            ]
        )


@dataclass(frozen=True, slots=True)
class _Header:
    """The running header: whose document it is, and what it is."""

    left: Line
    right: Line

    def draw(self, canvas: AssayCanvas, _template: Any) -> None:
        """Draw the header of a page."""
        place = Place(_SIDE, _PAGE_HEIGHT - 36.0, _WIDTH)
        ink.draw_line(canvas, self.left, RUNNING, place)
        ink.draw_line(canvas, self.right, _RIGHT, place)
        ink.rule(canvas, place.below(RUNNING.leading + 5.0))


_RIGHT: TextStyle = RUNNING.but(align="end")


def _footer(version: str, note: str, labels: Labels) -> Footer:
    """Return the function that writes the footer of a page once the total is known."""

    def operators(canvas: AssayCanvas, page: int, total: int, has_codes: bool) -> str:
        y = 46.0
        red, green, blue = LINE
        rule = f"q {red:.3f} {green:.3f} {blue:.3f} RG {HAIRLINE} w "
        parts = [rule + f"{_SIDE:.2f} {y:.2f} m {_SIDE + _WIDTH:.2f} {y:.2f} l S Q"]

        def put(text: str, style: TextStyle, top: float) -> None:
            line = first_line(text, style, _WIDTH * (0.8 if style is RUNNING else 0.3))
            spare = _WIDTH - line.width * style.size if style is _RIGHT else 0.0
            base = top - ink.baseline(style)
            parts.append(canvas.text_operators(line, _SIDE + spare, base, style.size))

        left = labels.version.format(version=version)
        put(f"{left} \u00b7 {note}" if note else left, RUNNING, y - 5.0)
        put(labels.page.format(page=page, total=total), _RIGHT, y - 5.0)
        if has_codes:
            put(labels.code_note, RUNNING, y + 15.0)
        return "\n".join(parts)

    return operators


def build_pdf(
    cover: Cover,
    story: Sequence[Flowable],
    *,
    version_hash: str,
    generated_at: datetime,
    language: str = "en",
    footer_note: str = "",
    labels: Labels | None = None,
) -> bytes:
    """Return the PDF of ``cover`` followed by ``story``.

    ``version_hash`` is printed whole on the cover block and shortened in each footer;
    ``generated_at`` needs a time zone and is the only time in the file; ``labels``
    default to those of ``language``.  ReportLab uses a story up: give a fresh one to
    each call.  Raises ValueError when ``generated_at`` has no time zone.
    """
    labels = labels or for_language(language)
    generated = labels.moment(generated_at)
    load_fonts()
    organisation, title = one_line(cover.organisation), one_line(cover.title)
    kind = one_line(cover.kind)
    header = _Header(
        first_line(organisation, RUNNING, _WIDTH * 0.38),
        first_line(f"{kind} \u00b7 {title}", _RIGHT, _WIDTH * 0.58),
    )
    target = BytesIO()
    with _building:
        template = _Template(
            target,
            header,
            invariant=1,
            pageCompression=1,
            lang=language,
            title=title,
            author=organisation,
            subject=kind,
            creator="Assay",
            producer="Assay",
            keywords="",
            initialFontName=BASE_FONT,
        )

        def make_canvas(*args: Any, **kwargs: Any) -> AssayCanvas:
            canvas = AssayCanvas(*args, pdfVersion=(1, 7), **kwargs)
            canvas.footer = _footer(grouped(version_hash), one_line(footer_note), labels)
            moment = generated_at.astimezone(UTC).timetuple()[:6]
            # ReportLab's invariant mode would date every document to the year 2000.
            canvas._doc._timeStamp = SimpleNamespace(YMDhms=moment, dhh=0, dmm=0)
            return canvas

        opening = _cover(cover, generated, version_hash, labels)
        template.build([NextPageTemplate("later"), *opening, *story], canvasmaker=make_canvas)
    return target.getvalue()
