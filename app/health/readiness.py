"""Whether the portal can do its work now: each part is tried, and named when it cannot."""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.db.engine import Database
from app.db.schema import current_revision, pinned_head
from app.db.unit_of_work import unit_of_work
from app.files.storage import Storage
from app.kernel.errors import DomainError
from app.outbox.queries import workers_alive

log = structlog.get_logger()

REMEMBERED_SECONDS = 2.0
"""Anybody may ask, so a look is kept for a moment: asking often costs the portal nothing."""


class PartState(enum.StrEnum):
    """How a part of the portal is."""

    OK = "ok"
    AWAY = "away"
    OLD = "old"
    SILENT = "silent"
    STOPPING = "stopping"


NEEDED = ("process", "database", "schema", "files")
"""Without these no page can be answered. Without a worker pages work and mails wait."""


class Readiness:
    """Looks at the parts of one portal process, at most every two seconds."""

    def __init__(
        self,
        database: Database,
        storage: Callable[[], Storage],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep what will be looked at; `monotonic` counts seconds."""
        self._database = database
        self._storage = storage
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._seen: dict[str, PartState] = {}
        self._seen_at: float | None = None
        self._stopping = False

    def stop(self) -> None:
        """Say from now on that this process is not ready: it finishes and ends."""
        self._stopping = True

    def look(self) -> dict[str, PartState]:
        """Return how each part is."""
        with self._lock:
            now = self._monotonic()
            if self._seen_at is None or now - self._seen_at >= REMEMBERED_SECONDS:
                self._seen, self._seen_at = self._look(), now
            parts = dict(self._seen)
        parts["process"] = PartState.STOPPING if self._stopping else PartState.OK
        return parts

    def _look(self) -> dict[str, PartState]:
        parts = dict.fromkeys(("database", "schema", "worker"), PartState.AWAY)
        parts["files"] = self._files()
        try:
            current = current_revision(self._database)
            parts["database"] = PartState.OK
            parts["schema"] = PartState.OK if current == pinned_head() else PartState.OLD
            if parts["schema"] is PartState.OK:
                with unit_of_work(self._database, write=False) as session:
                    is_alive = workers_alive(session) > 0
                parts["worker"] = PartState.OK if is_alive else PartState.SILENT
        except (SQLAlchemyError, DomainError, OSError) as error:
            log.warning("health.database_away", kind=type(error).__name__)
        return parts

    def _files(self) -> PartState:
        try:
            self._storage().check()
        except (DomainError, OSError) as error:
            log.warning("health.files_away", kind=type(error).__name__)
            return PartState.AWAY
        return PartState.OK


def is_ready(parts: dict[str, PartState]) -> bool:
    """Return whether pages can be answered."""
    return all(parts[name] is PartState.OK for name in NEEDED)
