"""A worker process beside the pages: started again when it dies, gone when they are gone."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time

import structlog

from app.commands.children import arguments, environment

log = structlog.get_logger()

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_STEADY_SECONDS = 60.0
_GRACE_SECONDS = 25.0


class WorkerBeside:
    """Keeps one worker process alive while the block lasts."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._watch = threading.Thread(target=self._keep_alive, name="worker-watch", daemon=True)

    def __enter__(self) -> WorkerBeside:
        """Start the worker."""
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the worker finish the jobs at hand; end it when that takes too long."""
        with self._lock:
            self._stop.set()
            child = self._child
        if child is not None:
            _ask_to_stop(child)
            try:
                child.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                # Its jobs are taken over when their leases end.
                log.warning("worker.killed", pid=child.pid)
                child.kill()
                child.wait()
        self._watch.join()

    def _keep_alive(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            with self._lock:
                if self._stop.is_set():
                    return
                child = self._child = _start()
            began = time.monotonic()
            code = child.wait()
            if self._stop.is_set():
                return
            if time.monotonic() - began > _STEADY_SECONDS:
                pause = _FIRST_PAUSE
            log.error("worker.died", pid=child.pid, code=code, again_in_seconds=pause)
            _ask_to_stop(child)
            self._stop.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


def _start() -> subprocess.Popen[bytes]:
    # The pipe is never written to. Its end is how the worker learns that we are gone, also
    # by kill -9, on every system, and without mistaking a reused process id for us.
    return subprocess.Popen(arguments("worker-beside"), stdin=subprocess.PIPE, env=environment())


def _ask_to_stop(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        with contextlib.suppress(OSError):
            child.stdin.close()


def until_parent_is_gone(stop: threading.Event) -> None:
    """Wait until the input ends, then set `stop`."""
    # Not sys.stdin: its lock would be held when the interpreter ends.
    while os.read(0, 1):
        pass
    stop.set()
