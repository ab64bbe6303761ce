"""Lint of scores: whether an answer can make a difference, and a good one a good score."""

from __future__ import annotations

from collections.abc import Iterator

from questionnaires.engine.definition import (
    DateQuestion,
    MultipleQuestion,
    NumberQuestion,
    Option,
    Question,
    SingleQuestion,
)
from questionnaires.engine.lint_findings import Finding, error, info, warning
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.types.registry import type_of
from questionnaires.engine.vocabulary import Purpose, Weight


def score_findings(question: Question, path: str, purpose: Purpose) -> Iterator[Finding]:
    """Yield what there is to say about how one question counts."""
    checks = _intake if purpose is Purpose.INTAKE else _supplier
    for finding in checks(question, path):
        yield Finding(finding.code, finding.severity, finding.place, finding.sentence, question.key)


def _supplier(question: Question, path: str) -> Iterator[Finding]:
    if question.factor is not None:
        yield warning(
            "setting_without_effect",
            f"{path}.factor",
            _("“%(name)s” counts in an intake only: take it out.", name="factor"),
        )
    for place, option in enumerate(_options(question)):
        for name, is_set in (("stop", option.stop), ("level", option.level is not None)):
            if is_set:
                yield warning(
                    "setting_without_effect",
                    f"{path}.options[{place}].{name}",
                    _("“%(name)s” counts in an intake only: take it out.", name=name),
                )
    if question.weight is Weight.NONE:
        if type_of(question).has_gate(question):
            yield warning(
                "gate_without_weight",
                f"{path}.weight",
                _("A gate that is not scored costs no points: give it a weight."),
            )
        return
    if isinstance(question, SingleQuestion):
        for place, option in enumerate(question.options):
            if option.score is None:
                yield error(
                    "option_without_score",
                    f"{path}.options[{place}].score",
                    _("Give this option a score from 0 to 100."),
                )
    yield from _reachable_scores(question, path)
    if (isinstance(question, NumberQuestion) and not question.bands) or (
        isinstance(question, DateQuestion) and question.validity_months is None
    ):
        yield warning(
            "scored_by_hand",
            path,
            _("Nothing says what a good answer is, so a reviewer scores each by hand."),
        )


def _reachable_scores(question: Question, path: str) -> Iterator[Finding]:
    scores = type_of(question).possible_scores(question)
    if not scores or len(_options(question)) == 1:
        return
    if max(scores) == 0:
        yield error("no_score_above_0", path, _("Every answer scores 0: say which one is good."))
    elif min(scores) == max(scores):
        yield error(
            "weight_cannot_matter",
            f"{path}.weight",
            _("Every answer scores the same: set different scores, or the weight to none."),
        )
    elif max(scores) < 1:
        yield warning("no_full_score", path, _("No answer reaches 100: check that this is meant."))
    if isinstance(question, MultipleQuestion) and not any(o.needed for o in question.options):
        yield info(
            "nothing_needed",
            f"{path}.options",
            _("No option is needed, so any answer without a risky one scores 100."),
        )


def _intake(question: Question, path: str) -> Iterator[Finding]:
    if not question.factor:
        return
    if not isinstance(question, SingleQuestion | MultipleQuestion):
        yield error(
            "factor_without_levels",
            f"{path}.factor",
            _("Only options have levels: make this a choice, or take the factor out."),
        )
        return
    for place, option in enumerate(question.options):
        if option.level is None and not option.stop:
            yield error(
                "option_without_level",
                f"{path}.options[{place}].level",
                _("Give this option a level from 0 (no risk) to 4."),
            )
    levels = {option.level for option in question.options if option.level is not None}
    if len(levels) == 1:
        yield error(
            "weight_cannot_matter",
            f"{path}.factor",
            _("Every option has the same level: set different ones, or take the factor out."),
        )


def _options(question: Question) -> tuple[Option, ...]:
    return question.options if isinstance(question, SingleQuestion | MultipleQuestion) else ()
