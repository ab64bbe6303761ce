"""Builds documents for the tests and reads them back with another library."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

from pypdf import PdfReader
from reportlab.platypus import Flowable

from app.pdf.document import Cover, build_pdf

COVER = Cover(
    kind="Assessment report",
    title="Invoice Reader",
    lead="Reads invoices and proposes an account.",
    facts=[("Owner", "Henrik Baum"), ("Ends", "15 Dec 2026")],
    organisation="Meridian Insurance Group",
)
MOMENT = datetime(2026, 11, 20, 16, 12, tzinfo=UTC)
VERSION = "7f3a91c05be2d846a3c1f09b7e55d218"


def built(story: Sequence[Flowable], cover: Cover = COVER, **options: str) -> bytes:
    """Return the document of ``story``."""
    return build_pdf(cover, story, version_hash=VERSION, generated_at=MOMENT, **options)


def opened(data: bytes) -> PdfReader:
    """Return a strict reader of ``data``; it raises on a broken file."""
    return PdfReader(BytesIO(data), strict=True)


def page_texts(data: bytes) -> list[str]:
    """Return the text of each page."""
    return [page.extract_text() for page in opened(data).pages]


def squeezed(text: str) -> str:
    """Return ``text`` without any white space, its letters in plain form."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def content(data: bytes) -> str:
    """Return the text of all pages without headers, footers and white space."""
    kept = []
    for text in page_texts(data):
        lines = text.split("\n")
        kept += [
            line
            for line in lines
            if not line.startswith(
                ("Version 7f3a 91c0", "Meridian Insurance Group A", "[U+\u2026]")
            )
        ]
    return squeezed("".join(kept))
