"""Generated pages are as their sources say, links lead somewhere, and the README starts right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import reference
from app.web.application import Application
from tests.architecture.source_tree import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_generated_pages_are_up_to_date(app: Application) -> None:
    for path, text in reference.pages(app).items():
        name = path.relative_to(ROOT)
        assert path.exists(), f"{name} is missing; run ./run docs"
        assert path.read_text(encoding="utf-8") == text, f"{name} is old; run ./run docs"


def test_every_setting_says_what_it_does() -> None:
    for line in reference.configuration_table().splitlines()[2:]:
        name, default, words = [cell.strip() for cell in line.strip("|").split(" | ")]
        assert re.fullmatch(r"`ASSAY_[A-Z0-9_]+`", name)
        assert default
        assert words.endswith("."), name


def test_no_secret_has_a_default() -> None:
    for line in reference.configuration_table().splitlines()[2:]:
        if line.rstrip(" |").endswith("Secret."):
            assert "| empty |" in line


def test_the_readme_begins_with_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.search(r"```\w*\n(.*?)```", text, re.DOTALL)
    assert commands is not None
    assert commands[1].split("\n")[:-1] == ["./run demo", "./run test"]
    before = [line for line in text[: commands.start()].splitlines() if line]
    assert before[0].startswith("# ")
    assert len(before) == 2, "one title and one sentence stand before the commands"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target and not target.startswith("mailto:"):
            assert (document.parent / target).exists(), target


def test_no_document_or_source_names_a_machine_of_its_makers() -> None:
    home = re.compile(r"/(root|home/\w+|work)/\w|localhost:\d{5}")
    folders = ("app", "docs", "migrations", "requirements")
    files = [ROOT / "run", ROOT / "config.py", ROOT / ".ci" / "run", *ROOT.glob("*.md")]
    for folder in folders:
        files += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    texts = (".py", ".md", ".html", ".txt", ".js", ".css", ".lock", "")
    found = [
        str(path.relative_to(ROOT))
        for path in files
        if path.suffix in texts and home.search(path.read_text(encoding="utf-8"))
    ]
    assert not found, found
