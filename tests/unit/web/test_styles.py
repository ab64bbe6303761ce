"""What can be said about styles and templates without a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[3] / "app"
STYLES = {path.name: path.read_text("utf-8") for path in (APP / "static" / "css").glob("*.css")}
TEMPLATES = {
    path.relative_to(APP / "templates").as_posix(): re.sub(
        r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL
    )
    for path in (APP / "templates").rglob("*.html")
}
SCRIPTS = "".join(path.read_text("utf-8") for path in (APP / "static" / "js").glob("*.js"))
PAGES = {name: text for name, text in TEMPLATES.items() if not name.startswith("mail/")}
LEVELS = ("critical", "unknown", "high", "moderate", "low")
BUILT_FROM_WORDS = re.compile(r"as-[a-z-]*(?:\{\{|' ~ )")
"""Classes whose end a template fills in, such as as-badge as-{{ level }}."""


def _pairs() -> dict[str, tuple[str, str]]:
    found = re.findall(
        r"--as-([a-z0-9-]+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));", STYLES["tokens.css"]
    )
    return {name: (light or both, dark or both) for name, light, dark, both in found}


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


TEXT_ON_GROUND = [
    *((ink, on) for ink in ("text", "text-soft", "link") for on in ("bg", "surface", "raised")),
    *((ink, "accent-soft") for ink in ("text", "text-soft", "link")),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    *((level, f"{level}-soft") for level in LEVELS),
    *((level, ground) for level in LEVELS for ground in ("surface", "bg")),
    *(("text", f"{level}-soft") for level in LEVELS),
]  # fmt: skip


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read(ink: str, ground: str, theme: int) -> None:
    pairs = _pairs()
    assert _contrast(pairs[ink][theme], pairs[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("mark", ["field", "accent", "line-strong"])
def test_edges_of_controls_can_be_seen(mark: str, theme: int) -> None:
    pairs = _pairs()
    assert _contrast(pairs[mark][theme], pairs["surface"][theme]) >= 3


@pytest.mark.parametrize("name", sorted(set(STYLES) - {"print.css", "tokens.css"}))
def test_colours_come_from_the_tokens(name: str) -> None:
    rules = re.sub(r"/\*.*?\*/", "", STYLES[name], flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", rules) == []


def test_every_token_that_a_rule_uses_is_given() -> None:
    given = set(re.findall(r"(--(?:as-)?[a-z0-9-]+):", "".join(STYLES.values())))
    used = set(re.findall(r"var\((--(?!bs-)[a-z0-9-]+)", "".join(STYLES.values())))
    assert used - given == set()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_class_has_a_rule(name: str) -> None:
    known = set(re.findall(r"\.(as-[a-z0-9-]+)", "".join(STYLES.values())))
    used = set(re.findall(r"as-[a-z0-9]+(?:-[a-z0-9]+)*", BUILT_FROM_WORDS.sub("", PAGES[name])))
    assert used - known == set()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_content_policy_is_kept(name: str) -> None:
    """No style attribute, no style element, no handler, no script in the page."""
    text = PAGES[name]
    assert re.findall(r"\sstyle=|<style|\son[a-z]+=|javascript:", text) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_icon_is_on_the_list(name: str) -> None:
    listed = set((APP / "static" / "icons.txt").read_text("utf-8").split())
    named = set(re.findall(r"\bicon\('([a-z0-9-]+)'", TEMPLATES[name]))
    assert named - listed == set()


def test_every_data_attribute_of_a_script_is_in_a_page() -> None:
    markup = "".join(PAGES.values())
    attributes = set(re.findall(r"\[(data-[a-z-]+)\]", SCRIPTS))
    assert {name for name in attributes if name not in markup} == set()


@pytest.mark.parametrize("name", sorted(n for n in PAGES if n.startswith("components/")))
def test_component_says_how_it_is_used(name: str) -> None:
    text = (APP / "templates" / name).read_text("utf-8")
    assert text.startswith("{# ")
    stem = re.findall(r"\{% macro ([a-z]\w*)\(", text)
    described = re.match(r"\{#.*?#\}", text, re.DOTALL)
    assert described is not None
    assert any(macro in described[0] for macro in stem)
