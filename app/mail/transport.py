"""SMTP: one connection for each mail, verified TLS, and an honest word on how it went."""

from __future__ import annotations

import contextlib
import ipaddress
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

from app.mail.addresses import one_line
from app.mail.lifecycle import Fault
from app.mail.links import host_of
from config import Settings

_SAID_LENGTH = 300
_OK = range(200, 300)
_TEMPORARY = range(400, 500)
_GO_ON = 354
_GOODBYE_SECONDS = 2.0
_TALK_TIMEOUTS = 3
"""All steps before the last together may take this many times the timeout."""
_ANSWER_TIMEOUTS = 4
"""The last answer comes after the server looked the mail through: it gets more time, since
giving up on it means not to know."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a delivery went. `fault` is None when the mail was accepted or kept."""

    fault: Fault | None = None
    is_kept: bool = False
    code: int | None = None
    said: str = ""

    @classmethod
    def accepted(cls) -> Delivery:
        """The server took the mail."""
        return cls()

    @classmethod
    def kept(cls) -> Delivery:
        """There is no server; the mail lies in the data folder."""
        return cls(is_kept=True)


def longest_delivery(timeout_seconds: int) -> int:
    """Return the seconds that a delivery may take: for the lease of its job.

    A step may begin just before the end of the talk, and has several exchanges.
    """
    return timeout_seconds * (_TALK_TIMEOUTS + 5 + _ANSWER_TIMEOUTS) + 10


class Transport(Protocol):
    """A way out for a mail."""

    def deliver(self, message: EmailMessage, *, sender: str, recipient: str) -> Delivery:
        """Hand over one mail to one recipient; everything expected comes back as a Delivery."""


class _NotDelivered(Exception):
    """Ends a conversation with the server, with what to report."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(delivery)
        self.delivery = delivery


class SmtpTransport:
    """Delivers to the SMTP server of the settings."""

    def __init__(self, settings: Settings) -> None:
        """Keep the settings; nothing is connected."""
        self._settings = settings

    def deliver(self, message: EmailMessage, *, sender: str, recipient: str) -> Delivery:
        """Hand over one mail. Never sends it, or the password, over a connection in the clear
        unless the settings say so for a server on this machine."""
        data = message.as_bytes()
        smtp: smtplib.SMTP | None = None
        end_of_talk = time.monotonic() + self._settings.smtp_timeout_seconds * _TALK_TIMEOUTS
        steps: list[Callable[[smtplib.SMTP], None]] = [
            self._secure,
            self._sign_in,
            lambda smtp: _envelope(smtp, sender, recipient),
            lambda smtp: self._hand_over(smtp, data),
        ]
        try:
            smtp = self._connect()
            for step in steps:
                if time.monotonic() > end_of_talk:
                    raise _NotDelivered(Delivery(Fault.UNREACHABLE, said="it is too slow"))
                step(smtp)
        except _NotDelivered as end:
            return end.delivery
        finally:
            if smtp is not None:
                _hang_up(smtp)
        return Delivery.accepted()

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        greeting = _greeting_name(host_of(settings.base_url))
        with _faults():
            if settings.smtp_security == "tls":
                return smtplib.SMTP_SSL(
                    settings.smtp_host,
                    settings.smtp_port,
                    local_hostname=greeting,
                    timeout=settings.smtp_timeout_seconds,
                    context=ssl.create_default_context(),
                )
            return smtplib.SMTP(
                settings.smtp_host,
                settings.smtp_port,
                local_hostname=greeting,
                timeout=settings.smtp_timeout_seconds,
            )

    def _secure(self, smtp: smtplib.SMTP) -> None:
        with _faults():
            smtp.ehlo_or_helo_if_needed()
            if self._settings.smtp_security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        if self._settings.smtp_username:
            with _faults():
                smtp.login(self._settings.smtp_username, self._settings.smtp_password)

    def _hand_over(self, smtp: smtplib.SMTP, data: bytes) -> None:
        with _faults():
            code, said = smtp.docmd("DATA")
            if code != _GO_ON:
                raise _refusal(code, said, Fault.REFUSED)
            # Whole lines, dots doubled, one dot alone as the end: RFC 5321, 4.5.2.
            body = b"\r\n".join(
                b"." + line if line.startswith(b".") else line for line in data.splitlines()
            )
            smtp.send(body + b"\r\n.\r\n")
        # From here on the server has everything. Silence may mean yes.
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(self._settings.smtp_timeout_seconds * _ANSWER_TIMEOUTS)
            reply = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise _NotDelivered(Delivery(Fault.UNCONFIRMED, said=_short(error))) from error
        if reply[0] < 200:
            raise _NotDelivered(Delivery(Fault.UNCONFIRMED, said=_text(reply[1])))
        _expect(reply, Fault.REFUSED)


def _envelope(smtp: smtplib.SMTP, sender: str, recipient: str) -> None:
    with _faults():
        _expect(smtp.mail(sender), Fault.SETUP)
        _expect(smtp.rcpt(recipient), Fault.REFUSED)


def _expect(reply: tuple[int, bytes], refused: Fault) -> None:
    code, said = reply
    if code not in _OK:
        raise _refusal(code, said, refused)


def _refusal(code: int, said: bytes | str, refused: Fault) -> _NotDelivered:
    """Return what a reply that is no yes means: 4xx later, 5xx as `refused`, nonsense later."""
    if code in _TEMPORARY:
        return _NotDelivered(Delivery(Fault.DEFERRED, code=code, said=_text(said)))
    if code in range(500, 600):
        return _NotDelivered(Delivery(refused, code=code, said=_text(said)))
    return _NotDelivered(Delivery(Fault.UNREACHABLE, said=_text(said)))


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    """Turn what the connection may raise into what to report."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        said = f"its certificate does not hold: {error.verify_message}"
        raise _NotDelivered(Delivery(Fault.SETUP, said=_text(said))) from error
    except smtplib.SMTPResponseException as error:
        # Sign-in and STARTTLS: what is wrong with them is ours to set right.
        raise _refusal(error.smtp_code, error.smtp_error, Fault.SETUP) from error
    except smtplib.SMTPServerDisconnected as error:
        raise _NotDelivered(Delivery(Fault.UNREACHABLE, said=_short(error))) from error
    except smtplib.SMTPException as error:
        raise _NotDelivered(Delivery(Fault.SETUP, said=_short(error))) from error
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
        raise _NotDelivered(Delivery(Fault.UNREACHABLE, said=_short(error))) from error
    except ssl.SSLError as error:
        said = f"no encrypted connection came about: {error.reason or 'unknown reason'}"
        raise _NotDelivered(Delivery(Fault.SETUP, said=_text(said))) from error
    except OSError as error:
        raise _NotDelivered(Delivery(Fault.UNREACHABLE, said=_short(error))) from error


def _hang_up(smtp: smtplib.SMTP) -> None:
    """Say goodbye if the connection still stands; what comes back matters no more."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        if smtp.sock is not None:
            smtp.sock.settimeout(_GOODBYE_SECONDS)
            smtp.quit()
    with contextlib.suppress(OSError):
        smtp.close()


def _greeting_name(host: str) -> str:
    """Return our name for EHLO: the portal's own host, and never the inside name of the machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"


def _short(error: Exception) -> str:
    """Return the reason of a broken connection in words, without our own addresses."""
    reason = error.__cause__ or error.__context__ or error
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return _text(reason.strerror)
    return _text(str(error))


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return one_line(text)[:_SAID_LENGTH]
