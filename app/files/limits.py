"""How large a request may be, for the application and for the server in front of it.

The application refuses by the announced length at once, and a body without a length as soon
as it passes the limit. waitress takes in a whole body before the application sees it, so it
has to know the limit itself.
"""

from __future__ import annotations

from typing import Any

from app.files.services import MEGABYTE, rules_from
from config import Settings

FORM_BYTES = MEGABYTE
"""Fields of a form that are held in memory, and bodies that are no upload."""

_AROUND = MEGABYTE
"""Room for the boundaries and fields around the largest file."""


def largest_request(settings: Settings) -> int:
    """Return the largest body in bytes that any page takes: MAX_CONTENT_LENGTH."""
    return rules_from(settings).limit + _AROUND


def waitress_options(settings: Settings) -> dict[str, Any]:
    """Return what waitress is told about bodies.

    Its limit lies above ours, so that a person who is a little over gets our page; what
    it holds beyond 512 kB lies in a temporary file.
    """
    return {
        "max_request_body_size": largest_request(settings) + _AROUND,
        "inbuf_overflow": 512 * 1024,
        "channel_timeout": 60,
    }
