"""A real SMTP server that takes mail, or misbehaves in the ways that real servers do."""

from __future__ import annotations

import asyncio
import datetime as dt
import email
import email.policy
import enum
import ipaddress
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

T = TypeVar("T")


class SmtpMode(enum.Enum):
    """What the server does with a mail."""

    ACCEPT = "takes it"
    REFUSE_CONNECTION = "nobody listens on the port"
    TEMPORARY = "450 for the recipient"
    TEMPORARY_AT_DATA = "451 after the text"
    PERMANENT = "550 for the recipient"
    PERMANENT_AT_DATA = "554 after the text"
    HANG = "never answers the greeting"
    DROP_AFTER_DATA = "has the mail and hangs up without a word"


_ANSWER_TO_RCPT = {
    SmtpMode.TEMPORARY: "450 4.2.1 The mailbox is busy",
    SmtpMode.PERMANENT: "550 5.1.1 No such user here",
}
_ANSWER_TO_DATA = {
    SmtpMode.TEMPORARY_AT_DATA: "451 4.3.0 Try again later",
    SmtpMode.PERMANENT_AT_DATA: "554 5.7.1 Refused as spam",
}


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One mail as the server got it."""

    sender: str
    recipients: list[str]
    content: bytes
    over_tls: bool
    username: str | None

    @property
    def message(self) -> EmailMessage:
        """Return the parsed mail."""
        message = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    def part(self, subtype: str) -> str:
        """Return the text of the plain or html part; fails when there is none."""
        body = self.message.get_body(preferencelist=(subtype,))
        assert body is not None, f"the mail has no {subtype} part"
        return str(body.get_content())


@dataclass
class SmtpSink:
    """The server as a test sees it. Set `mode` at any time; it holds for the next mail."""

    host: str
    port: int
    ca_file: Path
    """The authority that signed the server's certificate; for SSL_CERT_FILE."""
    mode: SmtpMode = SmtpMode.ACCEPT
    mails: list[ReceivedMail] = field(default_factory=list)
    attempts: int = 0
    """Conversations begun, whatever became of them."""

    def mails_to(self, address: str) -> list[ReceivedMail]:
        """Return the mails to one recipient, oldest first."""
        return [mail for mail in self.mails if address in mail.recipients]


class _Handler:
    """Answers aiosmtpd's questions as the sink's mode says."""

    def __init__(self, sink: SmtpSink, *, asks_login: bool) -> None:
        self._sink = sink
        self._asks_login = asks_login

    async def handle_EHLO(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, name: str, answers: list[str]
    ) -> list[str]:
        self._sink.attempts += 1
        if self._sink.mode is SmtpMode.HANG:
            await asyncio.get_running_loop().create_future()
        session.host_name = name
        return answers

    async def handle_MAIL(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._asks_login and not session.authenticated:
            return "530 5.7.0 Sign in first"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = _ANSWER_TO_RCPT.get(self._sink.mode)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if answer := _ANSWER_TO_DATA.get(self._sink.mode):
            return answer
        assert isinstance(envelope.content, bytes)
        login = session.auth_data
        self._sink.mails.append(
            ReceivedMail(
                sender=envelope.mail_from or "",
                recipients=list(envelope.rcpt_tos),
                content=envelope.content,
                over_tls=server.transport.get_extra_info("ssl_object") is not None,
                username=login.login.decode() if isinstance(login, LoginPassword) else None,
            )
        )
        if self._sink.mode is SmtpMode.DROP_AFTER_DATA:
            server.transport.abort()
        return "250 OK"


class _Loop:
    """The server's event loop in a thread of its own."""

    def __init__(self, make: Callable[[asyncio.AbstractEventLoop], SMTP]) -> None:
        self._make = make
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp", daemon=True)
        self._server: asyncio.Server | None = None

    def start(self, host: str, context: ssl.SSLContext | None) -> int:
        """Listen on a free port and return it."""
        self._thread.start()
        server = self._run(
            self._loop.create_server(lambda: self._make(self._loop), host, 0, ssl=context)
        )
        self._server = server
        return int(server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Close the port and every conversation."""
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


@contextmanager
def running_smtp(
    folder: Path,
    mode: SmtpMode = SmtpMode.ACCEPT,
    *,
    security: str = "none",
    login: tuple[str, str] | None = None,
) -> Iterator[SmtpSink]:
    """Yield a server on a free port of this machine.

    `folder` takes its certificate; `security` is none, starttls or tls, as in the settings;
    `login` (name, password) makes it ask for them.
    """
    sink = SmtpSink("127.0.0.1", 0, folder / "authority.pem", mode)
    context = _certificate(folder) if security != "none" else None

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and login is not None
        right = right and (data.login.decode(), data.password.decode()) == login
        return AuthResult(success=right, handled=False, auth_data=data)

    def make(loop: asyncio.AbstractEventLoop) -> SMTP:
        return SMTP(
            _Handler(sink, asks_login=login is not None),
            hostname="smtp.test.example",
            loop=loop,
            authenticator=check,
            # Over a socket that is TLS from its first byte this library sees none.
            auth_require_tls=security == "starttls",
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
        )

    server = _Loop(make)
    sink.port = server.start(sink.host, context if security == "tls" else None)
    if mode is SmtpMode.REFUSE_CONNECTION:
        server.stop()
        yield sink
        return
    try:
        yield sink
    finally:
        server.stop()


def _certificate(folder: Path) -> ssl.SSLContext:
    """Make an authority and a certificate for this machine; return the server's TLS side."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Assay test authority")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "authority.pem", folder / "key.pem")
    return context
