"""Counters of rate limits in our own database, so that all processes count together."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from limits.storage import Storage
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.db.unit_of_work import unit_of_work
from app.identity.models import RateLimitWindow
from app.kernel import clock
from app.kernel.errors import Unavailable
from app.web.application import application

URI = "assay-database://"


class DatabaseStorage(Storage):
    """The storage that `limits` asks, over the table `rate_limit_window`.

    It holds no database of its own: the limiter is one object for all portals of a process,
    and each counts in its own. Every call is a short transaction, ended before the view
    begins, so that a refused request is counted too.
    """

    STORAGE_SCHEME = ["assay-database"]  # noqa: RUF012 - the library's own attribute

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what is raised when the counters cannot be reached; it becomes a 503."""
        return Unavailable

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter and return it; it starts anew `expiry` seconds after its first hit."""
        now = clock.now()
        ends_at = now + dt.timedelta(seconds=expiry)
        with unit_of_work(application().database) as session:
            sqlite = session.get_bind().dialect.name == "sqlite"
            insert = (sqlite_insert if sqlite else postgresql_insert)(RateLimitWindow)
            over = RateLimitWindow.ends_at <= now
            hits = session.execute(
                insert.values(key=key[:400], hits=amount, ends_at=ends_at)
                .on_conflict_do_update(
                    index_elements=["key"],
                    set_={
                        "hits": sa.case((over, amount), else_=RateLimitWindow.hits + amount),
                        "ends_at": sa.case((over, ends_at), else_=RateLimitWindow.ends_at),
                    },
                )
                .returning(RateLimitWindow.hits)
            ).scalar_one()
        return int(hits)

    def get(self, key: str) -> int:
        """Return a counter, 0 for none."""
        row = self._row(key)
        return row[0] if row else 0

    def get_expiry(self, key: str) -> float:
        """Return when a counter starts anew, in seconds since 1970; now for none."""
        row = self._row(key)
        return (row[1] if row else clock.now()).timestamp()

    def check(self) -> bool:
        """Return whether the counters can be reached."""
        try:
            with unit_of_work(application().database, write=False) as session:
                session.execute(sa.select(sa.literal(1)))
        except Unavailable:
            return False
        return True

    def reset(self) -> int | None:
        """Forget all counters; return how many there were."""
        with unit_of_work(application().database) as session:
            return len(
                session.execute(sa.delete(RateLimitWindow).returning(RateLimitWindow.key)).all()
            )

    def clear(self, key: str) -> None:
        """Forget one counter."""
        with unit_of_work(application().database) as session:
            session.execute(sa.delete(RateLimitWindow).where(RateLimitWindow.key == key[:400]))

    def _row(self, key: str) -> tuple[int, dt.datetime] | None:
        with unit_of_work(application().database, write=False) as session:
            row = session.execute(
                sa.select(RateLimitWindow.hits, RateLimitWindow.ends_at).where(
                    RateLimitWindow.key == key[:400], RateLimitWindow.ends_at > clock.now()
                )
            ).one_or_none()
        return (int(row.hits), row.ends_at) if row else None
