"""Each mail of this package, in each language: whole, with its link, without leftovers."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from app.identity import notifications
from app.mail.compose import Envelope
from app.mail.topics import MailTopic
from app.mail.wiring import mail_of
from app.web.templating import LOCALES

TOPICS = notifications.topics("http://localhost")
CHANGES = ("on", "off", "codes", "reset", "recovery_used")


def cases() -> list[Any]:
    found = [
        pytest.param(topic, dict(topic.sample_values), locale, id=f"{topic.name}-{locale}")
        for topic in TOPICS
        for locale in LOCALES
    ]
    [changed] = [topic for topic in TOPICS if topic.name == notifications.SECOND_FACTOR_CHANGED]
    return found + [
        pytest.param(changed, {**changed.sample_values, "change": change}, "en", id=change)
        for change in CHANGES
    ]


@pytest.mark.parametrize(("topic", "values", "locale"), cases())
def test_a_mail_says_who_where_and_what_to_do(
    app: Any, topic: MailTopic, values: dict[str, Any], locale: str
) -> None:
    envelope = Envelope(
        id=uuid.uuid4(), to_address="sam@northwind.example", to_name="Sam Oduya", reply_to=None,
        locale=locale, queued_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC),
    )  # fmt: skip
    mail = mail_of(app).composer.compose(topic, envelope, values, topic.sample_secrets)
    assert "Northwind Procurement" in mail.subject
    for part in (mail.text, mail.html):
        assert "Sam Oduya" in part
        assert "None" not in part
        assert "%(" not in part
    for secret in topic.sample_secrets.values():
        assert secret in mail.text
        assert secret in mail.html
        assert secret not in mail.subject
    for name, value in values.items():
        if name != "change":
            assert str(value) in mail.text
