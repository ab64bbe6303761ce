"""The shipped intake: its twenty topics, their levels and weights, and its German."""

from __future__ import annotations

import pytest

from questionnaires.engine.definition import Question, Questionnaire, SingleQuestion
from questionnaires.engine.document import parse_document, serialise
from questionnaires.engine.lint import lint
from questionnaires.engine.localisation import localised
from questionnaires.engine.vocabulary import Audience, Purpose
from questionnaires.library.shipped_documents import load_shipped

FULL = (0, 1, 2, 3, 4)
TOPICS: dict[str, tuple[int, tuple[int, ...], str]] = {
    "I-01": (10, FULL, "C.3.3"),
    "I-02": (10, FULL, "C.3.1"),
    "I-03": (4, FULL, "C.3.1"),
    "I-04": (5, (0, 2, 4), "C.3.1"),
    "I-05": (5, FULL, "C.3.1"),
    "I-06": (8, FULL, "C.3.4"),
    "I-07": (5, FULL, "C.3.4"),
    "I-08": (2, FULL, "C.3.6"),
    "I-09": (5, (0, 2, 3, 4), "C.3.4"),
    "I-10": (8, FULL, "C.3.6"),
    "I-11": (7, FULL, "C.3.3"),
    "I-12": (4, (0, 2, 4), "C.3.1"),
    "I-13": (7, (0, 1, 2, 4, 4, 4), "C.3.6"),
    "I-14": (3, (0, 2, 4), "C.3.6"),
    "I-15": (3, FULL, "C.3.2"),
    "I-16": (4, FULL, "C.3.6"),
    "I-17": (3, (0, 2, 4), "C.3.7"),
    "I-18": (3, FULL, "C.3.2"),
    "I-19": (2, FULL, "C.3.6"),
    "I-20": (2, FULL, "C.3.6"),
}
"""Topic: the most it adds to inherent risk in percent, its levels, its risk source."""
LONGEST = 90


@pytest.fixture(scope="module")
def intake() -> Questionnaire:
    return parse_document(load_shipped("ai-intake"))


def _asked(intake: Questionnaire, key: str) -> SingleQuestion:
    question = intake.question(key)
    assert isinstance(question, SingleQuestion)
    return question


def test_it_is_answered_inside_the_organisation(intake: Questionnaire) -> None:
    assert intake.audience is Audience.ORGANISATION
    assert intake.purpose is Purpose.INTAKE
    assert 4 <= len(intake.sections) <= 6


def test_it_asks_the_twenty_topics_once(intake: Questionnaire) -> None:
    keys = [question.key for question in intake.questions]
    assert sorted(keys) == sorted(TOPICS)


@pytest.mark.parametrize("key", TOPICS)
def test_a_topic_has_its_weight_levels_and_risk_source(intake: Questionnaire, key: str) -> None:
    factor, levels, source = TOPICS[key]
    question = _asked(intake, key)
    assert question.factor == factor
    assert tuple(option.level for option in question.options) == levels
    assert question.risk_sources == (source,)
    assert question.required
    assert not question.not_applicable


def test_the_weights_add_up_to_a_hundred(intake: Questionnaire) -> None:
    assert sum(question.factor or 0 for question in intake.questions) == 100


def test_only_a_forbidden_use_stops(intake: Questionnaire) -> None:
    stops = {
        (question.key, option.key)
        for question in intake.questions
        for option in _asked(intake, question.key).options
        if option.stop
    }
    assert stops == {("I-13", "prohibited")}


def test_every_step_is_explained_with_an_example(intake: Questionnaire) -> None:
    for question in intake.questions:
        assert question.hint
        assert question.looking_for
        for option in _asked(intake, question.key).options:
            assert option.hint, f"{question.key} {option.key}"


def test_german_is_complete_and_differs(intake: Questionnaire) -> None:
    german = localised(intake, "de")
    assert not german.missing
    for own, other in zip(intake.questions, german.questionnaire.questions, strict=True):
        assert own.text != other.text
        assert _sentence_ends(other)


def test_questions_are_short_and_one_sentence(intake: Questionnaire) -> None:
    for question in (*intake.questions, *localised(intake, "de").questionnaire.questions):
        assert len(question.text) <= LONGEST, question.key
        assert _sentence_ends(question), question.key


def test_lint_has_nothing_to_say_and_writing_gives_it_back(intake: Questionnaire) -> None:
    assert [finding for finding in lint(intake) if finding.severity.value != "info"] == []
    assert parse_document(serialise(intake)) == intake


def _sentence_ends(question: Question) -> bool:
    return question.text.endswith("?") and question.text.count("?") == 1
