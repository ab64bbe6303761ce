"""The one place that commits. A unit of work is one transaction, opened and ended at the edge."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.db.base import Base
from app.db.constraints import as_domain_error
from app.db.engine import Database
from app.kernel.errors import Conflict, Unavailable

T = TypeVar("T")

_RETRY_SQLSTATES = frozenset({"40001", "40P01", "55P03"})


@contextmanager
def unit_of_work(database: Database, *, write: bool = True) -> Iterator[Session]:
    """Yield a session; commit when the block ends well, else roll back and raise.

    With `write=False` nothing can be changed. Raises DomainError subclasses in place of
    what the database says: Conflict for a lost race or an explained constraint,
    Unavailable when it is busy, full or away.
    """
    session = database.session(write=write)
    try:
        with translated_errors():
            yield session
            if write:
                session.commit()
            # A reading session is only closed: a rollback would make what was read expire,
            # and pages use it after the session is gone.
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn errors of the database into errors that have a sentence for people."""
    try:
        yield
    except StaleDataError as error:
        raise Conflict(
            "Somebody else changed this while you had it open. Reload the page, look at the "
            "change and try again; nothing of theirs was overwritten."
        ) from error
    except IntegrityError as error:
        explained = as_domain_error(error, Base.metadata)
        if explained is None:
            raise
        raise explained from error
    except PoolTimeout as error:
        raise Unavailable("The portal is busy. Try again in a few seconds.") from error
    except DBAPIError as error:
        if is_transient(error) or is_full(error):
            raise Unavailable(
                "The database does not take the change right now. Nothing was lost on our "
                "side; try again in a few seconds."
            ) from error
        raise


def is_transient(error: DBAPIError) -> bool:
    """Return whether the same work may succeed when it is done again from its start."""
    if getattr(error.orig, "sqlstate", None) in _RETRY_SQLSTATES or error.connection_invalidated:
        return True
    text = str(error.orig)
    return isinstance(error, OperationalError) and (
        "database is locked" in text or "database table is locked" in text
    )


def is_full(error: DBAPIError) -> bool:
    """Return whether the disk has no room or does not answer."""
    text = str(error.orig)
    return (
        getattr(error.orig, "sqlstate", None) in ("53100", "57P01", "57P03", "08006", "08001")
        or "database or disk is full" in text
        or "disk I/O error" in text
        or "connection failed" in text
    )


def in_unit_of_work(database: Database, work: Callable[[Session], T], *, attempts: int = 5) -> T:
    """Run `work` in a unit of work; start again from its beginning when it lost a race for a lock.

    For jobs and commands: `work` may run several times, so it must have no effect outside
    the session.
    """
    for attempt in range(1, attempts + 1):
        try:
            with unit_of_work(database) as session:
                return work(session)
        except Unavailable:
            if attempt == attempts:
                raise
            time.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311 - jitter, no secret
    raise AssertionError("unreachable")
