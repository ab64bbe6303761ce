"""A malware scanner on a real socket: speaks INSTREAM, finds EICAR, and can misbehave."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.unit.files.file_samples import EICAR


class FakeClamd:
    """The server as a test sees it. Set `mode` at any time; it holds for the next file."""

    def __init__(self, address: str) -> None:
        """Keep the address; nothing was scanned yet."""
        self.address = address
        self.mode = "work"
        self.received: list[bytes] = []


@contextmanager
def running_clamd(unix_path: Path | None = None) -> Iterator[FakeClamd]:
    """Yield a scanner on a free port of this machine, or on a socket file."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            scanner = fake
            if scanner.mode == "close":
                return
            assert self.rfile.read(10) == b"zINSTREAM\x00"
            data = b""
            while (length := struct.unpack("!L", self.rfile.read(4))[0]) > 0:
                data += self.rfile.read(length)
                if scanner.mode == "cut":
                    return
                if scanner.mode == "limit":
                    self.wfile.write(b"INSTREAM size limit exceeded. ERROR\x00")
                    return
            scanner.received.append(data)
            if scanner.mode == "hang":
                stopping.wait(10)
                return
            answers = {"nonsense": b"stream: maybe\x00", "flood": b"x" * 100_000, "empty": b"\x00"}
            if scanner.mode in answers:
                self.wfile.write(answers[scanner.mode])
                return
            found = b"stream: Win.Test.EICAR_HDB-1 FOUND\x00"
            self.wfile.write(found if EICAR in data else b"stream: OK\x00")

    stopping = threading.Event()
    kind: type[socketserver.BaseServer]
    kind = socketserver.ThreadingTCPServer if unix_path is None else (
        socketserver.ThreadingUnixStreamServer
    )  # fmt: skip
    place = ("127.0.0.1", 0) if unix_path is None else str(unix_path)
    server = kind(place, Handler)  # type: ignore[arg-type]  # each takes its own form of address
    host = f"127.0.0.1:{server.server_address[1]}" if unix_path is None else f"unix:{unix_path}"  # type: ignore[attr-defined]  # set by all socket servers
    fake = FakeClamd(host)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        stopping.set()
        server.shutdown()
        thread.join(5)
        server.server_close()
