"""Looks a questionnaire over before it is published."""

from __future__ import annotations

from collections.abc import Iterator

from questionnaires.engine.definition import Questionnaire
from questionnaires.engine.lint_findings import Finding, Severity, error, warning
from questionnaires.engine.lint_questions import question_findings
from questionnaires.engine.lint_reach import reach_findings
from questionnaires.engine.lint_scores import score_findings
from questionnaires.engine.lint_translations import translation_findings
from questionnaires.engine.references import reference_errors
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.vocabulary import Audience, Purpose

_ORDER = {severity: rank for rank, severity in enumerate(Severity)}
_ALL_FACTORS = 100


def lint(questionnaire: Questionnaire) -> list[Finding]:
    """Return what is worth saying: errors first, then warnings and infos, each by place."""
    findings = [*_findings(questionnaire)]
    return sorted(findings, key=lambda finding: _ORDER[finding.severity])


def may_be_published(findings: list[Finding]) -> bool:
    """Return whether no finding stops publishing."""
    return all(finding.severity is not Severity.ERROR for finding in findings)


def _findings(questionnaire: Questionnaire) -> Iterator[Finding]:
    yield from _document_findings(questionnaire)
    for problem in reference_errors(questionnaire):
        yield error("bad_reference", problem.path, problem.message)
    for at, section in enumerate(questionnaire.sections):
        for place, question in enumerate(section.questions):
            path = f"sections[{at}].questions[{place}]"
            yield from question_findings(question, path, questionnaire.purpose)
            yield from score_findings(question, path, questionnaire.purpose)
    yield from reach_findings(questionnaire)
    yield from translation_findings(questionnaire)


def _document_findings(questionnaire: Questionnaire) -> Iterator[Finding]:
    if not questionnaire.questions:
        yield error("no_questions", "sections", _("Nothing is asked yet: add a question."))
    for at, section in enumerate(questionnaire.sections):
        if not section.questions:
            yield error(
                "empty_section",
                f"sections[{at}]",
                _("“%(title)s” has no question: add one or remove it.", title=section.title),
            )
    used = {question.module for question in questionnaire.questions}
    for at, module in enumerate(questionnaire.modules):
        if module.key not in used:
            yield warning(
                "unused_module",
                f"modules[{at}]",
                _("No question belongs to “%(title)s”: name it in one.", title=module.title),
            )
    yield from _same_texts(questionnaire)
    if questionnaire.purpose is Purpose.INTAKE:
        yield from _intake_findings(questionnaire)


def _same_texts(questionnaire: Questionnaire) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for at, section in enumerate(questionnaire.sections):
        for place, question in enumerate(section.questions):
            text = " ".join(question.text.split()).casefold()
            if text in first:
                yield warning(
                    "same_question_text",
                    f"sections[{at}].questions[{place}].text",
                    _("“%(other)s” asks in the same words: say how they differ.",
                      other=first[text]),
                    question.key,
                )  # fmt: skip
            first.setdefault(text, question.key)


def _intake_findings(questionnaire: Questionnaire) -> Iterator[Finding]:
    factors = sum(question.factor or 0 for question in questionnaire.questions)
    if factors != _ALL_FACTORS:
        yield error(
            "factors_not_100",
            "sections",
            _("The factors of all questions add up to %(sum)s; make it 100.", sum=factors),
        )
    if questionnaire.audience is not Audience.ORGANISATION:
        yield warning(
            "intake_for_vendors",
            "audience",
            _("An intake is answered inside the organisation: set the audience to organisation."),
        )
