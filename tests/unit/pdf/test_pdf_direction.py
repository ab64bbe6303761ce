import pytest

from app.pdf import arabic, bidi
from app.pdf.lines import break_lines
from app.pdf.styles import BODY

ALEF, BET, GIMEL = "\u05d0\u05d1\u05d2"


def visual(text: str, width: float = 4000.0) -> list[str]:
    return ["".join(piece.text for piece in line.pieces) for line in break_lines(text, BODY, width)]


@pytest.mark.parametrize(
    ("logical", "shown"),
    [
        ("abc", "abc"),
        ("אבג", "גבא"),
        ("car אבג car", "car גבא car"),
        ("אבג car דהו", "והד car גבא"),
        ("אבג 123 דהו", "והד 123 גבא"),
        ("abc אבג 123", "abc 123 גבא"),
        ("אבג (abc) דהו", "והד (abc) גבא"),
        ("אבג (abc)", "(abc) גבא"),
        ("abc (אבג) def", "abc (גבא) def"),
        ("abc (אבג)", "abc (גבא)"),
        ("אבג, דהו.", ".והד ,גבא"),
        ("אבג 12.5% דהו", "והד 12.5% גבא"),
        ("אבג \x00 דהו", "והד [U+0000] גבא"),
    ],
)
def test_a_line_reads_in_its_own_direction(logical: str, shown: str) -> None:
    assert visual(logical) == [shown]


def test_lines_break_before_they_are_turned() -> None:
    first, *rest = visual("אבג דהו זחט יכל", 40.0)
    assert first.endswith("גבא")
    assert rest[-1] == "לכי טחז"


def test_marks_stay_behind_their_letter() -> None:
    assert bidi.reverse_clusters("בּא") == "אבּ"


def test_a_paragraph_that_starts_in_hebrew_is_set_from_the_right() -> None:
    assert break_lines("אבג abc", BODY, 300.0)[0].rtl
    assert not break_lines("abc אבג", BODY, 300.0)[0].rtl


def test_arabic_letters_are_joined() -> None:
    shaped = arabic.shape("ببب ب", lambda _: True)
    assert [char for char, _ in shaped] == ["\ufe91", "\ufe92", "\ufe90", " ", "\ufe8f"]


def test_letters_that_do_not_join_onwards_start_anew() -> None:
    assert [char for char, _ in arabic.shape("دب", lambda _: True)] == ["\ufea9", "\ufe8f"]


def test_lam_alef_is_one_form_and_keeps_its_place() -> None:
    assert arabic.shape("بلا", lambda _: True) == [("\ufe91", 0), ("\ufefc", 1)]
    assert arabic.shape("لا", lambda _: True) == [("\ufefb", 0)]


def test_vowel_marks_do_not_break_a_joint() -> None:
    assert [char for char, _ in arabic.shape("بَب", lambda _: True)] == [
        "\ufe91",
        "\u064e",
        "\ufe90",
    ]


def test_a_form_that_no_font_has_leaves_the_plain_letter() -> None:
    assert [char for char, _ in arabic.shape("بب", lambda _: False)] == ["ب", "ب"]


def test_numbers_in_arabic_keep_their_order() -> None:
    assert "25" in visual("نظام 25")[0]
