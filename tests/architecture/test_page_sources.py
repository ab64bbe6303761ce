"""Rules of templates, styles and scripts: what the content policy and the design ask of them."""

from __future__ import annotations

import re

from tests.architecture.source_tree import files

TEMPLATES = files("*.html", "*.txt")
PAGES = [
    (path, text)
    for path, text in TEMPLATES
    if path.endswith(".html") and "/templates/" in path and "/templates/mail/" not in path
]
STYLES = files("*.css")
SCRIPTS = files("*.js")

TOKENS = "app/static/css/tokens.css"
PAPER = "app/static/css/print.css"
"""Paper is black on white in every theme: its sheet gives the tokens other values."""
MAIL = "app/templates/mail/mail.css"
"""Mail programs know no custom properties: the values of the tokens stand there as they are."""

SAFE_WITH_REASON = {
    "app/templates/gallery/_forms.html": "a specimen whose text stands in the template itself",
    "app/templates/gallery/_states.html": "a specimen whose text stands in the template itself",
}
"""Template → why it may mark text as HTML."""


def found(sources: list[tuple[str, str]], pattern: str) -> list[str]:
    """Return each place where the pattern stands, comments of Jinja left out."""
    places = []
    for path, text in sources:
        bare = re.sub(r"(?s)\{#.*?#\}", lambda match: "\n" * match[0].count("\n"), text)
        places += [
            f"{path}:{bare.count(chr(10), 0, match.start()) + 1}: {match[0].strip()[:80]}"
            for match in re.finditer(pattern, bare)
        ]
    return places


def check(places: list[str]) -> None:
    """Fail with one line for each place."""
    assert not places, "\n" + "\n".join(places)


def test_there_are_templates_to_look_at() -> None:
    assert len(PAGES) > 20
    assert STYLES


def test_pages_carry_no_style_of_their_own() -> None:
    check(found(PAGES, r"""(?i)<style\b|\sstyle\s*="""))


def test_pages_carry_no_script_of_their_own() -> None:
    check(found(PAGES, r"(?i)<script(?![^>]*\bsrc=)[^>]*>"))
    check(found(PAGES, r"""(?i)<[^>{]*\son[a-z]+\s*=|\bhx-on\b|javascript:"""))


def test_text_is_escaped_everywhere() -> None:
    marked = found(TEMPLATES, r"\|\s*safe\b|Markup\(|autoescape\s+false|\{%\s*autoescape")
    check([place for place in marked if place.split(":")[0] not in SAFE_WITH_REASON])
    check([path for path in SAFE_WITH_REASON if path not in dict(TEMPLATES)])


def test_pages_load_nothing_from_elsewhere() -> None:
    check(found(PAGES, r"""(?i)(src|href|action)\s*=\s*["'](https?:)?//"""))
    check(found(STYLES, r"""(?i)@import|url\(\s*["']?(https?:)?//"""))
    check(found(SCRIPTS, r"""(?i)["'`]https?://(?!www\.w3\.org/)"""))


def test_scripts_write_text_as_text() -> None:
    check(
        found(
            SCRIPTS,
            r"\.(inner|outer)HTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function",
        )
    )


def test_colours_come_from_the_tokens() -> None:
    colours = r"(?i)#[0-9a-f]{3,8}\b(?![\w-]*\s*\{)|\b(?:rgb|rgba|hsl|hsla|oklch)\("
    tokens = dict(STYLES)[TOKENS].lower()
    others = [
        (path, re.sub(r"box-shadow:[^;}]*", "", text))  # a shadow is darkness, not a colour
        for path, text in STYLES
        if path not in (TOKENS, PAPER, MAIL)
    ]
    check(found(others, colours))
    in_mail = re.findall(colours, dict(STYLES)[MAIL])
    check([colour for colour in in_mail if colour.lower() not in tokens])


def test_no_placeholder_stands_in_for_a_label() -> None:
    # axe and the page checks ask for labels; this keeps hints out of the place that vanishes.
    places = found(PAGES, r"<(?:input|textarea)[^>]*\bplaceholder=[^>]*>")
    check([place for place in places if "search" not in place])


def test_visible_words_can_be_translated() -> None:
    """Words between tags stand in _() or trans; names, numbers and signs need none."""
    places = []
    for path, text in PAGES:
        if "/gallery/" in path:
            continue  # specimens are data, in development only
        bare = re.sub(r"(?s)\{#.*?#\}|\{%\s*trans\b.*?\{%\s*endtrans\s*%\}", "", text)
        bare = re.sub(r"(?s)\{\{.*?\}\}|\{%.*?%\}", "\0", bare)
        bare = re.sub(r"(?s)<(script|style|svg|code|kbd)\b.*?</\1>|<[^>]*>", "\1", bare)
        places += [
            f"{path}: {words.strip()[:60]}"
            for words in re.split("[\0\1]", bare)
            if re.search(r"[A-Za-z]{3,}", words) and not re.fullmatch(r"\s*as-[\w-]+\s*", words)
        ]
    check(places)
