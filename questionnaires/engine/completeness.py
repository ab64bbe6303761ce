"""How far a response is: answered, left, minutes to go, and what stands in the way of signing."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from questionnaires.engine.answers import Answer, Answers, values_of
from questionnaires.engine.definition import Question, Questionnaire
from questionnaires.engine.path import Path, path_of
from questionnaires.engine.types.registry import type_of
from questionnaires.engine.vocabulary import EvidenceAsk

_NO_ANSWER = Answer()


class GapKind(enum.StrEnum):
    """What is missing."""

    UNANSWERED = "unanswered"
    EVIDENCE = "evidence"
    REASON = "reason"
    MUST_APPLY = "must_apply"
    MEASURE = "measure"


_BLOCKS = {GapKind.UNANSWERED, GapKind.EVIDENCE, GapKind.REASON, GapKind.MUST_APPLY}


@dataclass(frozen=True, slots=True)
class Gap:
    """Something missing at a question. One that blocks must be closed before signing.

    EVIDENCE: the file that is required. REASON: why it does not apply. MUST_APPLY: it cannot be
    said that it does not apply. MEASURE: what compensates for a risky answer, in its note.
    """

    section: str
    question: str
    kind: GapKind
    blocks: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts over questions that are asked. `left` are required ones without answer.

    Minutes are those of the definition; `minutes_left` counts everything unanswered.
    """

    asked: int = 0
    answered: int = 0
    required: int = 0
    left: int = 0
    minutes: int = 0
    minutes_left: int = 0

    def __add__(self, other: Progress) -> Progress:
        """Return the counts of both."""
        return Progress(
            self.asked + other.asked,
            self.answered + other.answered,
            self.required + other.required,
            self.left + other.left,
            self.minutes + other.minutes,
            self.minutes_left + other.minutes_left,
        )


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """How far one section is."""

    key: str
    title: str
    progress: Progress
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far a response is."""

    sections: tuple[SectionProgress, ...]
    total: Progress
    gaps: tuple[Gap, ...]

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands in the way of signing."""
        return not any(gap.blocks for gap in self.gaps)


def completeness(
    questionnaire: Questionnaire, answers: Answers, path: Path | None = None
) -> Completeness:
    """Return how far these answers are. `path` spares working it out again."""
    path = path or path_of(questionnaire, values_of(answers))
    sections = []
    for shown in path.sections:
        progress = Progress()
        gaps: list[Gap] = []
        for question in shown.questions:
            answer = answers.get(question.key, _NO_ANSWER)
            progress += _progress(question, answer)
            gaps += _gaps(shown.section.key, question, answer)
        sections.append(
            SectionProgress(shown.section.key, shown.section.title, progress, tuple(gaps))
        )
    total = sum((section.progress for section in sections), Progress())
    return Completeness(
        tuple(sections), total, tuple(gap for section in sections for gap in section.gaps)
    )


def _progress(question: Question, answer: Answer) -> Progress:
    given = answer.is_given
    return Progress(
        asked=1,
        answered=int(given),
        required=int(question.required),
        left=int(question.required and not given),
        minutes=question.minutes,
        minutes_left=0 if given else question.minutes,
    )


def _gaps(section: str, question: Question, answer: Answer) -> list[Gap]:
    kinds = []
    if not answer.is_given and question.required:
        kinds.append(GapKind.UNANSWERED)
    if answer.not_applicable is not None:
        if not question.not_applicable:
            kinds.append(GapKind.MUST_APPLY)
        elif not answer.not_applicable.reason.strip():
            kinds.append(GapKind.REASON)
    if answer.value is not None:
        asked = question.evidence
        if asked is not None and asked.ask is EvidenceAsk.REQUIRED and not answer.evidence:
            kinds.append(GapKind.EVIDENCE)
        risky = type_of(question).is_risky(question, answer.value)
        if risky and not (answer.note or "").strip():
            kinds.append(GapKind.MEASURE)
    return [Gap(section, question.key, kind, kind in _BLOCKS) for kind in kinds]
