"""Every mail of the portal, walked: each renders in each language, with one link at most."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from html.parser import HTMLParser

import pytest

from app.mail.compose import Composed, Composer, Envelope
from app.mail.topics import MailTopic
from app.mail.wiring import mail_of
from app.web.application import Application
from app.web.templating import LOCALES

_URL = re.compile(r"https?://[^\s<>\"]+")


class _Links(HTMLParser):
    """Collects what an HTML mail points to, and what it must not contain."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []

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
    assert page.links == in_text, f"{topic.name}: text and HTML point to different places"
    assert len(in_text) <= 1, f"{topic.name}: one purpose, one link"
    known = {**topic.sample_values, **topic.sample_secrets}
    assert ("link" in known) == bool(in_text), topic.name
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


def test_mails_are_in_the_readers_language(app: Application) -> None:
    topic = mail_of(app).topics.get("portal.test")
    english, german = (_composed(app, topic, locale) for locale in ("en", "de"))
    assert english.subject != german.subject
    assert "Mit freundlichen Grüßen" in german.text
    assert "Kind regards" in english.text
