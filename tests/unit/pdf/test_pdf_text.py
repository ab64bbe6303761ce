import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.pdf import lines
from app.pdf.characters import clean, code_of, one_line
from app.pdf.lines import break_lines
from app.pdf.runs import Span, strong
from app.pdf.specimen import SCRIPTS
from app.pdf.styles import BODY, CELL
from app.pdf.text import bullets, first_line, notice, paragraph, paragraphs
from tests.unit.pdf.pdf_reading import built, content, opened, page_texts, squeezed


def drawn(text: str, width: float = 400.0) -> list[str]:
    return ["".join(piece.text for piece in line.pieces) for line in break_lines(text, BODY, width)]


@pytest.mark.parametrize(("name", "sample"), SCRIPTS)
def test_every_script_can_be_read_back(name: str, sample: str) -> None:
    text = content(built([paragraph(sample)]))
    for word in sample.replace("(", " ").replace(")", " ").replace(",", " ").split():
        assert squeezed(word).strip("%") in text, name


@pytest.mark.parametrize(
    ("char", "code"),
    [
        ("\x00", "[U+0000]"),
        ("\x1b", "[U+001B]"),
        ("\x9f", "[U+009F]"),
        ("\u202e", "[U+202E]"),
        ("\u2066", "[U+2066]"),
        ("\ud800", "[U+D800]"),
        ("\ue000", "[U+E000]"),
        ("\uffff", "[U+FFFF]"),
        ("\U000e0041", "[U+E0041]"),
        ("\U0001f44d", "[U+1F44D]"),
        ("\u0939", "[U+0939]"),
        ("\U00020000", "[U+20000]"),
    ],
)
def test_what_cannot_be_drawn_is_shown_as_its_code(char: str, code: str) -> None:
    assert drawn(f"a{char}b") == [f"a{code}b"]
    assert f"a{code}b" in content(built([paragraph(f"a{char}b")]))


def test_neighbours_without_a_glyph_share_brackets_up_to_eight() -> None:
    assert drawn("\u0928\u092e") == ["[U+0928 092E]"]
    assert code_of("\u0928\u092e") == "[U+0928 092E]"
    assert [line.count("[U+") for line in drawn("\U0001f44d" * 20, 4000.0)] == [3]


def test_a_missing_letter_can_be_copied_but_a_control_cannot() -> None:
    def stream(text: str) -> bytes:
        page = opened(built([paragraph(text)])).pages[0]
        return page.get_contents().get_data()

    assert b"/ActualText <FEFFD83DDC4D>" in stream("\U0001f44d")
    assert b"/ActualText" not in stream("\u202e\x00\U000e0041")


@pytest.mark.parametrize("char", ["\u00ad", "\u200d", "\u200e", "\u2060", "\ufe0f", "\ufeff"])
def test_zero_width_characters_leave_nothing(char: str) -> None:
    assert drawn(f"a{char}b") == ["ab"]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_every_line_end_ends_a_line(end: str) -> None:
    assert drawn(f"one{end}two") == ["one", "two"]


def test_tabs_and_exotic_spaces_become_spaces() -> None:
    assert drawn("a\tb\u2003c\u3000d") == ["a    b c d"]


def test_letters_are_composed() -> None:
    assert clean("e\u0301") == "\u00e9"


def test_an_override_does_not_turn_text_round() -> None:
    assert drawn("\u202egnp.exe") == ["[U+202E]gnp.exe"]


def test_paragraphs_split_at_blank_lines_only() -> None:
    assert len(paragraphs("one\ntwo\n\nthree\r\n\r\n \n\nfour")) == 3
    assert drawn("  indented") == ["  indented"]
    assert content(built(paragraphs("a\n\n  b"))).endswith("ab")
    assert paragraphs("") == paragraphs(" \n \n ") == []


def test_lines_fit_their_width() -> None:
    text = "Donaudampfschifffahrt and some words, שלום עולם 25 (abc) 人工智能系统。" * 20
    for width in (12.0, 40.0, 133.3, 500.0):
        for line in break_lines(text, BODY, width):
            glyphs = sum(len(piece.text) for piece in line.pieces)
            assert line.width * BODY.size <= width + 0.01 or glyphs == 1


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(), max_size=400), st.floats(1.0, 600.0))
def test_breaking_neither_loses_nor_invents_characters(text: str, width: float) -> None:
    def letters(rows: list[lines.Line]) -> list[str]:
        return sorted("".join(p.text for line in rows for p in line.pieces).replace(" ", ""))

    assert letters(break_lines(text, BODY, width)) == letters(break_lines(text, BODY, 1e9))


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cf", "Mn", "Me", "Cc")), min_size=1))
def test_no_visible_character_vanishes(text: str) -> None:
    spaces = {"Zs", "Zl", "Zp"}
    blank = {"\u115f", "\u1160", "\u3164", "\uffa0"}
    wanted = [
        char
        for char in unicodedata.normalize("NFC", text)
        if unicodedata.category(char) not in spaces and char not in blank
    ]
    shown = [p for line in break_lines(text, BODY, 1e9) for p in line.pieces]
    count = sum(
        len(p.stands_for or unicodedata.normalize("NFKC", p.text.replace(" ", ""))) for p in shown
    )
    assert count >= len([char for char in wanted if not unicodedata.combining(char)])


def test_words_break_at_spaces_and_inside_when_they_must() -> None:
    assert drawn("aaaa bbbb", 30.0) == ["aaaa", "bbbb"]
    assert "".join(drawn("x" * 500, 100.0)) == "x" * 500
    assert drawn("Garmisch-Partenkirchen", 70.0) == ["Garmisch-", "Partenkirchen"]
    assert drawn("2026-11-20", 200.0) == ["2026-11-20"]


def test_closing_punctuation_never_starts_a_chinese_line() -> None:
    for width in range(60, 160, 7):
        assert not [
            row
            for row in drawn("人工智能（系统）。风险、评估。" * 4, float(width))
            if row[0] in "。、）"
        ]


def test_spans_change_the_look_and_keep_the_words_together() -> None:
    [line] = break_lines(["It is ", strong("High"), ".", Span(" x", colour=CELL.colour)], BODY, 400)
    assert "".join(piece.text for piece in line.pieces) == "It is High. x"
    assert [piece.look.weight for piece in line.pieces][:2] == ["regular", "strong"]


def test_a_long_first_line_ends_in_an_ellipsis_that_fits() -> None:
    line = first_line("word " * 100, BODY, 120.0)
    assert "".join(piece.text for piece in line.pieces).endswith("\u2026")
    assert line.width * BODY.size <= 120.0
    assert first_line("", BODY, 10.0).pieces == []


def test_one_line_keeps_no_control() -> None:
    assert one_line(" a\n\tb\x00\u202e\ud800c ") == "a bc"
    assert one_line("x" * 400) == "x" * 300 + "\u2026"


@pytest.mark.parametrize(
    "text",
    [
        "x" * 200_000,
        "word " * 40_000,
        "(" * 60_000 + "\u05d0" + ")" * 60_000,
        "\u0644\u0627" * 60_000,
        "e" + "\u0301" * 100_000,
        "\u0301\u200b" * 50_000,
        "a\u05d0" * 40_000,
        "\x00" * 50_000,
        " " * 200_000,
        "\u4eba" * 60_000,
    ],
    ids=[
        "word",
        "words",
        "brackets",
        "lam-alef",
        "marks",
        "breaks",
        "fonts",
        "nul",
        "space",
        "cjk",
    ],
)
def test_masses_of_anything_make_a_document(text: str) -> None:
    # A quadratic step anywhere would let this test run for minutes.
    assert opened(built([paragraph(text)]))


def test_a_huge_word_is_there_whole() -> None:
    assert content(built([paragraph("x" * 200_000)])).count("x") >= 200_000


def test_lists_and_notes_split_over_pages() -> None:
    story = [*bullets(["item " * 3000, "last"]), notice("Title", "note " * 3000)]
    text = "".join(page_texts(built(story)))
    assert text.count("item") == text.count("note") == 3000
