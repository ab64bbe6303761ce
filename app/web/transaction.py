"""One transaction per request: opened when first needed, ended before the answer leaves."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType

from flask import request
from sqlalchemy.orm import Session

from app.db.engine import Database
from app.db.unit_of_work import unit_of_work

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class RequestTransaction:
    """Opens the unit of work of a request on first use: reading for GET, else writing."""

    def __init__(self, database: Database) -> None:
        """Keep the database; nothing is opened yet."""
        self._database = database
        self._stack = ExitStack()
        self._session: Session | None = None

    def session(self) -> Session:
        """Return the session of this request."""
        if self._session is None:
            write = request.method not in READING_METHODS
            self._session = self._stack.enter_context(unit_of_work(self._database, write=write))
        return self._session

    def __enter__(self) -> RequestTransaction:
        """Begin to watch over the request."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit, or roll back when the view raised."""
        self._stack.__exit__(kind, error, trace)
