"""Every text has its German, with the same blanks to fill; the compiled file is the written one."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from flask_babel import force_locale

from app import languages
from app.access.roles import Role
from app.db.unit_of_work import unit_of_work
from app.web import formatting
from app.web.application import Application
from tests.architecture.source_tree import ROOT
from tests.support.html_tree import Element
from tests.support.pages import PageClient
from tests.support.people import make_account, sign_in

SAME_IN_BOTH = {
    "%(name)s · %(role)s",
    "Administration",
    "Code",
    "Hash",
    "Link",
    "Name",
    "Person",
    "Scan",
    "System",
    "Worker",
    "in %(unit)s",
}
"""What reads the same in German; a new one is a decision."""

ENGLISH = set(
    "account administrator all and any business for from invite is job jobs last no "  # noqa: SIM905 - reads better
    "none not of on password people search sign signed since state the to trail units until what "
    "when who with you your".split()
)
"""Words that no German page says."""

BLANK = re.compile(r"%(?:\(\w+\))?[sd]|\{\w*\}")
TAG = re.compile(r"</?\w+[^>]*>")


def _pairs(language: str) -> Iterator[tuple[str, str]]:
    """Yield each text with its translation; a plural as two, one by one."""
    for message in languages.read(language):
        if message.id:
            yield from zip(_forms(message, "id"), _forms(message, "string"), strict=True)


def _forms(message: Message, name: str) -> list[str]:
    value = getattr(message, name)
    return [value] if isinstance(value, str) else list(value)


@pytest.mark.parametrize("language", languages.TRANSLATED)
def test_nothing_is_left_untranslated(language: str) -> None:
    assert languages.missing(language) == [], "run ./run translate and fill them in"


@pytest.mark.parametrize("language", languages.TRANSLATED)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    compiled = languages.catalogue_path(language).with_suffix(".mo").read_bytes()
    assert compiled == languages.compiled(languages.read(language)), "run ./run translate"


@pytest.mark.parametrize("language", languages.TRANSLATED)
def test_blanks_and_tags_are_those_of_the_text(language: str) -> None:
    for text, translation in _pairs(language):
        for pattern in (BLANK, TAG):
            kept = sorted(pattern.findall(translation))
            assert kept == sorted(pattern.findall(text)), (text, translation)
        opened: list[str] = []
        for tag in TAG.findall(translation):
            name = re.sub(r"\W", " ", tag).split()[0]
            if tag.startswith("</"):
                assert opened, translation
                assert opened.pop() == name, translation
            else:
                opened.append(name)
        assert not opened, translation


@pytest.mark.parametrize("language", languages.TRANSLATED)
def test_blanks_around_and_line_ends_are_kept(language: str) -> None:
    for text, translation in _pairs(language):
        assert translation == translation.strip(), text
        assert translation.count("\n") == text.count("\n"), text


def test_german_is_german() -> None:
    same = {text for text, translation in _pairs("de") if text == translation}
    assert same == SAME_IN_BOTH


def test_german_says_sie_and_quotes_as_germans_do() -> None:
    for _text, translation in _pairs("de"):
        assert not re.search(r"\b(du|dir|dich|dein\w*)\b", translation, re.I), translation
        assert not re.search("[”‘’]", translation), translation
        assert translation.count("„") == translation.count("“"), translation


def _english(page: Element) -> set[str]:
    return _words(page) & ENGLISH


def _words(page: Element) -> set[str]:
    """Return all words that a person reads or hears on a page."""
    spoken = [" ".join(page.texts())]
    for element in page.elements():
        spoken += [element.get(name) or "" for name in ("aria-label", "title", "placeholder")]
    return set(re.findall(r"[^\W\d_]+", " ".join(spoken).lower()))


def test_pages_are_german_for_who_reads_german(app: Application, client: PageClient) -> None:
    page = client.page("/sign-in", headers={"Accept-Language": "de-DE,de;q=0.9"})
    assert {"anmelden", "passwort"} <= _words(page)
    assert _english(page) == set()
    assert {"password", "sign"} <= _words(client.page("/sign-in"))

    with unit_of_work(app.database) as session:
        person = make_account(
            session, name="Ada Brandt", locale="de",
            roles=[Role.ADMINISTRATOR, Role.AUDITOR],
        )  # fmt: skip
        session.expunge(person)
    sign_in(client, person)
    for path in ("/admin/people/", "/admin/jobs/", "/admin/mail/", "/account"):
        assert _english(client.page(path)) == set(), path
    verbs = client.page("/admin/audit/").text
    assert "hat sich angemeldet" in verbs


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("en", "3 Dec 2026", "3 Dec 2026, 14:02"),
        ("de", "3. Dez. 2026", "3. Dez. 2026, 14:02"),
    ],
)
def test_days_are_written_as_the_language_does(
    app: Application, language: str, day: str, moment: str
) -> None:
    at = dt.datetime(2026, 12, 3, 14, 2, tzinfo=dt.UTC)
    with app.app_context(), force_locale(language):
        assert formatting.date(dt.date(2026, 12, 3)) == day
        assert formatting.datetime(at) == moment


def _translate(folder: Path) -> subprocess.CompletedProcess[str]:
    environment: dict[str, Any] = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "translate"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command_names_what_lacks_a_translation(tmp_path: Path) -> None:
    skipped = shutil.ignore_patterns("__pycache__", "static")
    for name in ("app", "questionnaires"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=skipped)
    shutil.copy(ROOT / "config.py", tmp_path)
    catalogue = tmp_path / "app/translations/de/LC_MESSAGES/messages.po"

    done = _translate(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"de: \d+ texts, 0 without a translation\n", done.stdout)
    kept = catalogue.read_bytes()
    assert _translate(tmp_path).returncode == 0
    assert catalogue.read_bytes() == kept, "nothing changed, yet the catalogue did"

    page = tmp_path / "app/templates/home/index.html"
    page.write_text(page.read_text("utf-8") + "{{ _('Feed the lighthouse cat') }}", "utf-8")
    done = _translate(tmp_path)
    assert done.returncode == 1
    assert "Feed the lighthouse cat" in done.stderr
    assert "1 without a translation" in done.stdout
    assert b'msgid "Feed the lighthouse cat"\nmsgstr ""' in catalogue.read_bytes()
