import pytest

from app.pdf.styles import FILL, INK, LEVELS
from app.pdf.tokens import TOKENS_FILE, Colour, colour, light_tokens, parse_tokens, points


def test_the_file_of_the_pages_is_read() -> None:
    assert TOKENS_FILE.parts[-3:] == ("static", "css", "tokens.css")
    assert light_tokens()["--as-accent"] in TOKENS_FILE.read_text(encoding="utf-8")


def test_of_two_themes_print_takes_the_light_one(monkeypatch: pytest.MonkeyPatch) -> None:
    css = "/* --as-a: #000000; */ :root { --as-a: light-dark(#0b5f63, #4fb8b3); --as-b:#ffffff; }"
    tokens = parse_tokens(css)
    monkeypatch.setattr("app.pdf.tokens.light_tokens", lambda: tokens)
    assert colour("a") == Colour(11 / 255, 95 / 255, 99 / 255)
    assert colour("b") == Colour(1, 1, 1)


def test_what_is_no_colour_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.pdf.tokens.light_tokens", lambda: {"--as-a": "red", "--as-s": "4px"})
    with pytest.raises(ValueError, match="--as-a is 'red'"):
        colour("a")
    with pytest.raises(ValueError, match="--as-s"):
        points("s")
    with pytest.raises(KeyError):
        colour("nothing")


def test_a_file_without_tokens_is_refused() -> None:
    with pytest.raises(ValueError, match=":root"):
        parse_tokens("body { color: red }")


def luminance(value: Colour) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in value]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("level", LEVELS)
def test_words_on_badges_can_be_read(level: str) -> None:
    ink, fill = luminance(INK[level]), luminance(FILL[level])  # type: ignore[index]  # a Level
    assert (fill + 0.05) / (ink + 0.05) >= 4.5
