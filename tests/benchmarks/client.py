"""A browser that does nothing but ask and wait: little of its own time is in the figures."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 120


class BenchError(Exception):
    """The measuring itself did not work; the message says why."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, and the status that a good answer has."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    status: int = 200

    @property
    def body(self) -> bytes:
        """Return the form as it is sent."""
        return b"" if self.form is None else urlencode(self.form).encode("ascii")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how many seconds passed until all of it was there."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


class Connection:
    """One connection that is kept open between requests."""

    def __init__(self, url: str) -> None:
        """Connect to the server of an address."""
        address = urlsplit(url)
        assert address.hostname is not None
        assert address.port is not None
        self._host = f"{address.hostname}:{address.port}"
        self._socket = socket.create_connection((address.hostname, address.port), TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader: BinaryIO = self._socket.makefile("rb")

    def __enter__(self) -> Connection:
        """Use the connection."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._reader.close()
        self._socket.close()

    def ask(self, ask: Ask) -> Answer:
        """Send a request and return the answer; raise BenchError for another status."""
        lines = [f"{ask.method} {ask.path} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in ask.headers.items()]
        if ask.form is not None:
            lines.append("Content-Type: application/x-www-form-urlencoded")
            lines.append(f"Content-Length: {len(ask.body)}")
        data = "\r\n".join([*lines, "", ""]).encode("latin-1") + ask.body
        began = time.perf_counter()
        self._socket.sendall(data)
        answer = self._read(began)
        if answer.status != ask.status:
            words = answer.body[:2000].decode("utf-8", "replace")
            raise BenchError(
                f"{ask.method} {ask.path}: {answer.status} instead of {ask.status}\n{words}"
            )
        return answer

    def _read(self, began: float) -> Answer:
        head = self._reader.readline()
        if not head:
            raise BenchError("the server closed the connection")
        headers = {}
        while (line := self._reader.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join(iter(self._chunk, b""))
        else:
            body = self._reader.read(int(headers.get("content-length", "0")))
        return Answer(int(head.split()[1]), headers, body, time.perf_counter() - began)

    def _chunk(self) -> bytes:
        size = int(self._reader.readline(), 16)
        data = self._reader.read(size)
        self._reader.readline()
        return data
