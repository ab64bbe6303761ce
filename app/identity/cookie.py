"""What the signed cookie holds of us: one random secret under `sid`, and no word on who it is."""

from __future__ import annotations

from flask import request, session

from app.identity.devices import device_of
from app.identity.sessions import Client
from app.web.request import client_address

_KEY = "sid"
_PREFERENCES = ("theme", "locale")


def secret() -> str | None:
    """Return the secret of the session that the browser shows, None for none."""
    value = session.get(_KEY)
    return value if isinstance(value, str) else None


def enter(token: str) -> None:
    """Begin a session: whatever the browser brought along is dropped, but how it reads pages."""
    _forget()
    session[_KEY] = token


def renew(token: str) -> None:
    """Take the new secret of the session at hand."""
    session[_KEY] = token


def leave() -> None:
    """Forget the session."""
    _forget()


def client() -> Client:
    """Return where this request comes from."""
    return Client(client_address(), device_of(request.user_agent.string))


def _forget() -> None:
    kept = {name: session[name] for name in _PREFERENCES if name in session}
    session.clear()
    session.update(kept)
