"""The fonts of a PDF, and which of them draws which character.

Fira Sans is the face of the product; DejaVu Sans steps in glyph by glyph for what
Fira Sans lacks (Hebrew, Arabic, Georgian, Armenian, symbols).  Both are embedded as
subsets.  Chinese, Japanese and Korean use the standard CID fonts: they are not
embedded, so the reader's program brings the glyphs (all common ones do).  What no
font has is reported as missing, and the text module draws its code instead.

Font files are read once per process, by ``load_fonts()``; building a document
afterwards opens no file.
"""

import codecs
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import as_file, files
from threading import Lock
from typing import Any, Literal

from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

Weight = Literal["regular", "strong", "italic"]
CjkLanguage = Literal["zh", "ja", "ko"]

_FIRA: Mapping[Weight, str] = {
    "regular": "FiraSans-Regular.ttf",
    "strong": "FiraSans-SemiBold.ttf",
    "italic": "FiraSans-Italic.ttf",
}
BASE_FONT = "AssayRegular"
"""ReportLab's name of the body font, for the canvas to start with."""

_CJK_FACES: Mapping[CjkLanguage, tuple[str, str]] = {
    "zh": ("STSong-Light", "gbk"),
    "ja": ("HeiseiKakuGo-W5", "cp932"),
    "ko": ("HYGothic-Medium", "cp949"),
}
"""Language → CID font and the character set that this font covers, as a codec."""

_CJK_ORDER: Mapping[CjkLanguage, tuple[CjkLanguage, ...]] = {
    "zh": ("zh", "ja", "ko"),
    "ja": ("ja", "zh", "ko"),
    "ko": ("ko", "zh", "ja"),
}
_CODECS = ("utf-16-be", "pdfdoc", "extpdfdoc")
"""Further codecs that writing a document needs; ReportLab registers the last two."""

_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_FIRST_CJK = "\u1100"


_MAP_ROW = re.compile(r"<([0-9A-F]{2})> <([0-9A-F]{4,6})>")


class SearchableTrueTypeFont(TTFont):  # type: ignore[misc]  # reportlab has no type stubs
    """A TrueType font whose ToUnicode map is right for every character.

    ReportLab writes code points where the map asks for UTF-16, which breaks above
    U+FFFF; and a joined Arabic letter is found by its plain letter only when the map
    says so.
    """

    def addObjects(self, doc: Any) -> None:  # noqa: N802  # ReportLab calls it by this name
        """Add the font's subsets to ``doc`` and correct their ToUnicode maps."""
        known = set(doc.idToObject)
        super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if name not in known and name.startswith("toUnicodeCMap:"):
                stream.content = _MAP_ROW.sub(_as_utf16, stream.content)


def _as_utf16(row: re.Match[str]) -> str:
    char = chr(int(row[2], 16))
    if "\ufb50" <= char <= "\ufdff" or "\ufe70" <= char <= "\ufefc":
        letters = unicodedata.normalize("NFKC", char)
        # Readers turn right-to-left text round glyph by glyph: two letters would swap.
        char = letters if len(letters) == 1 else char
    return f"<{row[1]}> <{char.encode('utf-16-be').hex().upper()}>"


class SearchableCidFont(UnicodeCIDFont):  # type: ignore[misc]  # reportlab has no type stubs
    """A CID font whose text can be searched and copied.

    ReportLab writes no ToUnicode map for CID fonts; the codes are UCS-2, so the map
    is the identity, written in 256 rows because a row may not cross a high byte.
    """

    def addObjects(self, doc: Any) -> None:  # noqa: N802  # ReportLab calls it by this name
        """Add the font and its ToUnicode map to ``doc`` (called by ReportLab)."""
        super().addObjects(doc)
        internal = doc.fontMapping[self.name][1:]
        font = doc.idToObject[internal]
        stream = pdfdoc.PDFStream()
        stream.content = _identity_cmap()
        stream.filters = [pdfdoc.PDFZCompress]
        font.dict["ToUnicode"] = doc.Reference(stream, f"toUnicode:{self.name}")


def _identity_cmap() -> str:
    """Return a ToUnicode CMap that maps each two-byte code to itself."""
    rows = [f"<{high:02X}00> <{high:02X}FF> <{high:02X}00>" for high in range(256)]
    blocks = [rows[i : i + 100] for i in range(0, 256, 100)]
    ranges = "\n".join(
        f"{len(block)} beginbfrange\n" + "\n".join(block) + "\nendbfrange" for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{ranges}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    )


@dataclass(frozen=True, eq=False, slots=True)
class Glyphs:
    """One font as the layout sees it.

    ``widths``: character → advance in em.  ``cell``: advance of every digit when
    figures are tabular, else 0.  ``embolden``: stand in for a strong weight that the
    font does not have.
    """

    font: Any
    widths: Mapping[str, float]
    is_cid: bool = False
    embolden: bool = False
    cell: float = 0.0
    is_korean: bool = False

    def width(self, text: str) -> float:
        """Return the advance of ``text`` in em; every character must be in this font."""
        if self.is_cid:
            return float(len(text))
        return sum(map(self.widths.__getitem__, text))


_MOST_REMEMBERED = 20_000
"""A face forgets its answers beyond so many, so that odd texts cannot fill the memory."""


@dataclass(frozen=True, eq=False, slots=True)
class Face:
    """A weight of the product's face, with everything that steps in for it."""

    primary: Glyphs
    fallback: Glyphs
    cjk: Mapping[CjkLanguage, Glyphs]
    covered: frozenset[str]
    _found: dict[tuple[str, CjkLanguage], Glyphs | None] = field(default_factory=dict)

    def find(self, char: str, language: CjkLanguage) -> Glyphs | None:
        """Return the font that draws ``char``, or None when no font has it.

        ``language`` settles which of the three CJK fonts is asked first.
        """
        key = (char, language)
        if key not in self._found:
            if len(self._found) >= _MOST_REMEMBERED:
                self._found.clear()
            self._found[key] = self._search(char, language)
        return self._found[key]

    def _search(self, char: str, language: CjkLanguage) -> Glyphs | None:
        if unicodedata.category(char) in _INVISIBLE:
            return None
        if char in self.primary.widths:
            return self.primary
        if char in self.fallback.widths:
            return self.fallback
        if _FIRST_CJK <= char <= "\uffff":
            for candidate in _CJK_ORDER[language]:
                try:
                    char.encode(_CJK_FACES[candidate][1])
                except UnicodeEncodeError:
                    continue
                return self.cjk[candidate]
        return None


@dataclass(frozen=True, eq=False, slots=True)
class Fonts:
    """All faces; ``tabular`` ones give every digit the same width."""

    plain: Mapping[Weight, Face]
    tabular: Mapping[Weight, Face]
    ascent: float
    """Height of the face above the base line, in em, for placing text in its line."""

    def face(self, weight: Weight, *, tabular: bool = False) -> Face:
        """Return the face of ``weight``."""
        return (self.tabular if tabular else self.plain)[weight]


def _load(name: str, package: str, path: str) -> Any:
    """Return the TrueType font ``path`` of an installed package under ``name``."""
    with as_file(files(package).joinpath(*path.split("/"))) as location:
        font = SearchableTrueTypeFont(name, str(location))
    pdfmetrics.registerFont(font)
    return font


def _widths(font: Any) -> dict[str, float]:
    """Return character → advance in em of what ``font`` really has a glyph for."""
    return {
        chr(code): width / 1000
        for code, width in font.face.charWidths.items()
        if font.face.charToGlyph.get(code) and unicodedata.category(chr(code)) not in _INVISIBLE
    }


_loading = Lock()


def load_fonts() -> Fonts:
    """Read and register every font; calls after the first cost nothing."""
    with _loading:  # two sets of fonts at once would make documents differ
        return _read_fonts()


@lru_cache(maxsize=1)
def _read_fonts() -> Fonts:
    for codec in (*(codec for _, codec in _CJK_FACES.values()), *_CODECS):
        codecs.lookup(codec)  # Python reads its module now, not while a document is built
    dejavu = _load("AssayFallback", "ziafont", "fonts/DejaVuSans.ttf")
    dejavu_widths = _widths(dejavu)
    cjk: dict[CjkLanguage, Glyphs] = {}
    for language, (face_name, _) in _CJK_FACES.items():
        cid = SearchableCidFont(face_name)
        pdfmetrics.registerFont(cid)
        cjk[language] = Glyphs(cid, {}, is_cid=True, is_korean=language == "ko")
    plain: dict[Weight, Face] = {}
    tabular: dict[Weight, Face] = {}
    ascent = 0.0
    for weight, file_name in _FIRA.items():
        font = _load(f"Assay{weight.title()}", "fontpkg_fira_sans", f"files/{file_name}")
        ascent = font.face.ascent / 1000
        widths = _widths(font)
        cell = max(widths[digit] for digit in "0123456789")
        fallback = Glyphs(dejavu, dejavu_widths, embolden=weight == "strong")
        covered = frozenset(widths)
        plain[weight] = Face(Glyphs(font, widths), fallback, cjk, covered)
        even = Glyphs(font, widths | dict.fromkeys("0123456789", cell), cell=cell)
        tabular[weight] = Face(even, fallback, cjk, covered)
    return Fonts(plain, tabular, ascent)


def cjk_language(text: str, default: CjkLanguage = "zh") -> CjkLanguage:
    """Return the language whose CJK font suits ``text``: kana is Japanese, Hangul Korean."""
    if any("\u3041" <= char <= "\u30ff" for char in text):
        return "ja"
    if any("\uac00" <= char <= "\ud7a3" for char in text):
        return "ko"
    return default
