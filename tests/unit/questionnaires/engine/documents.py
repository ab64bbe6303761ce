"""Documents for tests of the engine: one with every key of the format, and small ones."""

from __future__ import annotations

from typing import Any

from questionnaires.engine.definition import Question, Questionnaire
from questionnaires.engine.document import parse_document

CONTROL = {"framework": "iso-42001", "control": "A.7.2"}


def everything() -> dict[str, Any]:
    """Return a document that uses every key of the format at least once."""
    return {
        "format": "assay-questionnaire/1",
        "key": "everything",
        "title": "Everything",
        "summary": "Uses **all** that there is.\n\n- one\n- two",
        "audience": "vendor",
        "purpose": "supplier",
        "language": "en",
        "modules": [
            {
                "key": "training",
                "title": "Training",
                "show_if": {"question": "Q-yes", "is": "equals", "value": "yes"},
            }
        ],
        "sections": [
            {
                "key": "first",
                "title": "First",
                "summary": "The *simple* ones.",
                "questions": [
                    {
                        "key": "Q-yes",
                        "type": "yes_no",
                        "text": "Do you train on our data?",
                        "hint": "Any model, also of others.",
                        "looking_for": "A plain no.\n\n1. In the contract",
                        "weight": "critical",
                        "minutes": 3,
                        "not_applicable": False,
                        "evidence": {"ask": "required", "text": "The clause"},
                        "red_flag": "They say it depends.",
                        "warning": "Our data would leave us. What limits that?",
                        "controls": [CONTROL, {"framework": "eu-ai-act", "control": "Art. 10"}],
                        "risk_sources": ["C.3.4", "C.3.6"],
                        "objectives": ["C.2.7"],
                        "scores": {"yes": 0, "partial": 20, "no": 100},
                        "risky": ["partial"],
                        "gate": ["yes"],
                    },
                    {
                        "key": "Q-single",
                        "type": "single",
                        "text": "Where does it run?",
                        "module": "training",
                        "controls": [CONTROL],
                        "risk_sources": ["C.3.5"],
                        "options": [
                            {"key": "eu", "text": "In the EU", "hint": "EEA too", "score": 100},
                            {"key": "us", "text": "In the USA", "score": 50},
                            {"key": "any", "text": "Anywhere; it moves", "score": 0},
                        ],
                    },
                    {
                        "key": "Q-multiple",
                        "type": "multiple",
                        "text": "What is watched in service?",
                        "weight": "minor",
                        "warning": "Uptime alone says nothing.",
                        "controls": [CONTROL],
                        "risk_sources": ["C.3.6"],
                        "options": [
                            {"key": "drift", "text": "Drift", "needed": True},
                            {"key": "abuse", "text": "Abuse; misuse", "needed": True},
                            {"key": "cost", "text": "Cost"},
                            {"key": "none", "text": "None of these", "exclusive": True},
                            {"key": "blind", "text": "We may not look", "risky": True},
                        ],
                    },
                ],
            },
            {
                "key": "second",
                "title": "Second",
                "show_if": {
                    "any": [
                        {"not": {"question": "Q-yes", "is": "equals", "value": "yes"}},
                        {
                            "all": [
                                {"question": "Q-single", "is": "answered"},
                                {"question": "Q-multiple", "is": "includes", "value": "drift"},
                            ]
                        },
                    ]
                },
                "questions": [
                    {
                        "key": "Q-maturity",
                        "type": "maturity",
                        "text": "How well is access kept apart?",
                        "depth": "deep",
                        "not_applicable": False,
                        "warning": "Others may see our data.",
                        "controls": [CONTROL],
                        "risk_sources": ["C.3.4"],
                        "levels": ["No", "A bit", "On paper", "With records", "Measured"],
                        "risky_below": 2,
                        "gate_below": 1,
                    },
                    {
                        "key": "Q-text",
                        "type": "text",
                        "text": "Who is accountable?",
                        "required": False,
                        "controls": [CONTROL],
                        "risk_sources": ["C.3.6"],
                        "max_length": 500,
                        "lines": 2,
                    },
                    {
                        "key": "Q-number",
                        "type": "number",
                        "text": "Within how many hours do you tell us?",
                        "not_applicable": False,
                        "warning": "We would learn of it too late.",
                        "controls": [CONTROL],
                        "risk_sources": ["C.3.6"],
                        "unit": "hours",
                        "decimals": 1,
                        "min": 0,
                        "max": 10000,
                        "bands": [
                            {"below": 24.5, "score": 100},
                            {"from": 24.5, "below": 72, "score": 50, "risky": True},
                            {"from": 72, "score": 0, "gate": True},
                        ],
                        "unknown_option": {
                            "text": "There is no limit",
                            "score": 5,
                            "risky": True,
                            "gate": True,
                        },
                    },
                    {
                        "key": "Q-date",
                        "type": "date",
                        "text": "When was it last reviewed?",
                        "show_if": {"question": "Q-maturity", "is": "at_least", "value": 2},
                        "controls": [CONTROL],
                        "risk_sources": ["C.3.6"],
                        "validity_months": 12,
                    },
                    {
                        "key": "Q-day-to-come",
                        "type": "date",
                        "text": "Until when is it covered?",
                        "weight": "none",
                        "future": True,
                    },
                    {
                        "key": "Q-file",
                        "type": "file",
                        "text": "Give us the list of sub-suppliers.",
                        "controls": [CONTROL],
                        "risk_sources": ["C.3.6"],
                        "kinds": ["Register", "Contract annex"],
                    },
                    {
                        "key": "Q-table",
                        "type": "table",
                        "text": "Which models are inside?",
                        "controls": [CONTROL],
                        "risk_sources": ["C.3.2"],
                        "columns": [
                            {"key": "name", "text": "Name"},
                            {"key": "size", "text": "Size", "type": "number", "required": False},
                            {"key": "since", "text": "Since", "type": "date", "required": False},
                            {
                                "key": "place",
                                "text": "Place",
                                "type": "single",
                                "required": False,
                                "options": [
                                    {"key": "eu", "text": "EU"},
                                    {"key": "us", "text": "USA"},
                                ],
                            },
                        ],
                        "min_rows": 2,
                        "max_rows": 20,
                    },
                ],
            },
        ],
        "translations": {"de": german()},
    }


def german() -> dict[str, Any]:
    """Return the German texts of `everything`, all of them."""
    return {
        "title": "Alles",
        "summary": "Nutzt **alles**.",
        "modules": {"training": "Trainieren"},
        "sections": {
            "first": {"title": "Erstens", "summary": "Die *einfachen*."},
            "second": {"title": "Zweitens"},
        },
        "questions": {
            "Q-yes": {
                "text": "Trainieren Sie mit unseren Daten?",
                "hint": "Jedes Modell.",
                "looking_for": "Ein klares Nein.",
                "warning": "Unsere Daten verließen uns. Was begrenzt das?",
                "evidence": "Die Klausel",
            },
            "Q-single": {
                "text": "Wo läuft es?",
                "options": {
                    "eu": {"text": "In der EU", "hint": "Auch EWR"},
                    "us": {"text": "In den USA"},
                    "any": {"text": "Irgendwo"},
                },
            },
            "Q-multiple": {
                "text": "Was wird im Betrieb beobachtet?",
                "warning": "Verfügbarkeit allein sagt nichts.",
                "options": {
                    "drift": {"text": "Drift"},
                    "abuse": {"text": "Missbrauch"},
                    "cost": {"text": "Kosten"},
                    "none": {"text": "Nichts davon"},
                    "blind": {"text": "Wir dürfen nicht hinsehen"},
                },
            },
            "Q-maturity": {
                "text": "Wie gut ist der Zugriff getrennt?",
                "warning": "Andere sähen unsere Daten.",
                "levels": ["Nein", "Etwas", "Auf Papier", "Mit Nachweisen", "Gemessen"],
            },
            "Q-text": {"text": "Wer ist verantwortlich?"},
            "Q-number": {
                "text": "Nach wie vielen Stunden melden Sie sich?",
                "warning": "Wir erführen es zu spät.",
                "unit": "Stunden",
                "unknown_option": "Es gibt keine Grenze",
            },
            "Q-date": {"text": "Wann wurde es zuletzt geprüft?"},
            "Q-day-to-come": {"text": "Bis wann gilt es?"},
            "Q-file": {
                "text": "Geben Sie uns die Liste.",
                "kinds": ["Register", "Vertragsanlage"],
            },
            "Q-table": {
                "text": "Welche Modelle sind enthalten?",
                "columns": {
                    "name": {"text": "Name"},
                    "size": {"text": "Größe"},
                    "since": {"text": "Seit"},
                    "place": {"text": "Ort", "options": {"eu": "EU", "us": "USA"}},
                },
            },
        },
    }


def small(*questions: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """Return a document with one section of these questions; `keys` replace others."""
    return {
        "format": "assay-questionnaire/1",
        "key": "small",
        "title": "Small",
        "audience": "vendor",
        "purpose": "supplier",
        "language": "en",
        "sections": [{"key": "one", "title": "One", "questions": list(questions)}],
        **keys,
    }


def yes_no(key: str, **keys: Any) -> dict[str, Any]:
    """Return a yes/no question that lint has nothing to say about."""
    return {
        "key": key,
        "type": "yes_no",
        "text": f"Is {key} so?",
        "controls": [CONTROL],
        "risk_sources": ["C.3.6"],
        **keys,
    }


def parsed(*questions: dict[str, Any], draft: bool = False, **keys: Any) -> Questionnaire:
    """Return `small` as a questionnaire."""
    return parse_document(small(*questions, **keys), draft=draft)


def question(document: dict[str, Any]) -> Question:
    """Return one question alone."""
    return parsed(document).questions[0]
