"""The design tokens of the pages, read for print.

Pages and PDFs share one file, ``app/static/css/tokens.css``.  This module reads
the ``:root`` rule of that file and nothing else, so a colour that changes there
changes here too.  Of ``light-dark(light, dark)`` print takes the first.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

TOKENS_FILE = Path(__file__).resolve().parent.parent / "static" / "css" / "tokens.css"
"""The one file that pages and PDFs read."""

POINTS_PER_REM = 11.0
"""Print size of one rem: body text (0.875 rem) becomes 9.6 points."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_DECLARATION = re.compile(r"(--as-[a-z0-9-]+)\s*:\s*([^;]+);")
_COLOUR = re.compile(r"(?:light-dark\(\s*)?(#[0-9a-fA-F]{6})(?:\s*,\s*#[0-9a-fA-F]{6}\s*\))?")
_REM = re.compile(r"([0-9.]+)rem")


class Colour(NamedTuple):
    """An RGB colour; each part from 0 to 1."""

    red: float
    green: float
    blue: float


def parse_tokens(css: str) -> dict[str, str]:
    """Return the ``--as-*`` declarations of the first ``:root`` rule in ``css``.

    Raises ValueError when there is no such rule.
    """
    for selector, body in _RULE.findall(_COMMENT.sub("", css)):
        if ":root" in selector:
            return {name: value.strip() for name, value in _DECLARATION.findall(body)}
    raise ValueError("tokens.css has no :root rule with design tokens")


@lru_cache(maxsize=1)
def light_tokens() -> dict[str, str]:
    """Return the tokens of the file: name with ``--as-`` → value as written."""
    return parse_tokens(TOKENS_FILE.read_text(encoding="utf-8"))


def colour(name: str) -> Colour:
    """Return the colour of the token ``--as-<name>``.

    Raises KeyError for an unknown name, ValueError when it holds no #rrggbb.
    """
    value = light_tokens()[f"--as-{name}"]
    match = _COLOUR.fullmatch(value)
    if match is None:
        raise ValueError(f"--as-{name} is {value!r}; print needs #rrggbb or light-dark of two")
    return Colour(*(int(match[1][i : i + 2], 16) / 255 for i in (1, 3, 5)))


def points(name: str) -> float:
    """Return the size of the token ``--as-<name>``, written in rem, in points.

    Raises KeyError for an unknown name, ValueError for a value that is not in rem.
    """
    match = _REM.fullmatch(light_tokens()[f"--as-{name}"])
    if match is None:
        raise ValueError(f"--as-{name} is not a size in rem")
    return float(match[1]) * POINTS_PER_REM
