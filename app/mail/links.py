"""Links in mails. They start with the configured base address and nothing else, ever."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from app.mail.setup import setup_of


def absolute(session: Session, path: str) -> str:
    """Return the full address of a path of the portal, such as `/account/set-password/…`.

    Built from the configured base address: what a request names as its host has no say.
    Raises ValueError when `path` is not a plain path.
    """
    return join(setup_of(session).base_url, path)


def join(base_url: str, path: str) -> str:
    """Return base address and path as one address. Raises ValueError for anything but a path."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or not _plain(path):
        raise ValueError("a link is made from a path that starts with one slash")
    return base_url.rstrip("/") + path


def starts_at(base_url: str, link: str) -> bool:
    """Return whether a link leads to the portal."""
    return link.startswith(base_url.rstrip("/") + "/") and _plain(link)


def host_of(base_url: str) -> str:
    """Return the host of the base address, without port: for Message-ID and greeting."""
    return urlsplit(base_url).hostname or "localhost"


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text
