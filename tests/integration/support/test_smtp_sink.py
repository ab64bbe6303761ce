"""The SMTP server of the tests misbehaves exactly as it is told to."""

from __future__ import annotations

import smtplib
import ssl
from pathlib import Path

import pytest

from tests.support.smtp import SmtpMode, SmtpSink, running_smtp

MAIL = "Subject: hello\n\nhello\n"


def send(
    sink: SmtpSink,
    *,
    security: str = "none",
    login: tuple[str, str] | None = None,
    authority: Path | None = None,
    timeout: float = 5,
) -> None:
    context = ssl.create_default_context(cafile=authority)
    if security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            sink.host, sink.port, timeout=timeout, context=context
        )
    else:
        smtp = smtplib.SMTP(sink.host, sink.port, timeout=timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        if security == "starttls":
            smtp.starttls(context=context)
        if login:
            smtp.login(*login)
        smtp.sendmail("a@portal.example", ["b@vendor.example"], MAIL)
    finally:
        smtp.close()


def test_a_taken_mail_can_be_read(smtp: SmtpSink) -> None:
    send(smtp)
    [mail] = smtp.mails_to("b@vendor.example")
    assert mail.part("plain").strip() == "hello"
    assert smtp.attempts == 1
    assert not mail.over_tls


def test_nobody_listens_when_connections_are_refused(tmp_path: Path) -> None:
    with (
        running_smtp(tmp_path, SmtpMode.REFUSE_CONNECTION) as sink,
        pytest.raises(ConnectionRefusedError),
    ):
        send(sink)


@pytest.mark.parametrize(
    ("mode", "error", "code"),
    [
        (SmtpMode.TEMPORARY, smtplib.SMTPRecipientsRefused, b"450"),
        (SmtpMode.PERMANENT, smtplib.SMTPRecipientsRefused, b"550"),
        (SmtpMode.TEMPORARY_AT_DATA, smtplib.SMTPDataError, b"451"),
        (SmtpMode.PERMANENT_AT_DATA, smtplib.SMTPDataError, b"554"),
    ],
)
def test_refusals_keep_nothing(
    smtp: SmtpSink, mode: SmtpMode, error: type[Exception], code: bytes
) -> None:
    smtp.mode = mode
    with pytest.raises(error, match=code.decode()):
        send(smtp)
    assert smtp.mails == []


def test_a_hanging_server_answers_nothing(smtp: SmtpSink) -> None:
    smtp.mode = SmtpMode.HANG
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        send(smtp, timeout=0.3)
    assert smtp.mails == []


def test_a_dropped_conversation_leaves_the_mail_there(smtp: SmtpSink) -> None:
    smtp.mode = SmtpMode.DROP_AFTER_DATA
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(smtp)
    assert len(smtp.mails) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls_and_sign_in(tmp_path: Path, security: str) -> None:
    with running_smtp(tmp_path, security=security, login=("portal", "secret")) as sink:
        send(sink, security=security, login=("portal", "secret"), authority=sink.ca_file)
        assert sink.mails[0].over_tls
        assert sink.mails[0].username == "portal"
        with pytest.raises(smtplib.SMTPAuthenticationError):
            send(sink, security=security, login=("portal", "wrong"), authority=sink.ca_file)
        with pytest.raises(smtplib.SMTPSenderRefused, match="530"):
            send(sink, security=security, authority=sink.ca_file)
        with pytest.raises(ssl.SSLCertVerificationError):
            send(sink, security=security)  # as the world knows it
        assert len(sink.mails) == 1
