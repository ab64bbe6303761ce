"""Ids and secrets. Ids are ordered by time and may be seen; secrets are random and may not."""

from __future__ import annotations

import hashlib
import secrets
import uuid

import uuid_utils.compat


def new_id() -> uuid.UUID:
    """Return a UUIDv7: unique, and later ones sort after earlier ones."""
    return uuid_utils.compat.uuid7()


def parse_id(text: str) -> uuid.UUID | None:
    """Return the id written as `text`, or None when it is not an id in its usual form."""
    try:
        value = uuid.UUID(text)
    except ValueError:
        return None
    return value if str(value) == text else None


def new_token() -> str:
    """Return a secret of 256 random bits, safe in a link or a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return the SHA-256 hex digest under which a secret is stored and looked up."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
