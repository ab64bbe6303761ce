"""Waitress with what it lacks: an end that lets requests finish, and refusals in plain words."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask

from app.files.limits import waitress_options
from app.web.application import Application

THREADS = 8
GRACE_SECONDS = 20.0
"""Requests at hand get so long to finish when the portal stops."""

_QUIET_TURNS = 5
"""What was sent just before the end may not have been read yet: so often nothing must come."""

_WORDS = {
    413: (
        "This is too large",
        "The file is larger than this portal takes. Go back, and send a smaller file or split it "
        "into parts.",
    ),
    431: (
        "This address is too long",
        "The address or the cookies of this request are too long. Go back and try again.",
    ),
    500: (
        "Something went wrong on our side",
        "What you had saved before is safe. Go back and try again.",
    ),
}
_UNREADABLE = ("We could not read this request", "Go back, reload the page and send it again.")
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    "<body><h1>{title}</h1><p>{sentence}</p></body></html>\n"
)


class _PlainRefusal(ErrorTask):  # type: ignore[misc]  # no types upstream
    """Answers what never reaches the application."""

    def execute(self) -> None:
        error = self.request.error
        title, sentence = _WORDS.get(error.code, _UNREADABLE)
        body = _PAGE.format(title=title, sentence=sentence).encode("utf-8")
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class PortalChannel(HTTPChannel):  # type: ignore[misc]  # no types upstream
    """A connection that refuses in sentences and knows whether it is at work."""

    error_task_class = _PlainRefusal

    @property
    def is_at_work(self) -> bool:
        """Return whether a request is being read, answered or sent."""
        return bool(self.requests or self.request or self.total_outbufs_len)


class PortalServer:
    """Serves an application on a listening socket until it is told to stop."""

    def __init__(self, app: Application, listener: socket.socket) -> None:
        """Take the socket; nothing is answered before `run`."""
        self._channels: dict[int, Any] = {}
        self._server: Any = create_server(
            app,
            map=self._channels,
            sockets=[listener],
            threads=THREADS,
            ident=None,
            max_request_header_size=64 * 1024,
            **waitress_options(app.settings),
            cleanup_interval=10,
            connection_limit=200,
            expose_tracebacks=False,
            clear_untrusted_proxy_headers=not app.settings.proxy_count,
        )
        self._server.channel_class = PortalChannel

    def wake(self) -> None:
        """Let `run` look at once whether it should stop; safe in a signal handler."""
        self._server.pull_trigger()

    def run(self, stop: threading.Event, *, on_stop: Callable[[], None]) -> None:
        """Answer requests until `stop` is set; then let those at hand finish and return."""
        while not stop.is_set():
            self._turn(1.0)
        on_stop()
        deadline = time.monotonic() + GRACE_SECONDS
        while self._has_callers_waiting() and time.monotonic() < deadline:
            self._turn(0)
        # Closes the listening socket only; the base class would take the rest along.
        wasyncore.dispatcher.close(self._server)
        quiet = 0
        while quiet < _QUIET_TURNS and time.monotonic() < deadline:
            self._turn(0.05)
            quiet = 0 if self._is_at_work() else quiet + 1
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._channels)

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, map=self._channels, count=1, use_poll=True)

    def _has_callers_waiting(self) -> bool:
        """Return whether somebody has connected whom nobody has answered yet."""
        return bool(select.select([self._server.socket], [], [], 0)[0])

    def _is_at_work(self) -> bool:
        return any(channel.is_at_work for channel in self._server.active_channels.values())
