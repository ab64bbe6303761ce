"""Asks clamd about a file (its INSTREAM command). No answer is never taken for a good one."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterable
from contextlib import closing

from app.kernel.errors import Unavailable

_CHUNK = 64 * 1024
_MAX_REPLY = 4_096
_CONNECT_SECONDS = 5.0


class ScannerUnavailable(Unavailable):
    """The scanner did not answer, or not in a way that says clean or found."""

    code = "scanner_unavailable"


class Scanner:
    """A clamd at `host:port`, `[ipv6]:port` or `unix:/path`; one connection per file."""

    def __init__(self, address: str, *, timeout: float = 120.0) -> None:
        """Keep the address; `timeout` in seconds covers one whole file.

        Raises ValueError for an address of another form.
        """
        self._timeout = timeout
        self._path: str | None = None
        self._host, self._port = "", 0
        if address.startswith(("unix:", "/")):
            self._path = address.removeprefix("unix:")
            return
        host, colon, port = address.rpartition(":")
        if not colon or not host or not port.isdigit():
            raise ValueError("the address of the malware scanner must be host:port or unix:/path")
        self._host, self._port = host.strip("[]"), int(port)

    def scan(self, chunks: Iterable[bytes]) -> str | None:
        """Return the name of what was found in the bytes, or None when they are clean.

        Raises ScannerUnavailable for anything but a clear answer.
        """
        deadline = time.monotonic() + self._timeout
        try:
            with closing(self._connect()) as connection:
                reply = self._ask(connection, chunks, deadline)
        except OSError as error:
            raise _unavailable() from error
        text = reply.rstrip("\x00\n ").removeprefix("stream: ")
        if text == "OK":
            return None
        if text.endswith(" FOUND"):
            return text.removesuffix(" FOUND")[:200] or "unnamed"
        raise _unavailable() from ValueError(f"the scanner answered {text[:100]!r}")

    def _ask(self, connection: socket.socket, chunks: Iterable[bytes], deadline: float) -> str:
        def send(data: bytes) -> None:
            connection.settimeout(_left(deadline))
            connection.sendall(data)

        send(b"zINSTREAM\x00")
        for chunk in chunks:
            for start in range(0, len(chunk), _CHUNK):
                piece = chunk[start : start + _CHUNK]
                send(struct.pack("!L", len(piece)) + piece)
        send(struct.pack("!L", 0))
        reply = b""
        while not reply.endswith((b"\x00", b"\n")):
            connection.settimeout(_left(deadline))
            part = connection.recv(_MAX_REPLY)
            reply += part
            if not part or len(reply) > _MAX_REPLY:
                break
        return reply.decode("utf-8", "replace")

    def _connect(self) -> socket.socket:
        if self._path is None:
            return socket.create_connection((self._host, self._port), timeout=_CONNECT_SECONDS)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(_CONNECT_SECONDS)
            connection.connect(self._path)
        except BaseException:
            connection.close()
            raise
        return connection


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the scanner took too long")
    return left


def _unavailable() -> ScannerUnavailable:
    return ScannerUnavailable(
        "The malware scanner does not answer, so this file is not released yet. It is tried "
        "again by itself."
    )
