"""Is a password on the lists that are tried first? Pure; the words lie in common_words.txt.

Lists of leaked passwords are a few words in endless dress: capitals, digits for letters,
a year behind, the same once more. So the dress is taken off instead of keeping every
dressed form: what then is made of common words, runs on the keyboard, digits in order
and repeated signs, with too little left over, counts as common.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_LEFT_OVER = 4
"""Characters beside common pieces that make a password no longer common."""

_ENDING = 6
"""Digits and signs around a common word that do not make it a good one."""

_CONTEXT_LEFT_OVER = 8
_CONTEXT_WORD = 4

_DRESS = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g",
     "@": "a", "$": "s", "!": "i", "|": "l", "+": "t"}
)  # fmt: skip
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "qazwsxedcrfvtgbyhnujm",
    "!@#$%^&*()",
    '!"§$%&/()=',
    "147258369",
    "789456123",
)
_YEARS = re.compile(r"(?:19|20)\d\d")
_SAME = re.compile(r"(.)\1{2,}")
_REPEATED = re.compile(r"(.{2,}?)\1+")
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_SIGNS = re.compile(r"[\W_]+")


@cache
def _words() -> tuple[str, ...]:
    """Return the common words, longest first, so that the longest is taken out first."""
    text = Path(__file__).with_name("common_words.txt").read_text(encoding="utf-8")
    words = {word for line in text.splitlines() if line[:1] != "#" for word in line.split()}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def is_common(password: str) -> bool:
    """Return whether a password is made of what everybody tries first."""
    plain = password.casefold()
    forms = {plain, plain.translate(_DRESS), plain[::-1], _folded(plain)}
    if any(len(_undressed(form)) < _LEFT_OVER for form in forms):
        return True
    # P@ssw0rd8351: in front the digits stand for letters, behind they are only an ending.
    core = _ENDS.sub("", plain)
    return 0 < len(core) >= len(plain) - _ENDING and not _undressed(core.translate(_DRESS))


def _folded(text: str) -> str:
    """Return the text without its repetition: secretsecret is secret."""
    whole = _REPEATED.fullmatch(text)
    return whole[1] if whole else text


def _undressed(text: str) -> str:
    for word in _words():
        if word in text:
            text = text.replace(word, "\n")
    text = _YEARS.sub("\n", text)
    for run in _RUNS:
        for piece in (run, run[::-1]):
            text = _without_runs(text, piece)
    text = _SAME.sub("\n", text)
    text = _REPEATED.sub(lambda found: found[1], text)
    return _SIGNS.sub("", text)


def _without_runs(text: str, run: str) -> str:
    """Take out each stretch of three or more signs that follow one another in `run`."""
    kept: list[str] = []
    position = 0
    while position < len(text):
        length = 3
        while position + length <= len(text) and text[position : position + length] in run:
            length += 1
        if length > 3:
            kept.append("\n")
            position += length - 1
        else:
            kept.append(text[position])
            position += 1
    return "".join(kept)


def holds_context(password: str, context: list[str]) -> bool:
    """Return whether too little is left when the words of this place and person are taken out."""
    words = {
        word
        for text in context
        for word in re.split(r"[\W_]+", text.casefold())
        if len(word) >= _CONTEXT_WORD
    }
    plain = password.casefold()
    for form in (plain, plain.translate(_DRESS)):
        rest = form
        for word in sorted(words, key=lambda word: (-len(word), word)):
            rest = rest.replace(word, "")
        if rest != form and len(_SIGNS.sub("", rest)) < _CONTEXT_LEFT_OVER:
            return True
    return False
