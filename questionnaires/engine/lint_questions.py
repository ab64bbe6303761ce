"""Lint of single questions: what people read, choose and give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from questionnaires.engine.definition import (
    Band,
    ColumnOption,
    MultipleQuestion,
    NumberQuestion,
    Option,
    Question,
    SingleQuestion,
    TableQuestion,
)
from questionnaires.engine.lint_findings import Finding, error, info, warning
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.types.registry import type_of
from questionnaires.engine.vocabulary import ColumnType, Purpose, Weight

_LONG_QUESTION = 200
_LONG_OPTION = 140
_FEWEST_OPTIONS = 2


def question_findings(question: Question, path: str, purpose: Purpose) -> Iterator[Finding]:
    """Yield what there is to say about one question."""
    for finding in _findings(question, path, purpose):
        yield Finding(finding.code, finding.severity, finding.place, finding.sentence, question.key)


def _findings(question: Question, path: str, purpose: Purpose) -> Iterator[Finding]:
    if len(question.text) > _LONG_QUESTION:
        yield warning(
            "long_text",
            f"{path}.text",
            _("This question has %(count)s characters: ask one thing in fewer words.",
              count=len(question.text)),
        )  # fmt: skip
    yield from _gate_findings(question, path)
    yield from _link_findings(question, path, purpose)
    if isinstance(question, SingleQuestion | MultipleQuestion):
        yield from _option_findings(question, path)
    if isinstance(question, NumberQuestion):
        yield from _number_findings(question, path)
    if isinstance(question, TableQuestion):
        yield from _table_findings(question, path)


def _gate_findings(question: Question, path: str) -> Iterator[Finding]:
    kind = type_of(question)
    if kind.has_gate(question):
        if question.not_applicable:
            yield error(
                "gate_not_applicable",
                f"{path}.not_applicable",
                _("A gate cannot be stepped around: set not_applicable to false."),
            )
        if not question.required:
            yield warning(
                "gate_optional",
                f"{path}.required",
                _("A gate that is not answered opens at the due date: require the answer."),
            )
    if kind.is_risky_possible(question) and question.warning is None:
        yield warning(
            "risky_without_warning",
            f"{path}.warning",
            _("A risky answer shows no words: write what it means and what to do about it."),
        )
    if question.warning is not None and not kind.is_risky_possible(question):
        yield warning(
            "warning_never_shown",
            f"{path}.warning",
            _("No answer shows this warning: mark the risky ones."),
        )


def _link_findings(question: Question, path: str, purpose: Purpose) -> Iterator[Finding]:
    if purpose is Purpose.INTAKE or question.weight is Weight.NONE:
        return
    if not question.controls:
        yield warning(
            "unmapped",
            f"{path}.controls",
            _("This question counts and speaks to no control: name one."),
        )
    if not question.risk_sources:
        yield info(
            "no_risk_source",
            f"{path}.risk_sources",
            _("Name the risk source that a bad answer points to."),
        )


def _option_findings(question: SingleQuestion | MultipleQuestion, path: str) -> Iterator[Finding]:
    options = question.options
    if len(options) < _FEWEST_OPTIONS:
        yield error("too_few_options", f"{path}.options", _("Add options: at least two."))
    yield from same_option_texts(options, f"{path}.options")
    multiple = isinstance(question, MultipleQuestion)
    for place, option in enumerate(options):
        here = f"{path}.options[{place}]"
        if len(option.text) > _LONG_OPTION:
            yield warning(
                "long_text",
                f"{here}.text",
                _("This option has %(count)s characters: move the detail to its hint.",
                  count=len(option.text)),
            )  # fmt: skip
        for name in _without_effect(option, multiple):
            yield warning(
                "setting_without_effect",
                f"{here}.{name}",
                _("“%(name)s” does nothing in this type of question: take it out.", name=name),
            )
        if option.exclusive and option.needed:
            yield warning(
                "needed_but_alone",
                here,
                _("An option that stands alone cannot be needed beside others: choose one."),
            )


def _without_effect(option: Option, multiple: bool) -> Iterator[str]:
    if multiple and option.score is not None:
        yield "score"
    if not multiple and option.needed:
        yield "needed"
    if not multiple and option.exclusive:
        yield "exclusive"


def same_option_texts(options: Sequence[Option | ColumnOption], path: str) -> Iterator[Finding]:
    """Yield an error for each option that reads like one before."""
    seen: set[str] = set()
    for place, option in enumerate(options):
        text = " ".join(option.text.split()).casefold()
        if text in seen:
            yield error(
                "same_option_text",
                f"{path}[{place}].text",
                _("Another option reads the same: nobody can tell them apart."),
            )
        seen.add(text)


def _number_findings(question: NumberQuestion, path: str) -> Iterator[Finding]:
    lowest, highest = question.min, question.max
    if lowest is not None and highest is not None and lowest > highest:
        yield error("bounds_crossed", f"{path}.min", _("The lowest number is above the highest."))
        return
    yield from _band_findings(question.bands, path)
    if not question.bands:
        return
    first, last = question.bands[0], question.bands[-1]
    if first.start is not None and (lowest is None or first.start > lowest):
        yield error(
            "band_gap",
            f"{path}.bands[0].from",
            _("Numbers below %(number)s have no band: leave “from” out here.", number=first.start),
        )
    if last.below is not None and (highest is None or last.below <= highest):
        yield error(
            "band_gap",
            f"{path}.bands[{len(question.bands) - 1}].below",
            _("Numbers from %(number)s on have no band: leave “below” out here.",
              number=last.below),
        )  # fmt: skip


def _band_findings(bands: Sequence[Band], path: str) -> Iterator[Finding]:
    for place, band in enumerate(bands):
        here = f"{path}.bands[{place}]"
        if band.start is not None and band.below is not None and band.start >= band.below:
            yield error("band_empty", here, _("No number lies in this band: “from” is not below."))
        if place == 0:
            continue
        before = bands[place - 1].below
        if before is None or band.start is None or band.start < before:
            yield error(
                "band_overlap",
                here,
                _("This band overlaps the one before: begin it where that one ends."),
            )
        elif band.start > before:
            yield error(
                "band_gap",
                here,
                _("Numbers from %(start)s to below %(end)s have no band: close the gap.",
                  start=before, end=band.start),
            )  # fmt: skip


def _table_findings(question: TableQuestion, path: str) -> Iterator[Finding]:
    if not question.columns:
        yield error("no_columns", f"{path}.columns", _("Add a column."))
    if question.min_rows > question.max_rows:
        yield error(
            "bounds_crossed", f"{path}.min_rows", _("The fewest rows are more than the most rows.")
        )
    for place, column in enumerate(question.columns):
        here = f"{path}.columns[{place}].options"
        if column.type is ColumnType.SINGLE:
            if len(column.options) < _FEWEST_OPTIONS:
                yield error("too_few_options", here, _("Add options: at least two."))
            yield from same_option_texts(column.options, here)
        elif column.options:
            yield warning(
                "setting_without_effect",
                here,
                _("“%(name)s” does nothing in this type of column: take it out.", name="options"),
            )
