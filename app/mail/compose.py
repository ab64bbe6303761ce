"""From a topic and its values to a mail: subject, text, HTML, head."""

from __future__ import annotations

import datetime as dt
import re
import textwrap
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from flask import Flask
from flask_babel import force_locale
from jinja2 import Environment

from app.mail.addresses import one_line
from app.mail.inline_styles import inlined
from app.mail.links import host_of
from app.mail.topics import MailTopic
from config import Settings

SUBJECT_LENGTH = 200
_TEXT_WIDTH = 72
_COLUMNS = re.compile(r"( +\S.*? {2,})(?=\S)")
_REQUEST_NAMES = frozenset(
    {"url_for", "request", "session", "g", "config", "get_flashed_messages", "asset", "icon_href"}
)
"""Names that templates of pages know and those of mails must not: they follow the request."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the head of a mail says, besides its subject."""

    id: uuid.UUID
    to_address: str
    to_name: str
    reply_to: str | None
    locale: str
    queued_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail's three texts. `html` is a whole document with its styles in the elements."""

    subject: str
    text: str
    html: str


class Composer:
    """Renders mails outside of any request, in the reader's language."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        """Keep the application, whose templates and languages are used."""
        self._app = app
        self._settings = settings
        self._environment: Environment | None = None

    def compose(
        self,
        topic: MailTopic,
        envelope: Envelope,
        values: Mapping[str, Any],
        secrets: Mapping[str, str],
    ) -> Composed:
        """Return subject, text and HTML.

        Templates know the values, the secrets, `to_name`, `organisation`, `base_url`,
        `base_host`, `locale` and `subject`. The subject is made without the secrets: it
        stands in lists and logs. Raises jinja2.UndefinedError for a value that is missing.
        """
        plain: dict[str, Any] = {
            **values,
            "to_name": envelope.to_name,
            "organisation": one_line(self._settings.organisation_name),
            "base_url": self._settings.base_url.rstrip("/"),
            "base_host": host_of(self._settings.base_url),
            "locale": envelope.locale,
        }
        with self._app.app_context(), force_locale(envelope.locale):
            subject = self._render(topic.template("subject.txt"), plain)
            plain["subject"] = subject = _shortened(one_line(subject))
            everything = {**plain, **secrets}
            text = self._render(topic.template("txt"), everything)
            document = self._render(topic.template("html"), everything)
        return Composed(subject, _tidy(text), inlined(document))

    def message(self, envelope: Envelope, composed: Composed) -> EmailMessage:
        """Return the whole mail, with text first and HTML as the alternative.

        The head holds nothing of the inside: no user, no software, no internal host.
        Raises ValueError when a header would hold a line break.
        """
        settings = self._settings
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(
            one_line(settings.organisation_name), addr_spec=settings.mail_from
        )
        message["To"] = Address(envelope.to_name, addr_spec=envelope.to_address)
        if envelope.reply_to:
            message["Reply-To"] = Address(addr_spec=envelope.reply_to)
        message["Subject"] = composed.subject
        message["Date"] = format_datetime(envelope.queued_at)
        message["Message-ID"] = f"<{envelope.id}@{host_of(settings.base_url)}>"
        message["Content-Language"] = envelope.locale
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(composed.text, cte="quoted-printable")
        message.add_alternative(composed.html, subtype="html", cte="quoted-printable")
        return message

    def _render(self, template: str, values: Mapping[str, Any]) -> str:
        if self._environment is None:
            # Made on first use: features add their filters after mail is wired.
            environment = self._app.jinja_env.overlay()
            environment.globals = {
                name: value
                for name, value in self._app.jinja_env.globals.items()
                if name not in _REQUEST_NAMES
            }
            self._environment = environment
        return self._environment.get_template(template).render(values)


def _shortened(subject: str) -> str:
    return subject if len(subject) <= SUBJECT_LENGTH else subject[: SUBJECT_LENGTH - 1] + "…"


def _tidy(text: str) -> str:
    """Wrap long lines (a template writes a paragraph in one line) and drop surplus blank ones."""
    # "-- " with its blank is what marks a signature for mail readers.
    lines = ("-- " if line == "-- " else _wrapped(line.rstrip()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _wrapped(line: str) -> str:
    """Break a line at words; never a link, and a fact's second column under itself."""
    if len(line) <= _TEXT_WIDTH or "://" in line:
        return line
    columns = _COLUMNS.match(line)
    return textwrap.fill(
        line,
        _TEXT_WIDTH,
        subsequent_indent=" " * len(columns[1]) if columns else "",
        break_long_words=False,
        break_on_hyphens=False,
    )
