"""Lint of translations: what is missing, and what belongs to nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from questionnaires.engine.definition import Question, Questionnaire
from questionnaires.engine.document_errors import path_text
from questionnaires.engine.lint_findings import Finding, info, warning
from questionnaires.engine.localisation import MissingText, localised
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.translation import Translation


def translation_findings(questionnaire: Questionnaire) -> Iterator[Finding]:
    """Yield what there is to say about each language."""
    for language, translation in questionnaire.translations.items():
        place = path_text(("translations", language))
        if language == questionnaire.language:
            yield warning(
                "translation_of_source",
                place,
                _("The texts are written in this language already: take this part out."),
            )
            continue
        yield from _missing(localised(questionnaire, language).missing, place)
        yield from _left_over(questionnaire, translation, place)


def _missing(missing: Collection[MissingText], place: str) -> Iterator[Finding]:
    by_question: dict[str | None, list[MissingText]] = {}
    for text in missing:
        by_question.setdefault(text.question, []).append(text)
    for question, texts in by_question.items():
        first = texts[0].place
        yield info(
            "missing_translation",
            f"{place}.{first}",
            _("This text is not translated.")
            if len(texts) == 1
            else _("This text and %(more)s more here are not translated.", more=len(texts) - 1),
            question,
        )


def _left_over(
    questionnaire: Questionnaire, translation: Translation, place: str
) -> Iterator[Finding]:
    known: dict[str, tuple[Mapping[str, object], Collection[str]]] = {
        "modules": (translation.modules, questionnaire.modules_by_key),
        "sections": (translation.sections, {section.key for section in questionnaire.sections}),
        "questions": (translation.questions, {q.key for q in questionnaire.questions}),
    }
    for name, (texts, keys) in known.items():
        for key in texts:
            if key not in keys:
                yield _nothing(f"{place}.{path_text((name, key))}", None)
    for key, own in translation.questions.items():
        question = questionnaire.question(key)
        if question is None:
            continue
        here = f"{place}.{path_text(('questions', key))}"
        for name, entries in (("options", own.options), ("columns", own.columns)):
            for inner in entries:
                if inner not in _keys(question, name):
                    yield _nothing(f"{here}.{path_text((name, inner))}", key)


def _keys(question: Question, name: str) -> set[str]:
    return {thing.key for thing in getattr(question, name, ())}


def _nothing(place: str, question: str | None) -> Finding:
    return warning(
        "translation_of_nothing",
        place,
        _("This translates something that is not in the questionnaire: take it out."),
        question,
    )
