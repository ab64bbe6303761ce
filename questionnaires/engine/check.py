"""Checks a questionnaire file: python -m questionnaires.engine.check FILE.yaml [FILE.json …]

Prints what stops it from being read, then what lint says, each with its place. Ends with 0 when
nothing stops it from being published, else with 1.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from questionnaires.engine.definition import Questionnaire
from questionnaires.engine.document import parse_document
from questionnaires.engine.document_errors import DocumentErrors
from questionnaires.engine.lint import lint
from questionnaires.engine.lint_findings import Severity
from questionnaires.engine.reading import read_json, read_yaml


def main(arguments: list[str], out: TextIO) -> int:
    """Check each file and say what was found; return the exit code."""
    if not arguments:
        out.write("Name one or more files, ending in .yaml or .json.\n")
        return 2
    return max(_check(Path(argument), out) for argument in arguments)


def _check(path: Path, out: TextIO) -> int:
    try:
        text = path.read_bytes()
    except OSError as error:
        out.write(f"{path}: {error.strerror}\n")
        return 2
    try:
        data = read_json(text) if path.suffix == ".json" else read_yaml(text)
        questionnaire = parse_document(data, draft=True)
    except DocumentErrors as refused:
        for problem in refused.errors:
            out.write(f"{path}: error: {problem}\n")
        if refused.more:
            out.write(f"{path}: and more\n")
        return 1
    findings = lint(questionnaire)
    for finding in findings:
        about = f" ({finding.question})" if finding.question else ""
        out.write(
            f"{path}: {finding.severity.value}: {finding.place}{about}: {finding.sentence} "
            f"[{finding.code}]\n"
        )
    out.write(f"{path}: {_summary(questionnaire)}\n")
    return 1 if any(finding.severity is Severity.ERROR for finding in findings) else 0


def _summary(questionnaire: Questionnaire) -> str:
    questions = questionnaire.questions
    minutes = sum(question.minutes for question in questions)
    controls = {ref for question in questions for ref in question.controls}
    return (
        f"{len(questionnaire.sections)} sections, {len(questions)} questions, "
        f"{minutes} minutes, {len(controls)} controls, "
        f"languages: {', '.join(questionnaire.languages())}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout))
