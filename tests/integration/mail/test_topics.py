"""Every mail of the portal, walked: each renders in each language, with one link at most."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask_babel import get_babel

from app.mail.compose import Composed, Composer, Envelope
from app.mail.topics import MailTopic
from app.mail.wiring import mail_of
from app.web.application import Application
from app.web.templating import LOCALES
from tests.integration.mail.conftest import Post

_URL = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,]")


class _Links(HTMLParser):
    """Collects what an HTML mail points to, and what it must not contain."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []

        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.links.append(values.get("href") or "")
        if tag in ("img", "link", "script", "iframe", "form", "object", "base") or "src" in values:
            self.loads.append(tag)


def _composed(app: Application, topic: MailTopic, locale: str) -> Composed:
    settings = app.settings.with_values(base_url="https://assess.halden.example")
    change = str(app.settings.base_url).rstrip("/"), "https://assess.halden.example"
    composer = Composer(app, settings)
    envelope = Envelope(
        uuid.uuid4(), "jana@northwind.example", "Jana Reuter", None, locale, dt.datetime.now(dt.UTC)
    )
    values = {
        name: value.replace(*change) if isinstance(value, str) else value
        for name, value in topic.sample_values.items()
    }
    secrets = {name: value.replace(*change) for name, value in topic.sample_secrets.items()}
    return composer.compose(topic, envelope, values, secrets)


def _check(composed: Composed, topic: MailTopic) -> None:
    page = _Links()
    page.feed(composed.html)
    in_text = _URL.findall(composed.text)
    in_html = [*page.links, *_URL.findall(" ".join(page.words))]
    assert sorted(in_html) == sorted(in_text), f"{topic.name}: text and HTML lead elsewhere"
    assert len(in_text) <= 1, f"{topic.name}: one purpose, one link"
    known = {**topic.sample_values, **topic.sample_secrets}
    assert len(page.links) == ("link" in known), topic.name
    assert all(link.startswith("https://assess.halden.example/") for link in in_text)
    assert page.loads == [], f"{topic.name}: a mail loads nothing"
    assert composed.subject == composed.subject.strip() != ""
    assert "{{" not in composed.text + composed.html
    assert "<p" in composed.html
    assert re.search(r'<p[^>]* style="', composed.html), "styles are written into the elements"
    assert "Jana Reuter" in composed.text
    assert "Jana Reuter" in composed.html
    for secret in topic.sample_secrets.values():
        assert secret.rsplit("/", 1)[-1] not in composed.subject
    longest = max(len(line) for line in composed.text.splitlines() if "://" not in line)
    assert longest <= 78, f"{topic.name}: text mails are wrapped"


@pytest.mark.parametrize("locale", sorted(LOCALES))
def test_every_mail_renders_with_one_link_in_text_and_html(app: Application, locale: str) -> None:
    topics = list(mail_of(app).topics)
    assert len(topics) > 1
    for topic in topics:
        composed = _composed(app, topic, locale)
        _check(composed, topic)
        assert f'lang="{locale}"' in composed.html
        assert str(topic.title)
        assert str(topic.recipient)


def test_mails_are_in_the_readers_language(post: Post, tmp_path: Path) -> None:
    catalogue = Catalog(locale="de")
    catalogue.add("Kind regards", "Mit freundlichen Grüßen")
    catalogue.add("Dear %(name)s,", "Guten Tag %(name)s,")
    folder = tmp_path / "translations" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    get_babel(post.app).translation_directories.append(str(tmp_path / "translations"))
    topic = mail_of(post.app).topics.get("portal.test")
    english, german = (_composed(post.app, topic, locale) for locale in ("en", "de"))
    for text in (german.text, german.html):
        assert "Mit freundlichen Grüßen" in text
        assert "Guten Tag Jana Reuter," in text
    assert "Kind regards" in english.text
