"""Writes the rules of a mail's style sheet into its elements: mail readers drop the sheet. Pure.

Only what our sheet needs is understood: selectors that are an element, a class or both,
and `@media` blocks, which stay in the head (made stronger than the styles written in).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from html.parser import HTMLParser

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"\s*([^{}]+?)\s*\{([^{}]*)\}\s*")
_MEDIA = re.compile(r"\s*(@media[^{}]+?)\s*\{((?:[^{}]*\{[^{}]*\})*)\s*\}\s*")
_SELECTOR = re.compile(r"([a-z][a-z0-9]*)?(?:\.([a-z][a-z0-9-]*))?")


@dataclass(frozen=True, slots=True)
class _Rule:
    element: str | None
    class_name: str | None
    declarations: str

    @property
    def weight(self) -> int:
        return (10 if self.class_name else 0) + (1 if self.element else 0)

    def fits(self, element: str, classes: set[str]) -> bool:
        return self.element in (None, element) and (
            self.class_name is None or self.class_name in classes
        )


def inlined(document: str) -> str:
    """Return an HTML document with the rules of its `<style>` written into the elements.

    Raises ValueError for a rule that is not understood, and for an element that brings
    a style of its own: both are slips in a template.
    """
    found = _STYLE.search(document)
    if found is None:
        return document
    rules, media = _parse(found[1])
    writer = _Writer(sorted(rules, key=lambda rule: rule.weight))
    head = f"<style>\n{media}\n</style>" if media else ""
    writer.feed(document[: found.start()])
    writer.parts.append(head)
    writer.feed(document[found.end() :])
    writer.close()
    return "".join(writer.parts)


def _parse(sheet: str) -> tuple[list[_Rule], str]:
    text = _COMMENT.sub("", sheet)
    rules: list[_Rule] = []
    media: list[str] = []
    position = 0
    while text[position:].strip():
        if block := _MEDIA.match(text, position):
            media.append(f"{block[1]} {{ {_stronger(block[2])} }}")
            position = block.end()
        elif rule := _RULE.match(text, position):
            rules.extend(_rules(rule[1], rule[2]))
            position = rule.end()
        else:
            raise ValueError(f"mail style sheet, near: {text[position : position + 40].strip()}")
    return rules, "\n".join(media)


def _rules(selectors: str, body: str) -> list[_Rule]:
    declarations = "; ".join(_declarations(body))
    rules = []
    for selector in selectors.split(","):
        match = _SELECTOR.fullmatch(selector.strip())
        if match is None or not match[0]:
            raise ValueError(f"mail style sheet: {selector.strip()} is neither element nor class")
        rules.append(_Rule(match[1], match[2], declarations))
    return rules


def _declarations(body: str) -> list[str]:
    return [" ".join(part.split()) for part in body.split(";") if part.strip()]


def _stronger(block: str) -> str:
    """Mark each declaration of a media block, or the styles in the elements would win."""
    return " ".join(
        f"{' '.join(rule[1].split())} {{ "
        + " ".join(f"{part} !important;" for part in _declarations(rule[2]))
        + " }"
        for rule in _RULE.finditer(block)
    )


class _Writer(HTMLParser):
    """Copies a document letter by letter, adding styles to start tags."""

    def __init__(self, rules: list[_Rule]) -> None:
        super().__init__(convert_charrefs=False)
        self._rules = rules
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw = self.get_starttag_text() or ""
        values = dict(attrs)
        if "style" in values:
            raise ValueError(f"a style of its own on <{tag}> in a mail: use the style sheet")
        classes = set((values.get("class") or "").split())
        style = "; ".join(rule.declarations for rule in self._rules if rule.fits(tag, classes))
        if style:
            end = "/>" if raw.endswith("/>") else ">"
            raw = f'{raw[: -len(end)].rstrip()} style="{html.escape(style)}"{end}'
        self.parts.append(raw)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        """Drop comments: a mail needs none."""

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")
