"""Puts mail into the application: topics, composer, the way out, the jobs."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from typing import cast

from flask import Flask
from flask_babel import lazy_gettext as _

from app.mail import jobs, labels
from app.mail.compose import Composer
from app.mail.folder import FolderTransport
from app.mail.links import join
from app.mail.services import TEST_PATH, TEST_TOPIC
from app.mail.setup import MailSetup, installer
from app.mail.topics import MailTopic, MailTopics
from app.mail.transport import SmtpTransport, Transport
from app.outbox.registry import jobs_of
from app.web.application import Application
from app.web.verbs import describe
from config import Settings, SettingsError

EXTENSION = "assay.mail"


@dataclass(frozen=True, slots=True)
class Mail:
    """What other packages use of mail at start and on pages."""

    topics: MailTopics
    composer: Composer
    has_server: bool


def init_app(app: Application) -> None:
    """Wire mail. Raises SettingsError for a sender address that is none."""
    settings = app.settings
    _check_sender(settings)
    topics = MailTopics()
    composer = Composer(app, settings)
    transport: Transport = (
        SmtpTransport(settings)
        if settings.smtp_host
        else FolderTransport(settings.data_dir / "mail")
    )
    app.extensions[EXTENSION] = Mail(topics, composer, has_server=bool(settings.smtp_host))
    setup = MailSetup(topics, app.sealer, settings.base_url, settings.default_locale)
    app.database.on_session.append(installer(setup))
    jobs.register(jobs_of(app), settings, topics, composer, transport)
    describe(verbs=labels.VERBS, fields=labels.FIELDS, subjects=labels.SUBJECTS)
    topics.register(
        MailTopic(
            name=TEST_TOPIC,
            title=_("Test mail"),
            recipient=_("The administrator who asks for it"),
            sample_values={"link": join(settings.base_url, TEST_PATH)},
        )
    )


def mail_of(app: Flask) -> Mail:
    """Return what this module put into an application."""
    return cast(Mail, app.extensions[EXTENSION])


def _check_sender(settings: Settings) -> None:
    try:
        Address(addr_spec=settings.mail_from)
    except (ValueError, IndexError) as error:
        # IndexError: the standard library on an empty address
        raise SettingsError(
            "ASSAY_MAIL_FROM must be one mail address such as assess@example.org."
        ) from error
