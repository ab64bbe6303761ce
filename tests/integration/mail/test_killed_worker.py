"""A worker dies after the server took the mail and before that is written down."""

from __future__ import annotations

import dataclasses
import datetime as dt
import multiprocessing
import os
import signal
from typing import Any

import pytest

from app.audit import recorder
from app.db.engine import Database
from app.kernel import clock
from app.mail.lifecycle import MailState
from app.mail.services import DELIVER
from app.outbox.lifecycle import JobState
from app.outbox.registry import jobs_of
from config import Settings
from tests.integration.mail.conftest import REMINDER, TOPIC, MakePost, Post, build_post
from tests.support.clock import standing_clock
from tests.support.smtp import SmtpSink


def _work_and_die(url: str, settings: Settings) -> None:
    """Run one delivery in this process; kill -9 it at the moment when it would write it down."""

    def die(*_arguments: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    database = Database(url)
    database.on_session.append(recorder.install)
    post = build_post(database, settings)
    registry = jobs_of(post.app)
    topic = registry.find(DELIVER)
    assert topic is not None
    registry._topics[DELIVER] = dataclasses.replace(topic, settle=die)
    post.deliver()


def _killed_once(post: Post) -> None:
    url = post.database.url.render_as_string(hide_password=False)
    process = multiprocessing.get_context("spawn").Process(
        target=_work_and_die, args=(url, post.settings)
    )
    process.start()
    process.join(timeout=60)
    exit_code = process.exitcode
    process.close()
    assert exit_code == -signal.SIGKILL


@pytest.fixture
def wired(make_post: MakePost, smtp: SmtpSink) -> Post:
    """Return a portal whose mail server is the sink."""
    return make_post(
        smtp_host=smtp.host, smtp_port=smtp.port, smtp_security="none", smtp_timeout_seconds=5
    )


def test_f6_the_mail_comes_again_with_the_same_message_id_and_link(
    wired: Post, smtp: SmtpSink
) -> None:
    mail_id = wired.send(topic=TOPIC)
    _killed_once(wired)
    assert len(smtp.mails) == 1
    assert wired.mail(mail_id).state is MailState.QUEUED
    assert wired.mail(mail_id).in_flight_since is not None
    wired.deliver()
    assert len(smtp.mails) == 1, "nobody else may deliver while the lease holds"

    with standing_clock(clock.now() + dt.timedelta(hours=1)):
        wired.deliver()
    first, second = smtp.mails
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.message["Date"] == second.message["Date"]
    assert first.part("plain") == second.part("plain")
    mail = wired.mail(mail_id)
    assert (mail.state, mail.attempts, mail.secrets_sealed) == (MailState.SENT, 2, None)
    assert [job.state for job in wired.jobs()] == [JobState.DONE]


def test_f6_a_reminder_does_not_come_again(wired: Post, smtp: SmtpSink) -> None:
    mail_id = wired.send(topic=REMINDER)
    _killed_once(wired)
    with standing_clock(clock.now() + dt.timedelta(hours=1)):
        wired.deliver()
    assert len(smtp.mails) == 1
    assert wired.mail(mail_id).state is MailState.FAILED
    assert "may have arrived" in wired.mail(mail_id).last_error
