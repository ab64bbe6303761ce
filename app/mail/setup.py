"""What mail services need to know and a session brings along: topics, keys, base address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.kernel.sealing import Sealer
from app.mail.topics import MailTopics

_KEY = "mail_setup"


@dataclass(frozen=True, slots=True)
class MailSetup:
    """Given once at start; services find it on their session."""

    topics: MailTopics
    sealer: Sealer
    base_url: str
    default_locale: str


def installer(setup: MailSetup) -> Callable[[Session], None]:
    """Return the hook for `database.on_session` that puts the setup on each session."""

    def install(session: Session) -> None:
        session.info[_KEY] = setup

    return install


def setup_of(session: Session) -> MailSetup:
    """Return the setup of a session. Raises LookupError when mail was not wired."""
    setup = session.info.get(_KEY)
    if not isinstance(setup, MailSetup):
        raise LookupError("mail is not wired: call app.mail.wiring.init_app first")
    return setup
