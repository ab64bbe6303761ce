"""The portal behind a real server on a free port, for browsers and other programs."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import waitress.server
from waitress import wasyncore

from app.web.application import Application


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A portal that answers at `url`; `app` is the application behind it."""

    url: str
    app: Application


@contextmanager
def live_server(make_app: Callable[[str], Application]) -> Iterator[LiveServer]:
    """Yield a server; `make_app` gets the base address, which must be known before the app is."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = make_app(url)
    connections: dict[int, object] = {}
    server = waitress.server.create_server(
        app, map=connections, sockets=[listener], threads=4, clear_untrusted_proxy_headers=True
    )
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=0.05, map=connections, count=1)

    thread = threading.Thread(target=serve, name="live-server", daemon=True)
    thread.start()
    try:
        yield LiveServer(url, app)
    finally:
        stopping.set()
        thread.join(10)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(connections)
        listener.close()
