"""From the wish to send to what is seen on the mail, through a real worker and SMTP server (F6)."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.db.unit_of_work import unit_of_work
from app.kernel.errors import DomainError
from app.mail import services
from app.mail.lifecycle import RETRY_DELAYS, Fault, MailState
from app.mail.models import MailMessage
from app.outbox.lifecycle import JobState
from app.outbox.models import Job
from tests.integration.mail.conftest import (
    ADMINISTRATOR,
    LINK,
    REMINDER,
    MakePost,
    Post,
)
from tests.support.clock import Clock
from tests.support.smtp import SmtpMode, SmtpSink, running_smtp


@pytest.fixture
def wired(make_post: MakePost, smtp: SmtpSink) -> Post:
    """Return a portal whose mail server is the sink."""
    return make_post(
        smtp_host=smtp.host, smtp_port=smtp.port, smtp_security="none", smtp_timeout_seconds=1
    )


def test_a_mail_goes_out_whole_and_its_link_is_wiped(wired: Post, smtp: SmtpSink) -> None:
    mail_id = wired.send(reply_to="ingrid.solheim@halden.example")
    assert smtp.attempts == 0
    wired.deliver()
    mail = wired.mail(mail_id)
    assert (mail.state, mail.attempts, mail.fault) == (MailState.SENT, 1, None)
    assert mail.sent_at is not None
    assert mail.secrets_sealed is None
    assert mail.subject_line == "Halden Insurance asks Northwind until 11 Dec 2026"
    (received,) = smtp.mails
    message = received.message
    assert received.recipients == ["jana@northwind.example"]
    assert message["From"] == "Halden Insurance <assay@localhost>"
    assert message["To"] == "Jana Reuter <jana@northwind.example>"
    assert message["Reply-To"] == "ingrid.solheim@halden.example"
    assert message["Message-ID"] == f"<{mail_id}@assess.halden.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Date"]
    assert LINK in received.part("plain")
    assert f'href="{LINK}"' in received.part("html")


def test_the_head_tells_nothing_of_the_inside(wired: Post, smtp: SmtpSink) -> None:
    wired.send()
    wired.deliver()
    names = {name.lower() for name in smtp.mails[0].message}
    assert names <= {
        "from", "to", "subject", "date", "message-id", "content-language", "auto-submitted",
        "x-auto-response-suppress", "mime-version", "content-type",
        # put there by the receiving library
        "x-peer", "x-mailfrom", "x-rcptto",
    }  # fmt: skip
    head = smtp.mails[0].content.split(b"\r\n\r\n")[0]
    for word in (b"Python", b"Assay", b"a-1", b"Ada", b"sample"):
        assert word not in head


@pytest.mark.parametrize(
    ("mode", "fault", "code"),
    [
        (SmtpMode.TEMPORARY, Fault.DEFERRED, 450),
        (SmtpMode.TEMPORARY_AT_DATA, Fault.DEFERRED, 451),
        (SmtpMode.HANG, Fault.UNREACHABLE, None),
    ],
)
def test_f6_a_server_that_is_busy_or_hangs_is_tried_again(
    wired: Post, smtp: SmtpSink, clock: Clock, mode: SmtpMode, fault: Fault, code: int | None
) -> None:
    smtp.mode = mode
    mail_id = wired.send()
    wired.deliver()
    mail = wired.mail(mail_id)
    assert (mail.state, mail.fault, mail.smtp_code) == (MailState.RETRYING, fault, code)
    assert mail.last_error
    assert mail.secrets_sealed is not None
    assert mail.next_attempt_at is not None
    assert mail.next_attempt_at > clock.now
    wired.deliver()
    assert smtp.attempts == 1

    smtp.mode = SmtpMode.ACCEPT
    clock.set(mail.next_attempt_at)
    wired.deliver()
    after = wired.mail(mail_id)
    assert (after.state, after.attempts, after.fault) == (MailState.SENT, 2, None)
    assert (after.smtp_code, after.server_said, after.next_attempt_at) == (None, "", None)
    assert len(smtp.mails) == 1


def test_f6_a_server_that_is_down_is_tried_again(
    make_post: MakePost, tmp_path: Path, clock: Clock
) -> None:
    with running_smtp(tmp_path, SmtpMode.REFUSE_CONNECTION) as nobody:
        post = make_post(smtp_host=nobody.host, smtp_port=nobody.port, smtp_security="none")
        mail_id = post.send()
        post.deliver()
    mail = post.mail(mail_id)
    assert (mail.state, mail.fault) == (MailState.RETRYING, Fault.UNREACHABLE)
    assert "refused" in mail.server_said


def test_f6_after_about_a_day_it_is_given_up_and_can_be_sent_again(
    wired: Post, smtp: SmtpSink, clock: Clock
) -> None:
    smtp.mode = SmtpMode.TEMPORARY
    mail_id = wired.send()
    while wired.mail(mail_id).state in (MailState.QUEUED, MailState.RETRYING):
        wired.deliver()
        clock.forward(minutes=45)
    mail = wired.mail(mail_id)
    assert (mail.state, mail.fault) == (MailState.FAILED, Fault.DEFERRED)
    assert mail.attempts == smtp.attempts == len(RETRY_DELAYS) + 1

    smtp.mode = SmtpMode.ACCEPT
    with unit_of_work(wired.database) as session:
        services.resend(session, ADMINISTRATOR, mail_id)
    wired.deliver()
    assert wired.mail(mail_id).state is MailState.SENT
    assert [mail.message["Message-ID"] for mail in smtp.mails] == [
        f"<{mail_id}@assess.halden.example>"
    ]


@pytest.mark.parametrize(
    ("mode", "code"), [(SmtpMode.PERMANENT, 550), (SmtpMode.PERMANENT_AT_DATA, 554)]
)
def test_f6_a_refusal_for_good_is_seen_and_not_repeated(
    wired: Post, smtp: SmtpSink, clock: Clock, mode: SmtpMode, code: int
) -> None:
    smtp.mode = mode
    mail_id = wired.send()
    wired.deliver()
    clock.forward(days=2)
    wired.deliver()
    mail = wired.mail(mail_id)
    assert (mail.state, mail.fault, mail.smtp_code) == (MailState.FAILED, Fault.REFUSED, code)
    assert str(code) in mail.last_error
    assert smtp.attempts == 1
    assert {job.state for job in wired.jobs()} == {JobState.DONE}


def test_f6_a_mail_that_may_have_arrived_is_repeated_once_with_the_same_id_and_link(
    wired: Post, smtp: SmtpSink, clock: Clock
) -> None:
    smtp.mode = SmtpMode.DROP_AFTER_DATA
    mail_id = wired.send()
    for _ in range(4):
        wired.deliver()
        clock.forward(hours=2)
    assert len(smtp.mails) == 2
    assert len({mail.message["Message-ID"] for mail in smtp.mails}) == 1
    assert all(LINK in mail.part("plain") for mail in smtp.mails)
    mail = wired.mail(mail_id)
    assert (mail.state, mail.fault) == (MailState.FAILED, Fault.UNCONFIRMED)
    assert "may have arrived" in mail.last_error


def test_f6_a_reminder_that_may_have_arrived_is_not_repeated(
    wired: Post, smtp: SmtpSink, clock: Clock
) -> None:
    smtp.mode = SmtpMode.DROP_AFTER_DATA
    mail_id = wired.send(topic=REMINDER)
    for _ in range(3):
        wired.deliver()
        clock.forward(hours=2)
    assert len(smtp.mails) == 1
    assert wired.mail(mail_id).state is MailState.FAILED


def test_v12_3_2_trouble_with_the_certificate_is_told_and_waits_for_a_person(
    make_post: MakePost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_smtp(tmp_path, security="starttls") as sink:
        post = make_post(smtp_host=sink.host, smtp_port=sink.port, smtp_security="starttls")
        mail_ids = [post.send(), post.send()]
        post.deliver()
        mail = post.mail(mail_ids[0])
        assert (mail.state, mail.fault) == (MailState.FAILED, Fault.SETUP)
        assert "certificate" in mail.last_error
        assert sink.mails == []

        monkeypatch.setenv("SSL_CERT_FILE", str(sink.ca_file))
        with unit_of_work(post.database) as session:
            assert services.resend_all(session, ADMINISTRATOR, MailState.FAILED) == 2
        post.deliver()
    assert [post.mail(mail_id).state for mail_id in mail_ids] == [MailState.SENT] * 2
    assert all(mail.over_tls for mail in sink.mails)


def test_without_a_server_mails_are_kept_and_say_so(post: Post) -> None:
    mail_id = post.send()
    post.deliver()
    mail = post.mail(mail_id)
    assert (mail.state, mail.sent_at) == (MailState.NOT_SENT, None)
    file = post.settings.data_dir / "mail" / f"{mail_id}.eml"
    assert file.stat().st_mode & 0o777 == 0o600
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["To"] == "Jana Reuter <jana@northwind.example>"
    assert LINK in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_kept_mails_go_out_once_there_is_a_server(make_post: MakePost, smtp: SmtpSink) -> None:
    before = make_post()
    mail_id = before.send()
    before.deliver()
    after = make_post(smtp_host=smtp.host, smtp_port=smtp.port, smtp_security="none")
    with unit_of_work(after.database) as session:
        assert services.resend_all(session, ADMINISTRATOR, MailState.NOT_SENT) == 1
    after.deliver()
    assert after.mail(mail_id).state is MailState.SENT
    assert LINK in smtp.mails[0].part("plain")
    assert not (after.settings.data_dir / "mail" / f"{mail_id}.eml").exists()


def test_a_folder_that_cannot_be_written_is_tried_again(post: Post, clock: Clock) -> None:
    (post.settings.data_dir / "mail").write_text("a file where the folder should be")
    mail_id = post.send()
    post.deliver()
    mail = post.mail(mail_id)
    assert (mail.state, mail.fault) == (MailState.RETRYING, Fault.INTERNAL)
    (post.settings.data_dir / "mail").unlink()
    clock.set(mail.next_attempt_at or clock.now)
    post.deliver()
    assert post.mail(mail_id).state is MailState.NOT_SENT


def test_a_link_that_ran_out_is_not_sent(wired: Post, smtp: SmtpSink, clock: Clock) -> None:
    mail_id = wired.send(expires_at=clock.now + dt.timedelta(hours=1))
    clock.forward(hours=2)
    wired.deliver()
    mail = wired.mail(mail_id)
    assert (mail.state, mail.fault) == (MailState.FAILED, Fault.OUTDATED)
    assert smtp.attempts == 0


def test_a_rotated_key_still_opens_and_a_lost_one_is_told(
    make_post: MakePost, smtp: SmtpSink
) -> None:
    server = {"smtp_host": smtp.host, "smtp_port": smtp.port, "smtp_security": "none"}
    first = make_post(secret_key="first key " * 4, **server)
    old = first.send()
    rotated = make_post(
        secret_key="second key " * 4, secret_key_fallbacks=("first key " * 4,), **server
    )
    rotated.deliver()
    assert rotated.mail(old).state is MailState.SENT
    new = rotated.send()
    without = make_post(secret_key="third key " * 4, **server)
    without.deliver()
    mail = without.mail(new)
    assert (mail.state, mail.fault) == (MailState.FAILED, Fault.UNREADABLE)
    assert len(smtp.mails) == 1


def _send_then_refuse(post: Post) -> None:
    with unit_of_work(post.database) as session:
        services.send(
            session, ADMINISTRATOR, topic=REMINDER, to="a@b.example", values={},
            subject_type="x", subject_id="1",
        )  # fmt: skip
        raise DomainError("the caller's own work was refused")


def test_nothing_is_left_of_a_mail_whose_transaction_failed(wired: Post, smtp: SmtpSink) -> None:
    with pytest.raises(DomainError):
        _send_then_refuse(wired)
    wired.deliver()
    with unit_of_work(wired.database, write=False) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(MailMessage)) == 0
        statement = sa.select(sa.func.count()).select_from(Job)
        assert session.scalar(statement.where(Job.topic == services.DELIVER)) == 0
    assert smtp.attempts == 0


def test_the_hourly_job_wipes_links_that_ran_out_and_files_of_mails_that_are_over(
    post: Post, clock: Clock
) -> None:
    soon = post.send(expires_at=clock.now + dt.timedelta(hours=1))
    later = post.send(expires_at=clock.now + dt.timedelta(days=9))
    over = post.send(expires_at=clock.now + dt.timedelta(days=9))
    post.deliver()
    with unit_of_work(post.database) as session:
        services.cancel(session, ADMINISTRATOR, over)
    clock.forward(hours=3)
    post.deliver()
    assert post.mail(soon).secrets_sealed is None
    assert post.mail(later).secrets_sealed is not None
    kept = {file.stem for file in (post.settings.data_dir / "mail").glob("*.eml")}
    assert kept == {str(later)}
