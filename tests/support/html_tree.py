"""A strict reader of HTML: it repairs nothing and reports what a browser would repair silently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()  # noqa: SIM905 - reads better
)
_FOREIGN = frozenset({"svg", "math"})
_CLOSE_A_PARAGRAPH = frozenset(
    "address article aside blockquote details div dl fieldset figure footer form h1 h2 h3 h4 h5 "  # noqa: SIM905 - reads better
    "h6 header hr main menu nav ol p pre section table ul".split()
)
_INTERACTIVE = frozenset({"a", "button", "select", "textarea", "summary"})
_PARENTS = {
    "li": {"ul", "ol", "menu"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "tr": {"thead", "tbody", "tfoot"},
    "td": {"tr"},
    "th": {"tr"},
    "thead": {"table"},
    "tbody": {"table"},
    "tfoot": {"table"},
    "caption": {"table"},
    "legend": {"fieldset"},
    "summary": {"details"},
    "option": {"select", "optgroup", "datalist"},
    "figcaption": {"figure"},
}


@dataclass(eq=False)
class Element:
    """One element with its attributes, in its place."""

    tag: str
    attributes: dict[str, str]
    line: int
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    def get(self, name: str) -> str | None:
        """Return an attribute; an empty text for one without a value, None for none."""
        return self.attributes.get(name)

    def elements(self, *tags: str) -> Iterator[Element]:
        """Yield the elements inside, in document order; only of these tags when any are given."""
        for child in self.children:
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    yield child
                yield from child.elements(*tags)

    def texts(self) -> Iterator[str]:
        """Yield the pieces of text inside, without scripts and styles."""
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in ("script", "style"):
                yield from child.texts()

    @property
    def text(self) -> str:
        """Return the text inside with single blanks."""
        return " ".join("".join(self.texts()).split())

    def ancestors(self) -> Iterator[Element]:
        """Yield the elements around this one, from the nearest."""
        around = self.parent
        while around is not None:
            yield around
            around = around.parent

    def within(self, *tags: str) -> Element | None:
        """Return the nearest element around this one that has one of the tags."""
        return next((around for around in self.ancestors() if around.tag in tags), None)

    def __str__(self) -> str:
        shown = "".join(
            f' {name}="{value[:40]}"'
            for name, value in self.attributes.items()
            if name in ("id", "name", "href", "type", "action")
        )
        return f"<{self.tag}{shown}> (line {self.line})"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {}, 0)
        self.problems: list[str] = []
        self.doctype = ""
        self._open = [self.root]

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl.lower()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in VOID and not _is_foreign(element):
            self.problems.append(f"{element} is closed with />, which browsers read as open")

    def handle_endtag(self, tag: str) -> None:
        line = self.getpos()[0]
        if tag in VOID:
            self.problems.append(f"</{tag}> (line {line}) ends an element that has no end")
        elif self._open[-1].tag == tag:
            self._open.pop()
        elif any(element.tag == tag for element in self._open):
            while self._open[-1].tag != tag:
                self.problems.append(f"{self._open.pop()} is not closed before </{tag}>")
            self._open.pop()
        else:
            self.problems.append(f"</{tag}> (line {line}) ends nothing")

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def close(self) -> None:
        super().close()
        self.problems += [f"{element} is never closed" for element in self._open[1:]]

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        parent = self._open[-1]
        element = Element(tag, {n: v or "" for n, v in attrs}, self.getpos()[0], parent)
        if len(element.attributes) != len(attrs):
            self.problems.append(f"{element} has an attribute twice")
        self._check_place(element)
        parent.children.append(element)
        return element

    def _check_place(self, element: Element) -> None:
        tag, parent = element.tag, element.parent
        assert parent is not None
        if tag in _PARENTS and not _is_foreign(element) and parent.tag not in _PARENTS[tag] | {""}:
            self.problems.append(f"{element} may not stand in {parent}")
        if tag in _CLOSE_A_PARAGRAPH and element.within("p"):
            self.problems.append(f"{element} ends the <p> around it")
        if tag in _INTERACTIVE | {"input"}:
            around = element.within(*_INTERACTIVE)
            if around is not None and element.get("type") != "hidden":
                self.problems.append(f"{element} stands in {around}: both can be pressed")
        if tag == "form" and element.within("form"):
            self.problems.append(f"{element} stands in another form")


def _is_foreign(element: Element) -> bool:
    return element.tag in _FOREIGN or element.within(*_FOREIGN) is not None


def read_html(text: str) -> tuple[Element, list[str], str]:
    """Return the root (without a tag), what is wrong with the nesting, and the doctype."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.root, reader.problems, reader.doctype
