"""What the services of this package are given once at start and find on their session."""

from __future__ import annotations

import datetime as dt
import hmac
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.identity.passwords import Passwords
from app.kernel import clock
from app.kernel.sealing import Sealer

PRODUCT = "Assay"
_KEY = "identity_setup"


@dataclass(frozen=True, slots=True)
class IdentitySetup:
    """Settings in the shape that the rules use, and the keepers of secrets."""

    passwords: Passwords
    sealer: Sealer
    digest_key: str
    organisation: str
    default_locale: str
    zone: zoneinfo.ZoneInfo
    session_idle: dt.timedelta
    session_length: dt.timedelta
    require_totp: bool

    def today(self) -> dt.date:
        """Return the present date in the zone in which dates end."""
        return clock.today(self.zone)

    def digest(self, purpose: str, text: str) -> str:
        """Return a keyed digest: equal for equal texts, and not to be guessed back from a list."""
        message = f"{purpose}\x00{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.digest_key.encode(), message, "sha256").hex()


def installer(setup: IdentitySetup) -> Callable[[Session], None]:
    """Return the hook for `database.on_session` that puts the setup on each session."""

    def install(session: Session) -> None:
        session.info[_KEY] = setup

    return install


def setup_of(session: Session) -> IdentitySetup:
    """Return the setup of a session. Raises LookupError when identity was not wired."""
    setup = session.info.get(_KEY)
    if not isinstance(setup, IdentitySetup):
        raise LookupError("identity is not wired: call app.identity.wiring.init_app first")
    return setup
