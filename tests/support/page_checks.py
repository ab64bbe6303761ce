"""What every page must hold to, read from its HTML alone.

A page that passes here is one that a browser shows as written, that a screen reader can
read, and that the content policy lets work.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from tests.support.html_tree import Element, read_html

_LEFTOVERS = re.compile(
    r"^(None|Undefined|null|undefined|nan|NaN|True|False)$"
    r"|Undefined\b.*\bis undefined|<built-in|<bound method|object at 0x|%\(\w+\)s"
)
_UNLABELLED = {"hidden", "submit", "button", "reset", "image"}
_REFERRING = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "list")


def check_page(text: str, *, fragment: bool = False) -> list[str]:
    """Return what is wrong with a page, one sentence each; `fragment` is a part of a page."""
    root, problems, doctype = read_html(text)
    ids = Counter(e.attributes["id"] for e in root.elements() if "id" in e.attributes)
    problems += [f'id "{name}" is given {count} times' for name, count in ids.items() if count > 1]
    checks: list[Callable[[Element], Iterator[str]]] = [
        _names, _images, _scripts, _leftovers, _tables, _forms, _groups,
    ]  # fmt: skip
    if not fragment:
        problems += [] if doctype == "doctype html" else ["the page has no <!doctype html>"]
        checks += [_frame, _headings, lambda root: _references(root, set(ids))]
    for check in checks:
        problems += check(root)
    return problems


def _frame(root: Element) -> Iterator[str]:
    html = next(root.elements("html"), None)
    if html is None:
        yield "the page has no <html>"
        return
    if not html.get("lang"):
        yield "<html> has no lang"
    title = next(root.elements("title"), None)
    if title is None or not title.text:
        yield "the page has no title"
    if not any(
        meta.get(
            "charset",
        )
        for meta in root.elements("meta")
    ):
        yield "the page does not name its charset"
    if not any(meta.get("name") == "viewport" for meta in root.elements("meta")):
        yield "the page does not set a viewport"
    if len(list(root.elements("main"))) != 1:
        yield "the page must have exactly one <main>"
    navigations = list(root.elements("nav"))
    if len(navigations) > 1:
        for nav in navigations:
            if not _own_name(nav):
                yield f"{nav} is one of several and has no name"


def _headings(root: Element) -> Iterator[str]:
    levels = [(int(e.tag[1]), e) for e in root.elements("h1", "h2", "h3", "h4", "h5", "h6")]
    if [level for level, _ in levels].count(1) != 1:
        yield f"the page has {[level for level, _ in levels].count(1)} <h1>, not one"
    for (before, _), (level, heading) in itertools.pairwise(levels):
        if level > before + 1:
            yield f"{heading} skips a level after <h{before}>"
    for _, heading in levels:
        if not heading.text:
            yield f"{heading} is empty"


def _own_name(element: Element) -> bool:
    return bool(element.get("aria-label") or element.get("aria-labelledby"))


def _content_name(element: Element) -> bool:
    """Return whether a screen reader has something to say for a link or a button."""
    if _own_name(element) or element.text:
        return True
    return any(image.get("alt") for image in element.elements("img")) or any(
        _own_name(svg) or any(title.text for title in svg.elements("title"))
        for svg in element.elements("svg")
    )


def _names(root: Element) -> Iterator[str]:
    labelled = {label.get("for") for label in root.elements("label") if label.text}
    for element in root.elements("input", "select", "textarea"):
        if element.tag == "input" and element.get("type") in _UNLABELLED:
            continue
        around = element.within("label")
        if not (
            _own_name(element)
            or (element.get("id") and element.get("id") in labelled)
            or (around is not None and around.text)
        ):
            yield f"{element} has no label"
    for element in root.elements("a", "button", "summary"):
        if not _content_name(element):
            yield f"{element} has no name"
        if element.tag == "a" and "href" not in element.attributes:
            yield f"{element} leads nowhere"
    for element in root.elements("iframe"):
        if not element.get("title"):
            yield f"{element} has no title"
    for element in root.elements():
        if (element.get("tabindex") or "0").isdigit() and int(element.get("tabindex") or 0) > 0:
            yield f"{element} pushes itself forward with a tabindex"


def _images(root: Element) -> Iterator[str]:
    for image in root.elements("img"):
        if "alt" not in image.attributes:
            yield f"{image} has no alt"
    for svg in root.elements("svg"):
        described = _own_name(svg) or any(title.text for title in svg.elements("title"))
        if svg.get("aria-hidden") != "true" and not described:
            yield f"{svg} is neither named nor hidden"


def _scripts(root: Element) -> Iterator[str]:
    for element in root.elements():
        for name, value in element.attributes.items():
            if name.startswith("on") or name.startswith("hx-on"):
                yield f"{element} has the handler {name}, which the content policy stops"
            if name == "style":
                yield f"{element} has a style, which the content policy stops"
            if value.strip().lower().startswith(("javascript:", "vbscript:")):
                yield f"{element} has script in {name}"
        if element.tag == "style":
            yield f"{element} is an inline style, which the content policy stops"
        is_data = element.get("type") == "application/json"
        if element.tag == "script" and "src" not in element.attributes and not is_data:
            yield f"{element} is an inline script, which the content policy stops"
        if element.get("target") == "_blank" and "noopener" not in (element.get("rel") or ""):
            yield f"{element} opens a window that can reach back"


def _leftovers(root: Element) -> Iterator[str]:
    for text in root.texts():
        if _LEFTOVERS.search(text.strip()):
            yield f'the page says "{text.strip()[:80]}"'
    for element in root.elements():
        for name, value in element.attributes.items():
            looks_odd = value in ("None", "Undefined") or "object at 0x" in value
            if looks_odd or (name in ("href", "src", "action") and re.search(r"\bNone\b", value)):
                yield f'{element} has {name}="{value}"'


def _tables(root: Element) -> Iterator[str]:
    for table in root.elements("table"):
        if not _own_name(table) and not any(caption.text for caption in table.elements("caption")):
            yield f"{table} has no caption"
        heads = list(table.elements("th"))
        if not heads:
            yield f"{table} has no head cell"
        for head in heads:
            if head.get("scope") not in ("col", "row", "colgroup", "rowgroup"):
                yield f"{head} does not say what it heads (scope)"


def _forms(root: Element) -> Iterator[str]:
    for form in root.elements("form"):
        method = (form.get("method") or "get").lower()
        if method not in ("get", "post"):
            yield f"{form} has the method {method}, which no browser knows"
        fields = {field.get("name") for field in form.elements("input")}
        tokens = [field for field in form.elements("input") if field.get("name") == "csrf_token"]
        if method == "post" and not any(token.get("value") for token in tokens):
            yield f"{form} posts without a csrf_token"
        if method == "get" and "csrf_token" in fields:
            yield f"{form} puts the csrf_token into the address"
        if len(tokens) > 1:
            yield f"{form} has {len(tokens)} csrf_tokens"
        uploads = [field for field in form.elements("input") if field.get("type") == "file"]
        if uploads and form.get("enctype") != "multipart/form-data":
            yield f"{form} has a file and would send only its name"
        submits = [
            button
            for button in root.elements("button", "input")
            if (button.get("type") or ("submit" if button.tag == "button" else "")) == "submit"
            and (button.within("form") is form or button.get("form") == (form.get("id") or form))
        ]
        if not submits and form.get("role") != "search":
            yield f"{form} cannot be sent without script: it has no button"


def _groups(root: Element) -> Iterator[str]:
    for form in [*root.elements("form")] or [root]:
        radios = [field for field in form.elements("input") if field.get("type") == "radio"]
        for name, count in Counter(radio.get("name") for radio in radios).items():
            for radio in radios:
                group = radio.within("fieldset") or _radio_group(radio)
                if count > 1 and radio.get("name") == name and group is None:
                    yield f"{radio} is one of several and stands in no fieldset"
    for group in root.elements("fieldset"):
        if not _own_name(group) and not any(legend.text for legend in group.elements("legend")):
            yield f"{group} has no legend"


def _radio_group(element: Element) -> Element | None:
    return next((a for a in element.ancestors() if a.get("role") == "radiogroup"), None)


def _references(root: Element, ids: set[str]) -> Iterator[str]:
    for element in root.elements():
        for name in _REFERRING:
            for target in (element.get(name) or "").split():
                if target not in ids:
                    yield f'{element} names "{target}" in {name}, which is not on the page'
        if element.tag == "label" and element.get("for") not in ids | {None}:
            yield f"{element} is for nothing on the page"
        href = element.get("href") or ""
        if element.tag == "a" and href.startswith("#") and unquote(href[1:]) not in ids:
            yield f"{element} jumps to nothing on the page"
