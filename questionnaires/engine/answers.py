"""An answer with everything that was said about it, as plain frozen values."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import Question
from questionnaires.engine.freshness import ModelChange
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.values import AnswerValue

GRADES = (0, 50, 100)
"""Percent that a reviewer gives where he grades by hand."""


class Backing(enum.StrEnum):
    """What stands behind an answer: the supplier's word, its document, or somebody independent."""

    NONE = "none"
    DOCUMENT = "document"
    INDEPENDENT = "independent"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceGiven:
    """A file that backs an answer. It counts once a reviewer has `accepted` it.

    `kind` is one of the rule set's kinds, which say how long it is valid. `effective_on` is the
    day from which it speaks, `expires_on` the last day that it names itself.
    """

    backing: Backing = Backing.DOCUMENT
    kind: str = "other"
    accepted: bool = False
    effective_on: dt.date | None = None
    expires_on: dt.date | None = None
    model_change: ModelChange = ModelChange.SAME


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplicable:
    """Why a question does not apply; it counts as unanswered until a reviewer has accepted it."""

    reason: str
    accepted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A reviewer's percent in place of the automatic score."""

    percent: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one question: a value, or that it does not apply, or nothing yet.

    `answered_on` is the day on which it was given or last confirmed; None is today.
    Raises AnswerError when it has both a value and a reason why it does not apply.
    """

    value: AnswerValue | None = None
    not_applicable: NotApplicable | None = None
    note: str | None = None
    evidence: tuple[EvidenceGiven, ...] = ()
    answered_on: dt.date | None = None
    rating: Rating | None = None

    def __post_init__(self) -> None:
        """Refuse an answer that also does not apply."""
        if self.value is not None and self.not_applicable is not None:
            raise AnswerError(_("Either answer the question or say why it does not apply."))

    @property
    def is_given(self) -> bool:
        """Whether anything was said: a value, or that it does not apply."""
        return self.value is not None or self.not_applicable is not None


Answers: TypeAlias = Mapping[str, Answer]


def values_of(answers: Answers) -> dict[str, AnswerValue]:
    """Return the values by question; what does not apply has none."""
    return {key: answer.value for key, answer in answers.items() if answer.value is not None}


def check_not_applicable(question: Question, claim: NotApplicable) -> None:
    """Raise AnswerError when a question must be answered or the reason is missing."""
    if not question.not_applicable:
        raise AnswerError(_("This question always applies: please answer it."))
    if not claim.reason.strip():
        raise AnswerError(_("Say in a sentence why this does not apply."))


def check_rating(rating: Rating, *, overrides: bool) -> None:
    """Raise AnswerError for a rating that cannot be given.

    `overrides` says that it stands in place of an automatic score: then it needs a reason.
    """
    if not 0 <= rating.percent <= 100:
        raise AnswerError(_("Rate from 0 to 100 percent."))
    if (overrides or rating.percent not in GRADES) and not rating.reason.strip():
        raise AnswerError(_("Say in a sentence why you rate it so."))


def check_evidence(evidence: EvidenceGiven, today: dt.date) -> None:
    """Raise AnswerError when the days of a file cannot be right."""
    effective, expires = evidence.effective_on, evidence.expires_on
    if effective is not None and effective > today:
        raise AnswerError(
            _("This file takes effect on a day to come. Enter the day from which it speaks.")
        )
    if effective is not None and expires is not None and expires < effective:
        raise AnswerError(_("The file ends before it begins: correct one of the two days."))
