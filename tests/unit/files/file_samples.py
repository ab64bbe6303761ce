"""Files as people and attackers send them, built here byte by byte."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import xlsxwriter

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test text of all malware scanners; harmless."""

SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">'
    b"<script>alert(document.domain)</script></svg>"
)


def windows_program() -> bytes:
    """Return the start of a Windows program with its two headers."""
    dos = bytearray(b"MZ" + b"\x90\x00\x03\x00" + bytes(122))
    dos[60:64] = struct.pack("<L", 128)
    return bytes(dos) + b"PE\x00\x00\x4c\x01" + bytes(400)


def png(width: int = 4, height: int = 3, tail: bytes = b"") -> bytes:
    """Return a PNG whose header says `width` by `height`."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
        )

    rows = zlib.compress(
        b"".join(b"\x00" + bytes(3 * min(width, 8)) for _ in range(min(height, 8)))
    )
    header = struct.pack(">2L5B", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body + tail


def jpeg(width: int = 4, height: int = 3, tail: bytes = b"", end: bytes = b"\xff\xd9") -> bytes:
    """Return the structure of a JPEG that says `width` by `height`."""
    app0 = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    frame = b"\xff\xc0\x00\x0b\x08" + struct.pack(">2H", height, width) + b"\x01\x01\x11\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\x34\x56" * 20
    return b"\xff\xd8" + app0 + frame + scan + end + tail


def archive(parts: Mapping[str, bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    """Return a ZIP of these parts, packed except those in `stored`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            file.writestr(name, data, kind)
    return buffer.getvalue()


_KINDS = {
    "docx": ("word/document.xml", "wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation.main+xml"),
}


def office_parts(kind: str) -> dict[str, bytes]:
    """Return the parts of a small Word, Excel or PowerPoint document."""
    main, media_type = _KINDS[kind]
    media_type = f"application/vnd.openxmlformats-officedocument.{media_type}"
    return {
        "[Content_Types].xml": (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/{main}" ContentType="{media_type}"/></Types>'
        ).encode(),
        "_rels/.rels": (
            b'<?xml version="1.0"?><Relationships xmlns='
            b'"http://schemas.openxmlformats.org/package/2006/relationships"/>'
        ),
        main: b'<?xml version="1.0"?><root/>',
    }


def office(kind: str, extra: Mapping[str, bytes] | None = None) -> bytes:
    """Return a small document with extra or replaced parts."""
    return archive({**office_parts(kind), **(extra or {})})


def open_document(kind: str = "text", extra: Mapping[str, bytes] | None = None) -> bytes:
    """Return a small OpenDocument file."""
    parts = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
        "content.xml": b'<?xml version="1.0"?><root/>',
        "Configurations2/accelerator/current.xml": b"",
        "META-INF/manifest.xml": b'<?xml version="1.0"?><manifest:manifest xmlns:manifest="m"/>',
        **(extra or {}),
    }
    return archive(parts, stored=("mimetype",))


def workbook(rows: int = 3) -> bytes:
    """Return a real workbook as XlsxWriter makes it."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for row in range(rows):
            sheet.write_row(row, 0, [row, "value", 1.5])
    return buffer.getvalue()


def million_rows() -> bytes:
    """Return a workbook of less than 100 kB with 1,000,000 rows."""
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + b"<row><c><v>1</v></c></row>" * 1_000_000
        + b"</sheetData></worksheet>"
    )
    return office("xlsx", {"xl/worksheets/sheet1.xml": sheet})


def zip_bomb() -> bytes:
    """Return a workbook that would unpack to 1 GB out of about 1 MB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, data in office_parts("xlsx").items():
            file.writestr(name, data)
        with file.open("xl/worksheets/sheet1.xml", "w") as part:
            block = b" " * 1_000_000
            for _ in range(1_000):
                part.write(block)
    return buffer.getvalue()
