"""Lint names what would be regretted after publishing."""

from __future__ import annotations

from typing import Any

import pytest

from questionnaires.engine.document import parse_document
from questionnaires.engine.lint import lint, may_be_published
from questionnaires.engine.lint_findings import Finding, Severity
from tests.unit.questionnaires.engine.documents import (
    CONTROL,
    everything,
    german,
    small,
    yes_no,
)

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741  one letter each, in a table
LINKED = {"controls": [CONTROL], "risk_sources": ["C.3.6"]}


def of_type(kind: str, **keys: Any) -> dict[str, Any]:
    """Return a question of a type that is linked."""
    return {"key": "Q", "type": kind, "text": "What?", **LINKED, **keys}


def option(key: str, score: int | None = None, **keys: Any) -> dict[str, Any]:
    """Return an option."""
    scored = {} if score is None else {"score": score}
    return {"key": key, "text": f"Option {key}", **scored, **keys}


def found_in(document: dict[str, Any]) -> list[Finding]:
    """Return what lint says about a draft."""
    return lint(parse_document(document, draft=True))


def test_a_careful_questionnaire_has_no_findings() -> None:
    assert found_in(everything()) == []
    assert found_in(small(yes_no("Q"))) == []


GOOD = [option("a", 100), option("b", 0)]
NEEDED = [option("a", needed=True), option("b", needed=True)]
AB = [{"key": "a", "text": "A"}, {"key": "b", "text": "B"}]
ONE: list[tuple[dict[str, Any], str, Severity, str]] = [
    (yes_no("Q", text="x" * 201), "long_text", W, "text"),
    (yes_no("Q", gate=["no"], warning="!"), "gate_not_applicable", E, "not_applicable"),
    (yes_no("Q", gate=["no"], warning="!", not_applicable=False, required=False),
     "gate_optional", W, "required"),
    (yes_no("Q", gate=["no"], warning="!", not_applicable=False, weight="none"),
     "gate_without_weight", W, "weight"),
    (yes_no("Q", risky=["no"]), "risky_without_warning", W, "warning"),
    (yes_no("Q", warning="!"), "warning_never_shown", W, "warning"),
    (yes_no("Q", controls=[]), "unmapped", W, "controls"),
    (yes_no("Q", risk_sources=[]), "no_risk_source", I, "risk_sources"),
    (yes_no("Q", factor=5), "setting_without_effect", W, "factor"),
    (yes_no("Q", scores={"yes": 0, "partial": 0}), "no_score_above_0", E, ""),
    (yes_no("Q", scores={"partial": 100, "no": 100}), "weight_cannot_matter", E, "weight"),
    (yes_no("Q", scores={"yes": 90}), "no_full_score", W, ""),
    (of_type("single", options=[option("a", 100)]), "too_few_options", E, "options"),
    (of_type("single", options=[*GOOD, option("c")]), "option_without_score", E,
     "options[2].score"),
    (of_type("single", options=[*GOOD, {**option("c", 5), "text": "option  A"}]),
     "same_option_text", E, "options[2].text"),
    (of_type("single", options=[*GOOD, {**option("c", 5), "text": "x" * 141}]), "long_text", W,
     "options[2].text"),
    (of_type("single", options=[*GOOD, option("c", 5, needed=True)]), "setting_without_effect",
     W, "options[2].needed"),
    (of_type("single", options=[*GOOD, option("c", 5, exclusive=True)]),
     "setting_without_effect", W, "options[2].exclusive"),
    (of_type("single", options=[*GOOD, option("c", 5, stop=True)]), "setting_without_effect", W,
     "options[2].stop"),
    (of_type("single", options=[*GOOD, option("c", 5, level=0)]), "setting_without_effect", W,
     "options[2].level"),
    (of_type("multiple", options=[*NEEDED, option("c", 5)]), "setting_without_effect", W,
     "options[2].score"),
    (of_type("multiple", options=[*NEEDED, option("c", exclusive=True, needed=True)]),
     "needed_but_alone", W, "options[2]"),
    (of_type("multiple", options=[option("a"), option("b", risky=True)], warning="!"),
     "nothing_needed", I, "options"),
    (of_type("number"), "scored_by_hand", W, ""),
    (of_type("date"), "scored_by_hand", W, ""),
    (of_type("number", min=5, max=4, bands=[{"score": 100, "below": 1}, {"score": 0, "from": 1}]),
     "bounds_crossed", E, "min"),
    (of_type("number", bands=[{"score": 100, "below": 1}, {"score": 0, "from": 2}]),
     "band_gap", E, "bands[1]"),
    (of_type("number", bands=[{"score": 100, "below": 3}, {"score": 0, "from": 2}]),
     "band_overlap", E, "bands[1]"),
    (of_type("number", bands=[{"score": 100}, {"score": 0, "from": 2}]),
     "band_overlap", E, "bands[1]"),
    (of_type("number", bands=[{"score": 100, "from": 1, "below": 3}, {"score": 0, "from": 3}]),
     "band_gap", E, "bands[0].from"),
    (of_type("number", bands=[{"score": 100, "below": 3}, {"score": 0, "from": 3, "below": 9}]),
     "band_gap", E, "bands[1].below"),
    (of_type("number", max=9, bands=[{"score": 100, "below": 3},
                                     {"score": 0, "from": 3, "below": 9}]),
     "band_gap", E, "bands[1].below"),
    (of_type("number", bands=[{"score": 100, "below": 3},
                              {"score": 5, "from": 3, "below": 3}, {"score": 0, "from": 3}]),
     "band_empty", E, "bands[1]"),
    (of_type("table"), "no_columns", E, "columns"),
    (of_type("table", columns=[{"key": "a", "text": "A"}], min_rows=5, max_rows=4),
     "bounds_crossed", E, "min_rows"),
    (of_type("table", columns=[{"key": "a", "text": "A", "type": "single"}]),
     "too_few_options", E, "columns[0].options"),
    (of_type("table", columns=[{"key": "a", "text": "A", "options": AB}]),
     "setting_without_effect", W, "columns[0].options"),
    (of_type("table", columns=[{"key": "a", "text": "A", "type": "single",
                                "options": [*AB, {"key": "c", "text": "a"}]}]),
     "same_option_text", E, "columns[0].options[2].text"),
    (yes_no("Q", module="none"), "unreachable", E, "show_if"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "code", "severity", "place"), ONE, ids=[f"{c[1]}-{c[3]}" for c in ONE]
)
def test_one_thing_about_a_question_is_named_with_its_place(
    question: dict[str, Any], code: str, severity: Severity, place: str
) -> None:
    findings = [f for f in found_in(small(question)) if f.code != "bad_reference"]
    [finding] = findings
    path = "sections[0].questions[0]"
    assert (finding.code, finding.severity) == (code, severity)
    assert finding.place == (f"{path}.{place}" if place else path)
    assert finding.question == "Q"
    assert finding.sentence.endswith(".")
    assert may_be_published(findings) is (severity is not E)


def test_bands_within_the_bounds_need_no_open_ends() -> None:
    bands = [{"score": 100, "from": 0, "below": 3}, {"score": 0, "from": 3, "below": 10}]
    assert found_in(small(of_type("number", min=0, max=9, bands=bands))) == []


ALL: list[tuple[dict[str, Any], str, Severity, str]] = [
    (small(sections=[]), "no_questions", E, "sections"),
    (small(sections=[{"key": "a", "title": "A", "questions": [yes_no("Q")]},
                     {"key": "b", "title": "B", "questions": []}]),
     "empty_section", E, "sections[1]"),
    (small(yes_no("Q"), modules=[{"key": "m", "title": "M",
                                  "show_if": {"question": "Q", "is": "answered"}}]),
     "unused_module", W, "modules[0]"),
    (small(yes_no("Q"), yes_no("R", text="is q  so?")), "same_question_text", W,
     "sections[0].questions[1].text"),
    (small(yes_no("Q"), yes_no("R", show_if={"question": "Z", "is": "answered"})),
     "bad_reference", E, "sections[0].questions[1].show_if"),
    (small(yes_no("Q"), translations={"en": {}}), "translation_of_source", W, "translations.en"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "code", "severity", "place"), ALL, ids=[case[1] for case in ALL]
)
def test_one_thing_about_the_document_is_named_with_its_place(
    document: dict[str, Any], code: str, severity: Severity, place: str
) -> None:
    findings = [finding for finding in found_in(document) if finding.code != "unreachable"]
    assert [(f.code, f.severity, f.place) for f in findings] == [(code, severity, place)]


def intake(*questions: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """Return an intake."""
    return small(*questions, **{"purpose": "intake", "audience": "organisation", **keys})


LEVELS = [option("low", level=0), option("high", level=4)]


def test_an_intake_that_adds_up_has_no_findings() -> None:
    question = {"key": "I-01", "type": "single", "text": "x", "factor": 100}
    options = [*LEVELS, option("never", stop=True)]
    assert found_in(intake({**question, "options": options})) == []


INTAKE: list[tuple[dict[str, Any], str]] = [
    (intake({"key": "I", "type": "single", "text": "x", "factor": 90, "options": LEVELS}),
     "factors_not_100"),
    (intake({"key": "I", "type": "yes_no", "text": "x", "factor": 100}),
     "factor_without_levels"),
    (intake({"key": "I", "type": "single", "text": "x", "factor": 100,
             "options": [*LEVELS, option("c")]}), "option_without_level"),
    (intake({"key": "I", "type": "single", "text": "x", "factor": 100,
             "options": [option("a", level=2), option("b", level=2)]}), "weight_cannot_matter"),
    (intake({"key": "I", "type": "single", "text": "x", "factor": 100, "options": LEVELS},
            audience="vendor"), "intake_for_vendors"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "code"), INTAKE, ids=[case[1] for case in INTAKE])
def test_an_intake_is_looked_over(document: dict[str, Any], code: str) -> None:
    assert [finding.code for finding in found_in(document)] == [code]


def test_missing_translations_are_told_once_a_question() -> None:
    texts = german()
    del texts["questions"]["Q-yes"]["hint"]
    del texts["questions"]["Q-single"]
    del texts["sections"]["second"]
    findings = found_in({**everything(), "translations": {"de": texts}})
    assert {f.code for f in findings} == {"missing_translation"}
    assert [(f.place, f.question) for f in findings] == [
        ("translations.de.questions.Q-yes.hint", "Q-yes"),
        ("translations.de.questions.Q-single.text", "Q-single"),
        ("translations.de.sections.second.title", None),
    ]
    assert findings[1].sentence == "This text and 4 more here are not translated."


def test_texts_of_what_is_not_there_are_named() -> None:
    texts = german()
    texts["questions"]["Q-gone"] = {"text": "Weg"}
    texts["questions"]["Q-single"]["options"]["mars"] = {"text": "Mars"}
    texts["questions"]["Q-table"]["columns"]["gone"] = {"text": "Weg"}
    texts["sections"]["third"] = {"title": "Drittens"}
    texts["modules"]["gone"] = "Weg"
    findings = found_in({**everything(), "translations": {"de": texts}})
    assert {f.code for f in findings} == {"translation_of_nothing"}
    assert {f.place.removeprefix("translations.de.") for f in findings} == {
        "questions.Q-gone", "questions.Q-single.options.mars", "questions.Q-table.columns.gone",
        "sections.third", "modules.gone",
    }  # fmt: skip


def rule(question: str, relation: str, value: Any = None) -> dict[str, Any]:
    """Return a test."""
    return {"question": question, "is": relation, **({} if value is None else {"value": value})}


ASKED = (
    yes_no("A"),
    of_type("multiple", options=[*NEEDED, option("none", exclusive=True)], key="M"),
    of_type("maturity", key="L", text="l"),
    of_type("number", key="N", text="n", min=0, max=10,
            bands=[{"score": 100, "below": 5}, {"score": 0, "from": 5}]),
    of_type("date", key="D", text="d", validity_months=12),
    of_type("text", key="T", text="t"),
    yes_no("B", show_if=rule("A", "equals", "yes")),
)  # fmt: skip
REACH: list[tuple[dict[str, Any], bool]] = [
    (rule("A", "equals", "no"), True),
    ({"all": [rule("A", "equals", "no"), rule("A", "equals", "yes")]}, False),
    ({"any": [rule("A", "equals", "no"), rule("A", "equals", "yes")]}, True),
    ({"all": [rule("A", "answered"), {"not": rule("A", "answered")}]}, False),
    ({"all": [rule("B", "answered"), rule("A", "equals", "no")]}, False),
    ({"all": [rule("B", "equals", "no"), rule("A", "equals", "yes")]}, True),
    ({"all": [rule("M", "includes", "a"), rule("M", "includes", "b")]}, True),
    ({"all": [rule("M", "includes", "a"), rule("M", "includes", "none")]}, False),
    ({"all": [rule("M", "answered"), {"not": rule("M", "includes", "a")}]}, True),
    ({"all": [rule("L", "at_least", 3), rule("L", "at_most", 2)]}, False),
    ({"all": [rule("L", "at_least", 3), rule("L", "at_most", 3)]}, True),
    (rule("N", "at_least", 11), False),
    ({"all": [rule("N", "at_least", 3), {"not": rule("N", "at_least", 4)}]}, True),
    ({"all": [rule("N", "at_least", 4), {"not": rule("N", "at_least", 3)}]}, False),
    ({"all": [rule("D", "at_least", "2026-01-01"), rule("D", "at_most", "2026-01-01")]}, True),
    ({"all": [rule("D", "at_least", "2026-01-02"), rule("D", "at_most", "2026-01-01")]}, False),
    ({"all": [rule("T", "answered"), {"not": rule("T", "answered")}]}, False),
    (rule("T", "answered"), True),
]


@pytest.mark.parametrize(("show_if", "reachable"), REACH)
def test_questions_that_no_answers_lead_to_are_named(
    show_if: dict[str, Any], reachable: bool
) -> None:
    findings = found_in(small(*ASKED, yes_no("Q", show_if=show_if)))
    unreachable = [finding.question for finding in findings if finding.code == "unreachable"]
    assert unreachable == ([] if reachable else ["Q"])


def test_what_hangs_on_an_unreachable_question_is_unreachable_too() -> None:
    never = {"all": [rule("A", "equals", "no"), rule("A", "equals", "yes")]}
    findings = found_in(
        small(yes_no("A"), yes_no("B", show_if=never), yes_no("C", show_if=rule("B", "answered")))
    )
    assert [f.question for f in findings if f.code == "unreachable"] == ["B", "C"]


def test_sections_and_modules_take_part_in_what_can_be_reached() -> None:
    module = {"key": "m", "title": "M", "show_if": rule("A", "equals", "yes")}
    sections = [
        {"key": "one", "title": "One", "questions": [yes_no("A")]},
        {"key": "two", "title": "Two", "show_if": rule("A", "equals", "no"),
         "questions": [yes_no("B"), yes_no("C", module="m")]},
    ]  # fmt: skip
    findings = found_in(small(sections=sections, modules=[module]))
    assert [f.question for f in findings] == ["C"]


def test_errors_come_first() -> None:
    findings = found_in(
        small(yes_no("Q", risk_sources=[], controls=[], scores={"yes": 0, "partial": 0}))
    )
    assert [f.severity for f in findings] == [E, W, I]
