"""The supplier questionnaires ask what was decided, in words a vendor can read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from questionnaires.engine.definition import (
    ControlRef,
    DateQuestion,
    FileQuestion,
    MaturityQuestion,
    NumberQuestion,
    Question,
    Questionnaire,
    SingleQuestion,
    TextQuestion,
)
from questionnaires.engine.document import parse_document, serialise
from questionnaires.engine.lint import Severity, lint
from questionnaires.engine.localisation import localised
from questionnaires.engine.reading import read_yaml
from questionnaires.engine.types.registry import type_of
from questionnaires.engine.vocabulary import Depth, EvidenceAsk, Weight
from questionnaires.library.shipped_documents import load_shipped, shipped_keys

FULL = "ai-supplier"
SHORT = "ai-supplier-short"
LANGUAGES = ("en", "de")
CONTROL_NUMBER = re.compile(r"\b(A|C)\.\d|\b(Anhang|Annex) A\b")
SENTENCE_END = re.compile(r"[.?!](?=\s+\S|$)")
SHORT_WORDS = re.compile(r"\b(z\. ?B\.|d\. ?h\.|u\. ?a\.|e\.g\.|i\.e\.)")
STAFF_WORDS = re.compile(
    r"describe your|kindly|complian|leverage|invalid|non-conform", re.IGNORECASE
)


@dataclass(frozen=True)
class Topic:
    """What one question must ask: fields as in topics.yaml."""

    control: str
    relevance: str
    type: str
    weight: str
    risk: str
    objective: str
    gate: bool = False


TOPICS = {
    key: Topic(**fields)
    for key, fields in read_yaml((Path(__file__).parent / "topics.yaml").read_bytes()).items()
}


@cache
def document(key: str, language: str = "en") -> Questionnaire:
    return localised(parse_document(load_shipped(key)), language).questionnaire


def texts_of(question: Question) -> Iterator[str]:
    """Yield everything that a vendor reads of a question."""
    for text in (question.text, question.hint, question.looking_for, question.warning):
        if text:
            yield text
    if question.evidence:
        yield question.evidence.text
    for option in getattr(question, "options", ()):
        yield option.text
        if option.hint:
            yield option.hint
    yield from getattr(question, "levels", ())
    yield from getattr(question, "kinds", ())
    if isinstance(question, NumberQuestion) and question.unknown_option:
        yield question.unknown_option.text


def sentences(text: str) -> int:
    return max(1, len(SENTENCE_END.findall(SHORT_WORDS.sub("such as", text))))


def test_the_full_one_asks_every_topic_once() -> None:
    keys = [question.key for question in document(FULL).questions]

    assert len(TOPICS) == 110
    assert sorted(keys) == sorted(TOPICS)


@pytest.mark.parametrize("key", sorted(TOPICS))
def test_a_question_is_what_its_topic_says(key: str) -> None:
    topic = TOPICS[key]
    question = document(FULL).question(key)

    assert question is not None
    assert question.controls == (ControlRef(framework="iso-42001", control=topic.control),)
    # A file cannot open a gate: there the answer is a choice, and the file its evidence.
    assert question.type == ("single" if topic.gate and topic.type == "file" else topic.type)
    assert question.weight == topic.weight
    assert question.risk_sources == (topic.risk,)
    assert question.objectives == (topic.objective,)
    assert type_of(question).has_gate(question) is topic.gate
    assert question.red_flag
    assert question.looking_for
    if topic.gate:
        assert question.not_applicable is False


def test_depth_says_what_a_moderate_tier_is_asked() -> None:
    deep = {q.key for q in document(FULL).questions if q.depth is Depth.DEEP}

    assert deep == {
        key
        for key, topic in TOPICS.items()
        if topic.relevance == "medium" or topic.weight == Weight.MINOR
    }


def test_the_short_one_asks_all_gates_and_the_critical_topics_of_core_controls() -> None:
    asked = {question.key for question in document(SHORT).questions}

    assert asked == {
        key
        for key, topic in TOPICS.items()
        if topic.gate or (topic.relevance == "core" and topic.weight == Weight.CRITICAL)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_short_one_asks_in_the_same_words(language: str) -> None:
    full = document(FULL, language)

    for question in document(SHORT, language).questions:
        assert question == full.question(question.key)


@pytest.mark.parametrize("key", [FULL, SHORT])
def test_nothing_stops_publishing_and_german_is_complete(key: str) -> None:
    questionnaire = parse_document(load_shipped(key))

    findings = [
        (finding.place, finding.sentence)
        for finding in lint(questionnaire)
        if finding.severity is not Severity.INFO
    ]

    assert findings == []
    assert localised(questionnaire, "de").missing == ()
    assert localised(questionnaire, "de").language == "de"


def test_german_is_not_english_left_over() -> None:
    german = {question.key: question for question in document(FULL, "de").questions}
    left = [
        (question.key, text)
        for question in document(FULL).questions
        for text in set(texts_of(question)) & set(texts_of(german[question.key]))
    ]

    assert left == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_is_one_short_sentence(language: str) -> None:
    texts = {question.key: question.text for question in document(FULL, language).questions}

    assert {key: text for key, text in texts.items() if len(text) > 100} == {}
    assert {key: text for key, text in texts.items() if sentences(text) > 1} == {}
    if language == "en":
        longer = [key for key, text in texts.items() if len(text) > 90]
        assert longer == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_we_look_for_takes_two_sentences_at_most(language: str) -> None:
    long = [
        (question.key, question.looking_for)
        for question in document(FULL, language).questions
        if sentences(question.looking_for or "") > 2
    ]

    assert long == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_vendors_read_no_control_numbers_and_no_officialese(language: str) -> None:
    found = [
        (question.key, text)
        for question in document(FULL, language).questions
        for text in texts_of(question)
        if CONTROL_NUMBER.search(text) or STAFF_WORDS.search(text)
    ]

    assert found == []


def test_a_warning_stands_wherever_an_answer_can_be_risky_and_nowhere_else() -> None:
    wrong = [
        question.key
        for question in document(FULL).questions
        if bool(question.warning) is not type_of(question).is_risky_possible(question)
    ]

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_warning_leaves_the_answer_be_and_asks_what_protects(language: str) -> None:
    opening = {"en": "You can leave it as it is. ", "de": "Sie können es so stehen lassen. "}
    wrong = [
        question.key
        for question in document(FULL, language).questions
        if question.warning
        and not (question.warning.startswith(opening[language]) and question.warning.endswith("?"))
    ]

    assert wrong == []


def test_evidence_is_required_for_critical_topics_and_wanted_for_the_rest() -> None:
    for question in document(FULL).questions:
        if isinstance(question, FileQuestion):
            # The answer is the file.
            assert question.evidence is None, question.key
            assert question.kinds, question.key
            continue
        assert question.evidence is not None, question.key
        # Words can stand alone: the file says the same at greater length.
        needed = question.weight is Weight.CRITICAL and not isinstance(question, TextQuestion)
        assert question.evidence.ask is (EvidenceAsk.REQUIRED if needed else EvidenceAsk.WANTED), (
            question.key
        )


def test_options_run_from_best_to_worst_and_unsure_stands_last() -> None:
    # Its options are classes of the law: they run from few duties to many.
    by_law = {"Q-A.5.2-3"}
    for question in document(FULL).questions:
        options = getattr(question, "options", ())
        keys = [option.key for option in options]
        assert "unsure" not in keys[:-1], question.key
        if isinstance(question, SingleQuestion):
            scores = [option.score for option in options]
            assert None not in scores, question.key
            assert scores[0] == 100, question.key
            if question.key not in by_law:
                assert scores == sorted(scores, reverse=True), question.key


def test_numbers_have_a_unit_and_a_way_out_and_levels_their_own_words() -> None:
    for question in document(FULL).questions:
        if isinstance(question, NumberQuestion):
            assert question.unit, question.key
            assert question.bands, question.key
            assert question.min == 0, question.key
            assert question.unknown_option, question.key
        if isinstance(question, MaturityQuestion):
            assert len(question.levels) == 5, question.key


def test_a_date_that_never_was_can_be_left_empty() -> None:
    dates = [q for q in document(FULL).questions if isinstance(q, DateQuestion)]

    assert {question.key for question in dates} == {"Q-A.2.4-1", "Q-A.4.2-3"}
    assert not any(question.required for question in dates)


def test_sections_are_a_sitting_long() -> None:
    sizes = {section.key: len(section.questions) for section in document(FULL).sections}

    assert {key: size for key, size in sizes.items() if not 6 <= size <= 14} == {}


def test_only_what_high_risk_systems_need_hangs_on_the_class() -> None:
    module = document(FULL).modules_by_key["high-risk"]
    asked = [question.key for question in document(FULL).questions if question.module]

    assert asked == ["Q-A.6.2.5-3"]
    assert module.title
    assert document(SHORT).modules == ()


def test_unknown_keys_are_refused() -> None:
    assert {FULL, SHORT} <= set(shipped_keys())
    with pytest.raises(KeyError):
        load_shipped("ai-supplier-medium")


def test_reading_what_was_written_gives_the_same_document() -> None:
    questionnaire = parse_document(load_shipped(FULL))

    assert parse_document(serialise(questionnaire)) == questionnaire
