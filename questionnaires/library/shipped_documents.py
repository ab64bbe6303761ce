"""The questionnaires that come with the product, read and joined from their files.

A long questionnaire is kept as a head and one file per section, each with its translations beside
it, so that a person can find and change a text. A short one that asks part of a long one names
its questions by key: every text exists once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from questionnaires.engine.reading import read_yaml

SHIPPED = Path(__file__).parent / "shipped"
Plain = dict[str, Any]
"""Plain data of a document, as docs/questionnaire-format.md describes it."""


def shipped_keys() -> tuple[str, ...]:
    """Return the keys of all shipped questionnaires, in alphabetical order."""
    return tuple(sorted(head["key"] for _path, head in _heads()))


def load_shipped(key: str) -> Plain:
    """Return a shipped questionnaire as one plain document with its translations.

    Raises KeyError when there is no such questionnaire, or when a head names a question that its
    base does not have; DocumentErrors when a file is no YAML.
    """
    for path, head in _heads():
        if head["key"] == key:
            return _chosen(head) if "based_on" in head else _joined(path, head)
    raise KeyError(key)


def _heads() -> Iterator[tuple[Path, Plain]]:
    for path in sorted([*SHIPPED.glob("*.yaml"), *SHIPPED.glob("*/questionnaire.yaml")]):
        yield path, read_yaml(path.read_bytes())


def _joined(path: Path, head: Plain) -> Plain:
    """Put the files in place of their names in `sections`; a section written out stays."""
    translations = {
        language: {"sections": {}, "questions": {}, **texts}
        for language, texts in head.get("translations", {}).items()
    }
    sections = []
    for entry in head["sections"]:
        if not isinstance(entry, str):
            sections.append(entry)
            continue
        part = read_yaml((path.parent / entry).read_bytes())
        sections.append(part["section"])
        for language, texts in part["translations"].items():
            translations[language]["sections"][part["section"]["key"]] = texts["section"]
            translations[language]["questions"].update(texts["questions"])
    return {**head, "sections": sections, "translations": translations}


def _chosen(head: Plain) -> Plain:
    """Take the questions that the head's sections name out of the questionnaire it is based on."""
    base = load_shipped(head["based_on"])
    asked = {
        question["key"]: question
        for section in base["sections"]
        for question in section["questions"]
    }
    sections = [
        {**section, "questions": [asked[key] for key in section["questions"]]}
        for section in head["sections"]
    ]
    chosen = {question["key"]: question for part in sections for question in part["questions"]}
    named = {question.get("module") for question in chosen.values()}
    modules = [module for module in base.get("modules", []) if module["key"] in named]
    own = {key: value for key, value in head.items() if key != "based_on"}
    return {
        **base,
        **own,
        "modules": modules,
        "sections": sections,
        "translations": {
            language: {
                **texts,
                "modules": _only(base["translations"][language].get("modules", {}), named),
                "questions": _only(base["translations"][language]["questions"], chosen.keys()),
            }
            for language, texts in head["translations"].items()
        },
    }


def _only(texts: Mapping[str, Any], keys: Collection[str | None]) -> Plain:
    return {key: text for key, text in texts.items() if key in keys}
