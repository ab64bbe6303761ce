"""A questionnaire in a reader's language: what is not translated stays in the source language."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from questionnaires.engine.definition import Module, Question, Questionnaire, Section
from questionnaires.engine.document_errors import path_text
from questionnaires.engine.translation import QuestionTexts, SectionTexts, Translation
from questionnaires.engine.types.registry import type_of

_NO_TEXTS = QuestionTexts()
_NO_SECTION_TEXTS = SectionTexts()


@dataclass(frozen=True)
class MissingText:
    """A text without translation: its place under `translations.<language>`, and its question."""

    place: str
    question: str | None = None


@dataclass(frozen=True)
class Localised:
    """A questionnaire with texts of `language` where there are any, and what is missing."""

    questionnaire: Questionnaire
    language: str
    missing: tuple[MissingText, ...]


def localised(questionnaire: Questionnaire, language: str) -> Localised:
    """Return the questionnaire in `language`; de-AT falls back to de, then to the source.

    `language` of the result is the one that was found. Keep the result: it is made anew each
    time.
    """
    for candidate in (language, language.split("-", maxsplit=1)[0]):
        if candidate == questionnaire.language:
            break
        translation = questionnaire.translations.get(candidate)
        if translation is not None:
            return _translated(questionnaire, candidate, translation)
    return Localised(questionnaire, questionnaire.language, ())


def _translated(source: Questionnaire, language: str, texts: Translation) -> Localised:
    missing: list[MissingText] = []

    def either(text: str | None, original: str, *path: str) -> str:
        if text is None:
            missing.append(MissingText(path_text(path)))
        return text or original

    def optional(text: str | None, original: str | None, *path: str) -> str | None:
        return None if original is None else either(text, original, *path)

    def section_of(section: Section) -> Section:
        own = texts.sections.get(section.key, _NO_SECTION_TEXTS)
        return dataclasses.replace(
            section,
            title=either(own.title, section.title, "sections", section.key, "title"),
            summary=optional(own.summary, section.summary, "sections", section.key, "summary"),
            questions=tuple(question_of(question) for question in section.questions),
        )

    def question_of(question: Question) -> Question:
        names: list[str] = []
        own = texts.questions.get(question.key, _NO_TEXTS)
        made: Question = type_of(question).translated(question, own, names)
        place = path_text(("questions", question.key))
        missing.extend(MissingText(f"{place}.{name}", question.key) for name in names)
        return made

    def module_of(module: Module) -> Module:
        title = either(texts.modules.get(module.key), module.title, "modules", module.key)
        return dataclasses.replace(module, title=title)

    made = dataclasses.replace(
        source,
        title=either(texts.title, source.title, "title"),
        summary=optional(texts.summary, source.summary, "summary"),
        modules=tuple(module_of(module) for module in source.modules),
        sections=tuple(section_of(section) for section in source.sections),
    )
    return Localised(made, language, tuple(missing))
