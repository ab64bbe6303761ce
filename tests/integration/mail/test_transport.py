"""What a delivery reports against a real SMTP server, well-behaved or not (F6, V12.3)."""

from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from app.mail.lifecycle import Fault
from app.mail.transport import Delivery, SmtpTransport
from config import Environment, Settings
from tests.support.smtp import SmtpMode, SmtpSink, running_smtp

SENDER, RECIPIENT = "assess@halden.example", "jana@northwind.example"


def _settings(port: int, **values: object) -> Settings:
    return Settings(environment=Environment.TEST).with_values(
        **{
            "base_url": "https://assess.example.org",
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_security": "none",
            "smtp_timeout_seconds": 2,
            **values,
        }
    )


def _mail(body: str = "Hello\n") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = SENDER
    message["To"] = RECIPIENT
    message["Message-ID"] = f"<{uuid.uuid4()}@assess.example.org>"
    message.set_content(body, cte="quoted-printable")
    return message


def _deliver(sink: SmtpSink, body: str = "Hello\n", **values: object) -> Delivery:
    transport = SmtpTransport(_settings(sink.port, **values))
    return transport.deliver(_mail(body), sender=SENDER, recipient=RECIPIENT)


def test_an_accepted_mail_arrives_as_it_was_written(tmp_path: Path) -> None:
    body = "First\n.\n..dots\nQUIT\nLast – end\n"
    with running_smtp(tmp_path) as sink:
        assert _deliver(sink, body) == Delivery.accepted()
    (mail,) = sink.mails
    assert (mail.sender, mail.recipients) == (SENDER, [RECIPIENT])
    assert mail.part("plain").splitlines() == body.splitlines()


@pytest.mark.parametrize(
    ("mode", "fault", "code"),
    [
        (SmtpMode.REFUSE_CONNECTION, Fault.UNREACHABLE, None),
        (SmtpMode.TEMPORARY, Fault.DEFERRED, 450),
        (SmtpMode.TEMPORARY_AT_DATA, Fault.DEFERRED, 451),
        (SmtpMode.PERMANENT, Fault.REFUSED, 550),
        (SmtpMode.PERMANENT_AT_DATA, Fault.REFUSED, 554),
        (SmtpMode.HANG, Fault.UNREACHABLE, None),
        (SmtpMode.DROP_AFTER_DATA, Fault.UNCONFIRMED, None),
    ],
)
def test_f6_each_misbehaviour_has_its_name(
    tmp_path: Path, mode: SmtpMode, fault: Fault, code: int | None
) -> None:
    with running_smtp(tmp_path, mode) as sink:
        delivery = _deliver(sink, smtp_timeout_seconds=1)
    assert (delivery.fault, delivery.code) == (fault, code)
    assert delivery.said
    assert not delivery.is_kept


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_v12_3_2_a_certificate_that_nobody_vouches_for_is_refused(
    tmp_path: Path, security: str
) -> None:
    with running_smtp(tmp_path, security=security) as sink:
        delivery = _deliver(sink, smtp_security=security)
    assert delivery.fault is Fault.SETUP
    assert "certificate" in delivery.said
    assert sink.mails == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_v12_3_1_with_a_trusted_certificate_the_mail_goes_encrypted(
    tmp_path: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_smtp(tmp_path, security=security) as sink:
        monkeypatch.setenv("SSL_CERT_FILE", str(sink.ca_file))
        assert _deliver(sink, smtp_security=security) == Delivery.accepted()
    assert [mail.over_tls for mail in sink.mails] == [True]


def test_v12_3_1_a_server_without_starttls_gets_nothing_in_clear(tmp_path: Path) -> None:
    with running_smtp(tmp_path) as sink:
        delivery = _deliver(sink, smtp_security="starttls")
    assert delivery.fault is Fault.SETUP
    assert sink.mails == []


def test_tls_spoken_to_a_plain_port_is_a_matter_of_setup_and_leaks_nothing(tmp_path: Path) -> None:
    with running_smtp(tmp_path) as sink:
        delivery = _deliver(sink, smtp_security="tls")
    assert delivery.fault is Fault.SETUP
    assert sink.mails == []


def test_the_account_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_smtp(tmp_path, security="starttls", login=("assay", "right")) as sink:
        monkeypatch.setenv("SSL_CERT_FILE", str(sink.ca_file))
        delivery = _deliver(
            sink, smtp_security="starttls", smtp_username="assay", smtp_password="right"
        )
    assert delivery == Delivery.accepted()
    assert [mail.username for mail in sink.mails] == ["assay"]


def test_a_wrong_password_is_a_matter_of_setup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_smtp(tmp_path, security="starttls", login=("assay", "right")) as sink:
        monkeypatch.setenv("SSL_CERT_FILE", str(sink.ca_file))
        delivery = _deliver(
            sink, smtp_security="starttls", smtp_username="assay", smtp_password="wrong"
        )
    assert (delivery.fault, delivery.code) == (Fault.SETUP, 535)
    assert "wrong" not in delivery.said
    assert sink.mails == []


def test_a_server_that_wants_an_account_says_so(tmp_path: Path) -> None:
    with running_smtp(tmp_path, login=("assay", "right")) as sink:
        delivery = _deliver(sink)
    assert (delivery.fault, delivery.code) == (Fault.SETUP, 530)


def test_a_name_that_does_not_resolve_is_tried_again() -> None:
    transport = SmtpTransport(_settings(25, smtp_host="mail.invalid", smtp_security="starttls"))
    delivery = transport.deliver(_mail(), sender=SENDER, recipient=RECIPIENT)
    assert delivery.fault is Fault.UNREACHABLE


@contextmanager
def _talker(script: list[bytes]) -> Iterator[int]:
    """Yield the port of a server that answers line by line from a script, then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        connection, _address = listener.accept()
        with connection, connection.makefile("rb") as lines:
            for answer in script:
                connection.sendall(answer)
                if not lines.readline():
                    return

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    with listener:
        yield listener.getsockname()[1]
    thread.join(timeout=10)


@pytest.mark.parametrize(
    ("script", "fault", "code"),
    [
        ([b"554 go away\r\n"], Fault.SETUP, 554),
        ([b"421 busy\r\n"], Fault.DEFERRED, 421),
        ([b"HTTP/1.1 400 Bad Request\r\n"], Fault.UNREACHABLE, None),
        ([b"220 hi\r\n"], Fault.UNREACHABLE, None),
        ([b"220 hi\r\n", b"250 x\r\n", b"550 sender unknown\r\n"], Fault.SETUP, 550),
        ([b"220 hi\r\n", b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n"], Fault.UNREACHABLE, None),
        (
            [b"220 hi\r\n", b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n", b"452 full\r\n"],
            Fault.DEFERRED,
            452,
        ),
        (
            [b"220 hi\r\n", b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n", b"554 no\r\n"],
            Fault.REFUSED,
            554,
        ),
    ],
)
def test_every_step_of_the_talk_may_end_it(
    script: list[bytes], fault: Fault, code: int | None
) -> None:
    with _talker(script) as port:
        delivery = SmtpTransport(_settings(port)).deliver(
            _mail(), sender=SENDER, recipient=RECIPIENT
        )
    assert (delivery.fault, delivery.code) == (fault, code)


def test_what_a_server_says_is_kept_short_and_on_one_line() -> None:
    said = b"550-\x1b[2J" + b"x" * 400 + b"\r\n550 second\xff\r\n"
    script = [b"220 hi\r\n", b"250 x\r\n", b"250 ok\r\n", said]
    with _talker(script) as port:
        delivery = SmtpTransport(_settings(port)).deliver(
            _mail(), sender=SENDER, recipient=RECIPIENT
        )
    assert delivery.fault is Fault.REFUSED
    assert delivery.said.isprintable()
    assert len(delivery.said) <= 300


def test_the_greeting_names_the_portal_and_not_the_machine() -> None:
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        connection, _address = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 hi\r\n")
            heard.append(lines.readline())

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    with listener:
        SmtpTransport(_settings(listener.getsockname()[1])).deliver(
            _mail(), sender=SENDER, recipient=RECIPIENT
        )
    thread.join(timeout=10)
    assert heard == [b"ehlo assess.example.org\r\n"]
