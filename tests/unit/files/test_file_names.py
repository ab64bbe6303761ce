"""Names that people and attackers give to files."""

import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from app.files.names import MAX_BYTES, MAX_CHARACTERS, clean, content_disposition, extension

hostile = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from('./\\:\u202e\u200b\x00\r\n"%; \u0301CONul.'),
    ),
    max_size=400,
)


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("/etc/x.pdf", "x.pdf"),
        ("..\\..\\windows\\x.pdf", "x.pdf"),
        ("C:\\Users\\me\\Bericht.pdf", "Bericht.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("ab\u200b\u2060\ufeffc.pdf", "abc.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("文档.pdf", "文档.pdf"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("COM1.tar.pdf", "_COM1.tar.pdf"),
        ("con .txt", "_con.txt"),
        ("notes. . .", "notes"),
        ("report .pdf", "report.pdf"),
        (".bashrc", "bashrc"),
        ("", "file"),
        ("...", "file"),
        ("a/", "file"),
        ("a\u3000b.pdf", "a b.pdf"),
        ('a"b<c>d|e?f*g.pdf', "a_b_c_d_e_f_g.pdf"),
        ("x.pdf:stream", "x.pdf_stream"),
    ],
)
def test_a18_names_are_cleaned(given_name: str, expected: str) -> None:
    assert clean(given_name) == expected


def test_a18_300_characters_keep_their_ending() -> None:
    name = clean("../" + "Ä" * 300 + ".docx")
    assert name.endswith("Ä.docx")
    assert len(name) <= MAX_CHARACTERS
    assert len(name.encode()) <= MAX_BYTES
    emoji = clean("\N{OWL}" * 300 + ".pdf")
    assert emoji.endswith("\N{OWL}.pdf")
    assert len(emoji.encode()) <= MAX_BYTES


@given(hostile)
@example("\u0344" * 80 + ".pdf")
@example("CON\u200b.CON")
@example("a" * 149 + ". .pdf")
def test_a18_clean_names_are_safe_and_stay(name: str) -> None:
    cleaned = clean(name)
    assert cleaned
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert len(cleaned) <= MAX_CHARACTERS
    assert len(cleaned.encode()) <= MAX_BYTES
    assert not set(cleaned) & set('/\\:<>"|?*')
    assert cleaned == cleaned.strip(". ")
    assert all(unicodedata.category(c)[0] != "C" for c in cleaned)
    assert cleaned.split(".")[0].strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}


@given(hostile)
def test_a18_headers_hold_one_attachment_and_the_whole_name(name: str) -> None:
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    kind, options = parse_options_header(header)
    assert kind == "attachment"
    assert set(options) == {"filename"}
    assert options["filename"] == clean(name)
    plain = header.split('"')[1]
    assert not set(plain) & set('"\\%/')
    if "filename*=" in header:
        assert unquote(header.split("filename*=UTF-8''")[1]) == clean(name)


def test_header_of_a_plain_name_is_plain() -> None:
    assert content_disposition("report 2026.pdf") == 'attachment; filename="report 2026.pdf"'
    assert content_disposition('naïve "x".pdf') == (
        "attachment; filename=\"naive _x_.pdf\"; filename*=UTF-8''na%C3%AFve%20_x_.pdf"
    )


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a.PDF", "pdf"), ("a.tar.gz", "gz"), ("a", ""), (".pdf", ""), ("a. pdf", ""), ("a.b c", "")],
)
def test_extension(name: str, ending: str) -> None:
    assert extension(name) == ending
