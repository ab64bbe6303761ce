"""Sentences are English and can be said in another language."""

from __future__ import annotations

import pytest

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.sentences import Sentence
from questionnaires.engine.types.registry import type_of
from questionnaires.engine.wording import read_day, word, write_day
from tests.unit.questionnaires.engine.documents import question

GERMAN = {
    "Enter at most %(highest)s.": "Geben Sie höchstens %(highest)s ein.",
    "100 % sure": "100 % sicher",
}


def test_a_sentence_is_its_english_text_and_remembers_its_pattern() -> None:
    sentence = Sentence("Enter at most %(highest)s.", highest=5)
    assert sentence == "Enter at most 5."
    assert sentence.spoken(GERMAN.__getitem__) == "Geben Sie höchstens 5 ein."


def test_a_percent_sign_without_values_is_plain_text() -> None:
    sentence = Sentence("100 % sure")
    assert sentence == "100 % sure"
    assert sentence.spoken(GERMAN.__getitem__) == "100 % sicher"


def test_messages_of_errors_can_be_translated() -> None:
    asks = question({"key": "Q", "type": "number", "text": "x", "max": 5})
    with pytest.raises(AnswerError) as refused:
        type_of(asks).parse(asks, "6")
    message = refused.value.message
    assert isinstance(message, Sentence)
    assert message.spoken(GERMAN.__getitem__) == "Geben Sie höchstens 5 ein."


@pytest.mark.parametrize("language", ["en", "de"])
def test_days_are_read_as_they_are_written(language: str) -> None:
    for month in range(1, 13):
        day = read_day(f"2026-{month}-4")
        assert day is not None
        assert read_day(write_day(day, language)) == day


def test_words_of_other_languages_are_english() -> None:
    assert word("yes", "de-AT") == "Ja"
    assert word("yes", "fr") == "Yes"
