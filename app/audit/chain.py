"""The arithmetic of the chain: how one event's hash follows from its text and the one before."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

GENESIS = "0" * 64
"""What stands before the first event."""


def event_hash(previous_hash: str, fields: Sequence[str | None]) -> str:
    """Return the SHA-256 hex digest of an event.

    Each field is preceded by its length, so that no two different events spell the same
    text; None is told apart from the empty text.
    """
    digest = hashlib.sha256(previous_hash.encode("ascii"))
    for field in fields:
        if field is None:
            digest.update(b"-;")
        else:
            data = field.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(data))
            digest.update(data)
            digest.update(b";")
    return digest.hexdigest()
