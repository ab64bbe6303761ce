"""What comes in and what does not, each with the sentence that a person reads."""

from __future__ import annotations

import contextlib
import io
import tracemalloc
import zipfile

import pytest

from app.files.media_types import ACCEPTED, VALUES, FileRefused
from app.files.screening import screen
from tests.unit.files import file_samples as samples


def refusal(data: bytes, name: str) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        screen(io.BytesIO(data), name)
    assert caught.value.field == "file"
    assert caught.value.message.endswith(".")
    return caught.value


def reason(data: bytes, name: str) -> object:
    return refusal(data, name).details["reason"]


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (samples.PDF, "Report.PDF", "application/pdf"),
        (samples.PDF, "example.com.pdf", "application/pdf"),
        (samples.png(), "screen.png", "image/png"),
        (samples.jpeg(), "photo.jpg", "image/jpeg"),
        (samples.jpeg(tail=samples.jpeg()), "phone.jpeg", "image/jpeg"),
        (samples.office("docx"), "a.docx", ACCEPTED["docx"].value),
        (samples.office("xlsx"), "a.xlsx", ACCEPTED["xlsx"].value),
        (samples.workbook(), "real.xlsx", ACCEPTED["xlsx"].value),
        (samples.workbook(20_000), "long.xlsx", ACCEPTED["xlsx"].value),
        (
            samples.office("pptx", {"ppt/embeddings/Numbers.xlsx": samples.workbook()}),
            "chart.pptx",
            ACCEPTED["pptx"].value,
        ),
        (samples.office("pptx", {"ppt/media/a.emz": b"\x1f\x8b\x08" + bytes(20)}), "d.pptx",
         ACCEPTED["pptx"].value),
        (samples.open_document(), "a.odt", "application/vnd.oasis.opendocument.text"),
        (samples.open_document("spreadsheet"), "a.ods", ACCEPTED["ods"].value),
        (b"a;b\r\n1;2\r\n", "t.csv", "text/csv"),
        (b"\xef\xbb\xbfName,Wert\r\n\xc3\x84,1\r\n", "t.csv", "text/csv"),
        ("Grüße 文档 \N{OWL}\n".encode(), "t.txt", "text/plain"),
        (b"MZ is a postcode of Mainz\n", "t.txt", "text/plain"),
        (b"# Title\n\n<b>bold</b>\n", "t.md", "text/markdown"),
        (b' {"a": [1, 2]}\n', "t.json", "application/json"),
        (b"a: 1\n", "t.yaml", "application/yaml"),
    ],
)  # fmt: skip
def test_accepted(data: bytes, name: str, media_type: str) -> None:
    assert screen(io.BytesIO(data), name) == media_type
    assert media_type in VALUES


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (samples.windows_program(), "setup.exe"),
        (samples.windows_program(), "report.pdf"),
        (samples.windows_program(), "table.docx"),
        (b"\x7fELF\x02\x01\x01" + bytes(60), "report.pdf"),
        (b"\xcf\xfa\xed\xfe" + bytes(60), "photo.png"),
        (b"\xca\xfe\xba\xbe\x00\x00\x00\x34", "x.txt"),
        (b"#!/bin/sh\nrm -rf /\n", "notes.txt"),
        (b"<?php system($_GET[0]);", "notes.txt"),
        (b"print(1)\n", "script.py"),
        (samples.PDF, "report.pdf.exe"),
        (samples.PDF, "report.js"),
        (samples.office("docx", {"word/media/x.bin": samples.windows_program()}), "a.docx"),
    ],
)
def test_a16_programs_are_refused_whatever_their_name(data: bytes, name: str) -> None:
    error = refusal(data, name)
    assert error.details["reason"] == "program"
    assert error.message.startswith("This file is a program, not a document. Upload a PDF, Word")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (samples.SVG, "logo.svg"),
        (samples.SVG, "logo.png"),
        (samples.SVG, "logo.txt"),
        (b"<!DOCTYPE html><script>1</script>", "page.html"),
        (b"<!DOCTYPE html><script>1</script>", "page.pdf"),
        (b"\n <HTML>", "page.md"),
        (b"<!-- x --><svg onload=alert(1)>", "page.md"),
        ("\ufeff<html>".encode("utf-16-le"), "page.txt"),
        (b"<html>" + samples.PDF, "polyglot.pdf"),
        (b"<html>", "page"),
    ],
)
def test_a16_web_pages_and_drawings_are_refused(data: bytes, name: str) -> None:
    error = refusal(data, name)
    assert error.details["reason"] == "web_page"
    assert "Print or save it as a PDF" in error.message


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (samples.PDF, "report.exe.pdf", "disguised"),
        (samples.PDF, "shell.php.pdf", "disguised"),
        (samples.PDF, "report", "no_ending"),
        (samples.PDF, "report.xyz", "not_accepted"),
        (b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", "picture.gif", "not_accepted"),
        (b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", "picture.png", "mislabelled"),
        (b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", "picture.js", "program"),
        (samples.PDF, "report.png", "mislabelled"),
        (samples.png(), "report.pdf", "mislabelled"),
        (samples.png(), "report.docx", "mislabelled"),
        (samples.office("docx"), "report.xlsx", "mislabelled"),
        (samples.office("xlsx"), "report.odt", "mislabelled"),
        (samples.office("xlsx"), "report.pdf", "mislabelled"),
        (samples.open_document("spreadsheet"), "report.odt", "mislabelled"),
        (samples.archive({"a.txt": b"x"}), "report.docx", "mislabelled"),
        (samples.archive({"a.txt": b"x"}), "files.zip", "archive"),
        (b"Rar!\x1a\x07\x00", "files.rar", "archive"),
        (b"\x1f\x8b\x08" + bytes(20), "notes.txt", "mislabelled"),
        (b"", "empty.pdf", "empty"),
        (b" \n", "empty.json", "mislabelled"),
        (b"hello", "x.json", "mislabelled"),
        (samples.PDF[:-7], "cut.pdf", "broken"),
        (samples.PDF.replace(b"1 0 obj", b"<script>"), "x.pdf", "two_kinds"),
        (samples.PDF + samples.archive({"a.txt": b"x"}), "two.pdf", "two_kinds"),
        (samples.png(tail=b"<script>alert(1)</script>"), "two.png", "two_kinds"),
        (samples.png()[:-6], "cut.png", "broken"),
        (samples.jpeg(tail=b"<html><script>"), "two.jpg", "two_kinds"),
        (samples.jpeg(tail=samples.archive({"a.txt": b"x"})), "two.jpg", "two_kinds"),
        (samples.jpeg(end=b""), "cut.jpg", "broken"),
        (b"\xff\xd8\xff\xe0\x00\x01", "short.jpg", "broken"),
        (b"\xff\xd8", "short.jpg", "broken"),
        (b"#!x" + samples.office("docx"), "front.docx", "mislabelled"),
        (samples.office("docx") + b"tail", "tail.docx", "broken"),
        (samples.office("docx")[:-40], "cut.docx", "broken"),
        (b"PK\x03\x04", "short.docx", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old.doc", "protected"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "locked.docx", "protected"),
    ],
)
def test_a16_mislabelled_and_two_in_one_are_refused(data: bytes, name: str, expected: str) -> None:
    assert reason(data, name) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Größe;1\n".encode("cp1252"), "encoding"),
        ("a\tb\n".encode("utf-16"), "encoding"),
        ("a\tb\n".encode("utf-16-le"), "not_text"),
        (b"a,b\x00c\n", "not_text"),
        (b"a\x1b[2Jb\n", "not_text"),
        (b"\xed\xa0\x80", "encoding"),
        (b"cut off \xc3", "encoding"),
    ],
)
def test_texts_are_utf8_without_controls(data: bytes, expected: str) -> None:
    error = refusal(data, "table.csv")
    assert error.details["reason"] == expected
    assert "UTF-8" in error.message


@pytest.mark.parametrize(
    "data",
    [
        samples.office("xlsx", {"xl/vbaProject.bin": b"x"}),
        samples.office("xlsx", {"xl/activeX/activeX1.xml": b"<a/>"}),
        samples.office(
            "xlsx",
            {
                "[Content_Types].xml": samples.office_parts("xlsx")["[Content_Types].xml"].replace(
                    b"</Types>",
                    b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
                    b"</Types>",
                )
            },
        ),
    ],
)
def test_a16_macros_are_refused(data: bytes) -> None:
    assert "holds macros" in refusal(data, "book.xlsx").message
    assert "holds macros" in refusal(data, "book.xlsm").message
    basic = samples.open_document(extra={"Basic/Standard/Module1.xml": b"<a/>"})
    assert "holds macros" in refusal(basic, "a.odt").message


def test_a16_documents_that_fetch_are_refused_and_links_are_not() -> None:
    def related(kind: str) -> bytes:
        return samples.office(
            "docx",
            {
                "word/_rels/document.xml.rels": (
                    '<Relationships xmlns="r"><Relationship Id="r1" TargetMode="External" '
                    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
                    f'{kind}" Target="http://evil.example/x.dotm"/></Relationships>'
                ).encode()
            },
        )

    assert reason(related("attachedTemplate"), "a.docx") == "fetches_content"
    assert screen(io.BytesIO(related("hyperlink")), "a.docx") == ACCEPTED["docx"].value
    embedded = samples.office(
        "docx", {"word/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99)}
    )
    assert reason(embedded, "a.docx") == "embedded_object"


@pytest.mark.parametrize("build", [samples.zip_bomb, samples.million_rows])
def test_a17_zip_bombs_are_refused_before_unpacking(build) -> None:  # type: ignore[no-untyped-def]
    data = build()
    assert len(data) < 1_500_000
    tracemalloc.start()
    try:
        error = refusal(data, "bomb.xlsx")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert error.details["reason"] == "unpacks_too_large"
    assert "Remove empty rows and columns" in error.message


def test_a17_too_many_entries_are_refused() -> None:
    many = samples.office("docx", {f"word/p{n}.txt": b"" for n in range(5_001)})
    assert reason(many, "a.docx") == "unpacks_too_large"


def test_a17_overlapping_entries_are_refused() -> None:
    data = bytearray(samples.office("docx", {"word/a.txt": b"a" * 50, "word/b.txt": b"b" * 50}))
    # The directory's last two entries both point at the first of them.
    first = data.index(b"PK\x01\x02", 0)
    offsets = []
    position = first
    while data[position : position + 4] == b"PK\x01\x02":
        sizes = [int.from_bytes(data[position + at : position + at + 2], "little")
                 for at in (28, 30, 32)]  # fmt: skip
        offsets.append(position + 42)
        position += 46 + sum(sizes)
    data[offsets[-1] : offsets[-1] + 4] = data[offsets[-2] : offsets[-2] + 4]
    assert reason(bytes(data), "a.docx") == "broken"


def test_a17_a_directory_that_lies_about_sizes_is_refused() -> None:
    data = bytearray(samples.office("docx", {"word/a.txt": b"a" * 5_000}))
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    assert reason(bytes(data), "a.docx") == "broken"


def test_a17_damaged_content_is_refused() -> None:
    data = samples.archive(
        {**samples.office_parts("docx"), "word/a.txt": b"abcdefgh"}, stored=("word/a.txt",)
    )
    assert reason(data.replace(b"abcdefgh", b"abcdefgX"), "a.docx") == "broken"


@pytest.mark.parametrize(
    "inner", [samples.archive({"a": b"b"}), b"Rar!\x1a\x07\x00", b"7z\xbc\xaf\x27\x1c"]
)
def test_a17_nested_archives_are_refused(inner: bytes) -> None:
    assert reason(samples.office("docx", {"word/media/a.png": inner}), "a.docx") == "nested_archive"
    assert reason(samples.open_document(extra={"Pictures/a": inner}), "a.odt") == "nested_archive"


def test_a17_a_document_in_a_document_in_a_document_is_refused() -> None:
    inner = samples.office("xlsx", {"xl/embeddings/a.xlsx": samples.workbook()})
    assert reason(samples.office("pptx", {"ppt/embeddings/a.xlsx": inner}), "a.pptx") == (
        "nested_archive"
    )
    bomb = samples.office("pptx", {"ppt/embeddings/a.xlsx": samples.million_rows()})
    assert reason(bomb, "a.pptx") == "unpacks_too_large"


@pytest.mark.parametrize(
    "part",
    [
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>',
        b'<!-- long --><!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE r []><r/>'.encode("utf-16"),
        b"<!--" + b" " * 30_000 + b"--><!DOCTYPE r []><r/>",
    ],
)
def test_a17_document_types_are_refused(part: bytes) -> None:
    assert reason(samples.office("docx", {"word/styles.xml": part}), "a.docx") == "document_type"
    assert reason(samples.open_document(extra={"styles.xml": part}), "a.odt") == "document_type"
    types = samples.office("docx", {"[Content_Types].xml": part})
    assert reason(types, "a.docx") == "document_type"


def test_a17_a_first_element_that_never_comes_is_refused() -> None:
    part = b"<!--" + b" " * 70_000 + b"--><r/>"
    assert reason(samples.office("docx", {"word/styles.xml": part}), "a.docx") == "broken"
    assert reason(samples.office("docx", {"word/styles.xml": b"no xml"}), "a.docx") == "broken"


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "/etc/passwd", "..\\x", "C:/x", "a/../../x", "word/../x"]
)
def test_a18_zip_names_that_lead_outside_are_refused(name: str) -> None:
    assert reason(samples.office("docx", {name: b"x"}), "a.docx") == "names_outside"


def test_a18_links_and_locked_entries_in_a_zip_are_refused() -> None:
    buffer = io.BytesIO(samples.office("docx"))
    with zipfile.ZipFile(buffer, "a") as file:
        link = zipfile.ZipInfo("word/link")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    assert reason(buffer.getvalue(), "a.docx") == "broken"
    data = bytearray(samples.office("docx"))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert reason(bytes(data), "a.docx") == "protected"
    locked = samples.open_document(
        extra={
            "META-INF/manifest.xml": b'<m:manifest xmlns:m="m"><m:encryption-data/></m:manifest>'
        }
    )
    assert reason(locked, "a.odt") == "protected"


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (40_000, 10), (12_000, 12_000)])
def test_a17_pixel_floods_are_refused(width: int, height: int) -> None:
    for data, name in (
        (samples.png(width, height), "a.png"),
        (samples.jpeg(width, height), "a.jpg"),
    ):
        error = refusal(data, name)
        assert error.details["reason"] == "pixels"
        assert f"{width:,} by {height:,} pixels" in error.message


def test_every_byte_string_gets_an_answer_or_a_sentence() -> None:
    """Cut and flipped documents never end in another exception."""
    for data, name in (
        (samples.office("docx"), "a.docx"),
        (samples.open_document(), "a.odt"),
        (samples.png(), "a.png"),
        (samples.jpeg(), "a.jpg"),
        (samples.PDF, "a.pdf"),
    ):
        for position in range(0, len(data), 3):
            for variant in (
                data[:position],
                data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :],
            ):
                with contextlib.suppress(FileRefused):
                    assert screen(io.BytesIO(variant), name) in VALUES
