"""How large a request may be, for the application and for the server in front of it.

The application refuses by the announced length at once, and a body without a length as soon
as it passes the limit. waitress takes in a whole body before the application sees it, so it
has to know the limit itself.
"""

from __future__ import annotations

from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask
from waitress.utilities import RequestEntityTooLarge

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
    """Return what `waitress.serve` is told about bodies.

    Its limit lies above ours, so that a person who is a little over gets our page; what
    it holds beyond 512 kB lies in a temporary file.
    """
    return {
        "max_request_body_size": largest_request(settings) + _AROUND,
        "inbuf_overflow": 512 * 1024,
        "channel_timeout": 60,
    }


class SentenceTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """What waitress refuses by itself, said to a person: it never reaches our error pages."""

    def execute(self) -> None:
        """Write the answer and close: the rest of the body is not wanted."""
        if not isinstance(self.request.error, RequestEntityTooLarge):
            super().execute()
            return
        self.status = "413 Content Too Large"
        self.response_headers.extend(
            [
                ("Content-Type", "text/html; charset=utf-8"),
                ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "private, no-store"),
            ]
        )
        self.set_close_on_finish()
        self.content_length = len(_TOO_LARGE)
        self.write(_TOO_LARGE)


class SentenceChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection of waitress that refuses in sentences: `server.channel_class = …`."""

    error_task_class = SentenceTask


_TOO_LARGE = (
    b"<!doctype html><html lang=en><meta charset=utf-8><title>This is too large</title>"
    b"<h1>This is too large</h1><p>The file is larger than this portal takes. Go back, and send "
    b"a smaller file or split it into parts.</p></html>"
)
