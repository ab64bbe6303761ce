"""Whatever document people make: reading what was written is identity, paths end, lint ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import jsonschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questionnaires.engine.answers import Answer
from questionnaires.engine.completeness import completeness
from questionnaires.engine.definition import LEVELS, Question, Questionnaire
from questionnaires.engine.document import canonical_json, json_schema, parse_document, serialise
from questionnaires.engine.document_errors import DocumentErrors
from questionnaires.engine.inherent import factors_of, inherent_risk
from questionnaires.engine.lint import lint
from questionnaires.engine.localisation import localised
from questionnaires.engine.path import path_of
from questionnaires.engine.reading import read_json, read_yaml
from questionnaires.engine.replay import record_of
from questionnaires.engine.rules import CURRENT_RULES
from questionnaires.engine.scoring import score
from questionnaires.engine.terms import Moment
from questionnaires.engine.values import (
    AnswerValue,
    ChoicesValue,
    ChoiceValue,
    DateValue,
    FileReference,
    FilesValue,
    LevelValue,
    NumberValue,
    RowsValue,
    TextValue,
)

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORDS = st.text(
    alphabet=st.characters(blacklist_categories=("Cc", "Cs", "Cf", "Zl", "Zp")),
    min_size=1,
    max_size=20,
).filter(lambda text: bool(text.strip()) and "<" not in text)
PERCENT = st.integers(0, 100)
AMOUNT = st.one_of(
    st.integers(-(10**9), 10**9),
    st.integers(-(10**14), 10**14).map(lambda number: number / 10**6),
)
COMMON: dict[str, Any] = {
    "hint": WORDS,
    "looking_for": WORDS,
    "weight": st.sampled_from(["critical", "standard", "minor", "none"]),
    "depth": st.sampled_from(["core", "deep"]),
    "minutes": st.integers(1, 60),
    "required": st.booleans(),
    "not_applicable": st.booleans(),
    "evidence": st.fixed_dictionaries({"ask": st.sampled_from(["wanted", "required"]),
                                       "text": WORDS}),
    "red_flag": WORDS,
    "warning": WORDS,
    "controls": st.lists(
        st.fixed_dictionaries({"framework": st.sampled_from(["iso-42001", "nist"]),
                               "control": st.sampled_from(["A.7.2", "MAP 4.1"])}),
        max_size=2, unique_by=lambda ref: (ref["framework"], ref["control"])),
    "risk_sources": st.lists(st.sampled_from(["C.3.1", "C.3.4"]), max_size=2, unique=True),
    "objectives": st.lists(st.sampled_from(["C.2.1"]), max_size=1),
    "factor": PERCENT,
}  # fmt: skip


def options(**extra: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return lists of options with the keys a, b, c …"""
    one = st.fixed_dictionaries({"text": WORDS}, optional=extra)

    def keyed(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"key": "abcdef"[place], **option} for place, option in enumerate(made)]

    return st.lists(one, max_size=5).map(keyed)


def columns() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return columns of a table."""
    kinds = st.sampled_from(["text", "number", "date", "single"])
    one = st.fixed_dictionaries(
        {"text": WORDS}, optional={"type": kinds, "required": st.booleans(), "options": options()}
    )

    def keyed(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"key": f"col{place}", **column} for place, column in enumerate(made)]

    return st.lists(one, max_size=3).map(keyed)


CHOICE_OPTIONS = options(
    hint=WORDS, score=PERCENT, level=st.integers(0, 4), risky=st.booleans(), gate=st.booleans(),
    stop=st.booleans(), exclusive=st.booleans(), needed=st.booleans(),
)  # fmt: skip
ANSWERS = st.lists(st.sampled_from(["yes", "partial", "no"]), unique=True)
BY_TYPE: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "yes_no": {
        "scores": st.fixed_dictionaries(
            {}, optional={"yes": PERCENT, "partial": PERCENT, "no": PERCENT}
        ),
        "risky": ANSWERS,
        "gate": ANSWERS,
    },
    "single": {"options": CHOICE_OPTIONS},
    "multiple": {"options": CHOICE_OPTIONS},
    "maturity": {
        "levels": st.lists(WORDS, min_size=LEVELS, max_size=LEVELS),
        "risky_below": st.integers(1, 4),
        "gate_below": st.integers(1, 4),
    },
    "text": {"max_length": st.integers(1, 20_000), "lines": st.integers(1, 40)},
    "number": {
        "unit": WORDS,
        "decimals": st.integers(0, 6),
        "min": AMOUNT,
        "max": AMOUNT,
        "bands": st.lists(
            st.fixed_dictionaries(
                {"score": PERCENT},
                optional={"from": AMOUNT, "below": AMOUNT, "risky": st.booleans()},
            ),
            max_size=3,
        ),
        "unknown_option": st.fixed_dictionaries(
            {"text": WORDS}, optional={"score": PERCENT, "gate": st.booleans()}
        ),
    },
    "date": {"validity_months": st.integers(1, 240), "future": st.booleans()},
    "file": {"kinds": st.lists(WORDS, max_size=3, unique=True)},
    "table": {
        "columns": columns(),
        "min_rows": st.integers(0, 200),
        "max_rows": st.integers(1, 200),
    },
}
KINDS = st.sampled_from(sorted(BY_TYPE))


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """Return a question of any type, without key and rules."""
    kind = draw(KINDS)
    optional = {**COMMON, **BY_TYPE[kind]}
    return {
        "type": kind,
        **draw(st.fixed_dictionaries({"text": WORDS}, optional=optional)),
    }


def comparisons_with(question: dict[str, Any]) -> list[dict[str, Any]]:
    """Return tests that can be made of a question's answers."""
    key = question["key"]
    found: list[dict[str, Any]] = [{"question": key, "is": "answered"}]
    match question["type"]:
        case "yes_no":
            found += [{"question": key, "is": "equals", "value": v} for v in ("yes", "no")]
        case "single":
            found += [{"question": key, "is": "equals", "value": o["key"]}
                      for o in question.get("options", [])]  # fmt: skip
        case "multiple":
            found += [{"question": key, "is": "includes", "value": o["key"]}
                      for o in question.get("options", [])]  # fmt: skip
        case "maturity" | "number":
            found += [{"question": key, "is": r, "value": 2} for r in ("at_least", "at_most")]
        case "date":
            found.append({"question": key, "is": "at_least", "value": "2026-01-01"})
    return found


def rules(before: list[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return rules over the questions before."""
    tests = st.sampled_from([test for question in before for test in comparisons_with(question)])
    return st.recursive(
        tests,
        lambda inner: st.one_of(
            st.fixed_dictionaries({"not": inner}),
            st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=2)}),
            st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=2)}),
        ),
        max_leaves=3,
    ).filter(lambda rule: depth(rule) <= 5)


def depth(rule: dict[str, Any]) -> int:
    """Return how deep a rule as data is nested."""
    inner = [*rule.get("all", []), *rule.get("any", []), *([rule["not"]] if "not" in rule else [])]
    return 1 + max((depth(part) for part in inner), default=0)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Return a document with rules over earlier questions, modules and some German."""
    before: list[dict[str, Any]] = []
    sections: list[dict[str, Any]] = []
    modules: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 3))):
        section: dict[str, Any] = {"key": f"s{number}", "title": draw(WORDS), "questions": []}
        if before and draw(st.booleans()):
            section["show_if"] = draw(rules(before))
        if before and draw(st.booleans()):
            module = {"key": f"m{number}", "title": draw(WORDS), "show_if": draw(rules(before))}
            modules.append(module)
        for _question in range(draw(st.integers(0, 4))):
            question = {"key": f"Q{len(before)}", **draw(questions())}
            if before and draw(st.booleans()):
                question["show_if"] = draw(rules(before))
            if modules and draw(st.booleans()):
                question["module"] = draw(st.sampled_from([m["key"] for m in modules]))
            section["questions"].append(question)
            before.append(question)
        sections.append(section)
    texts = {question["key"]: {"text": draw(WORDS)} for question in before[::2]}
    return {
        "format": "assay-questionnaire/1",
        "key": "made",
        "title": draw(WORDS),
        "audience": draw(st.sampled_from(["vendor", "organisation"])),
        "purpose": draw(st.sampled_from(["supplier", "intake"])),
        "language": "en",
        "modules": modules,
        "sections": sections,
        "translations": {"de": {"questions": texts}} if draw(st.booleans()) else {},
    }


VALIDATOR = jsonschema.Draft202012Validator(json_schema())


@SLOW
@given(documents())
def test_reading_what_was_written_is_identity(document: dict[str, Any]) -> None:
    questionnaire = parse_document(document)
    written = serialise(questionnaire)
    assert parse_document(written) == questionnaire
    assert serialise(parse_document(written)) == written
    text = canonical_json(questionnaire)
    for read in (read_json, read_yaml):
        again = parse_document(read(text))
        assert again == questionnaire
        assert canonical_json(again) == text
    VALIDATOR.validate(document)
    VALIDATOR.validate(written)


@SLOW
@given(documents())
def test_lint_and_other_languages_take_every_document(document: dict[str, Any]) -> None:
    questionnaire = parse_document(document)
    places = {finding.place for finding in lint(questionnaire)}
    assert all(places)
    made = localised(questionnaire, "de").questionnaire
    assert [q.key for q in made.questions] == [q.key for q in questionnaire.questions]


@st.composite
def answered(draw: st.DrawFn) -> tuple[Questionnaire, dict[str, AnswerValue]]:
    """Return a questionnaire with answers to any of its questions, hidden or not."""
    questionnaire = parse_document(draw(documents()))
    values: dict[str, AnswerValue] = {}
    for question in questionnaire.questions:
        value = draw(values_for(question)) if draw(st.booleans()) else None
        if value is not None:
            values[question.key] = value
    return questionnaire, values


def values_for(question: Question) -> st.SearchStrategy[AnswerValue | None]:
    """Return answers that the question's type can have; rules look at most of them."""
    keys = [option.key for option in getattr(question, "options", ())]
    made: dict[str, st.SearchStrategy[AnswerValue | None]] = {
        "yes_no": st.sampled_from(["yes", "partial", "no"]).map(ChoiceValue),
        "single": st.sampled_from(keys).map(ChoiceValue) if keys else st.none(),
        "multiple": st.lists(st.sampled_from(keys), min_size=1, unique=True).map(
            lambda chosen: ChoicesValue(tuple(key for key in keys if key in chosen))
        )
        if keys
        else st.none(),
        "maturity": st.integers(0, 4).map(LevelValue),
        "number": st.integers(0, 4).map(lambda number: NumberValue(Decimal(number))),
        "date": st.dates(dt.date(2025, 1, 1), dt.date(2027, 1, 1)).map(DateValue),
        "text": st.just(TextValue("x")),
        "file": st.just(FilesValue((FileReference("1", "a"),))),
        "table": st.just(RowsValue(((TextValue("x"),),))),
    }
    return made[question.type]


def whole(questionnaire: Questionnaire, values: dict[str, AnswerValue]) -> tuple[object, ...]:
    """Return everything that the engine makes of answers."""
    answers = {key: Answer(value=value) for key, value in values.items()}
    inherent = inherent_risk(factors_of(questionnaire, answers), CURRENT_RULES)
    result = score(questionnaire, answers, inherent, CURRENT_RULES, Moment(dt.date(2026, 8, 1)))
    return (
        path_of(questionnaire, values),
        completeness(questionnaire, answers),
        record_of(result),
    )


@SLOW
@given(answered(), st.data())
def test_answering_a_hidden_question_changes_nothing(
    made: tuple[Questionnaire, dict[str, AnswerValue]], data: st.DataObject
) -> None:
    questionnaire, values = made
    path = path_of(questionnaire, values)
    shown = {key: value for key, value in values.items() if key in path.keys}
    assert path.values == shown
    hidden = [question for question in questionnaire.questions if question.key not in path.keys]
    others = {question.key: data.draw(values_for(question)) for question in hidden}
    answered_too = {key: value for key, value in others.items() if value is not None}
    without = whole(questionnaire, shown)
    assert whole(questionnaire, values) == without
    assert whole(questionnaire, {**shown, **answered_too}) == without


@SLOW
@given(answered())
def test_the_path_asks_each_question_once_in_order_and_ends(
    made: tuple[Questionnaire, dict[str, AnswerValue]],
) -> None:
    questionnaire, values = made
    given_answers: dict[str, AnswerValue] = {}
    # Answer as a person does: always the first question asked that is open.
    for _step in range(len(questionnaire.questions) + 1):
        path = path_of(questionnaire, given_answers)
        positions = [questionnaire.position(question.key) for question in path.questions]
        assert positions == sorted(set(positions))
        waiting = [
            question.key
            for question in path.questions
            if question.key in values and question.key not in given_answers
        ]
        if not waiting:
            break
        given_answers[waiting[0]] = values[waiting[0]]
    else:
        raise AssertionError("the path did not end")
    assert path.keys == path_of(questionnaire, values).keys


def refusals(read: Callable[[Any], Any], data: Any) -> list[str]:
    """Return what is said about data that is refused; nothing when it is taken."""
    try:
        read(data)
    except DocumentErrors as refused:
        return [error.message for error in refused.errors]
    return []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["format", "key", "type", "text", "sections", "questions", "show_if",
                         "options", "all", "not", "is", "translations", "x"]),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(JSON, JSON)
def test_any_data_is_a_questionnaire_or_is_refused_in_words(data: Any, part: Any) -> None:
    question = {"key": "Q", "type": "single", "text": "x", "options": part, "show_if": data}
    for document in (
        data,
        {"format": "assay-questionnaire/1", "key": "k", "title": "t", "audience": "vendor",
         "purpose": "supplier", "language": "en", "translations": data,
         "sections": [{"key": "s", "title": "s", "questions": [question]}]},
    ):  # fmt: skip
        assert all(message.endswith((".", "?")) for message in refusals(parse_document, document))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str | bytes) -> None:
    for read in (read_json, read_yaml):
        assert all(message.endswith(".") for message in refusals(read, text))
