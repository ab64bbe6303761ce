"""What lint says about a place of a questionnaire."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """Errors stop publishing, warnings want a look, infos are good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: `place` is a path of the document, `question` the key it is about, if any."""

    code: str
    severity: Severity
    place: str
    sentence: str
    question: str | None = None


def error(code: str, place: str, sentence: str, question: str | None = None) -> Finding:
    """Return a finding that stops publishing."""
    return Finding(code, Severity.ERROR, place, sentence, question)


def warning(code: str, place: str, sentence: str, question: str | None = None) -> Finding:
    """Return a finding that wants a look."""
    return Finding(code, Severity.WARNING, place, sentence, question)


def info(code: str, place: str, sentence: str, question: str | None = None) -> Finding:
    """Return a finding that is good to know."""
    return Finding(code, Severity.INFO, place, sentence, question)
