"""Counts tries in a sliding window, the same for all processes, and says when to come back."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from app.identity.models import Throttle
from app.identity.setup import setup_of
from app.kernel import clock


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` within `seconds`."""

    tries: int
    seconds: int


SIGN_IN = (Limit(10, 300),)
"""Wrong passwords per account and per caller."""

SECOND_FACTOR = (Limit(5, 300), Limit(20, 3600))
"""Wrong codes per account: six digits must not be guessed by patience."""

RESET_MAIL = (Limit(5, 86_400),)
"""Mails with a reset link per address."""

RESET_CALLER = (Limit(20, 3600),)
"""Requests for a reset per caller."""

EMAIL_CHANGE = (Limit(5, 86_400),)
"""Mails to confirm a new address, per account."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A full bucket: come back after `retry_after` seconds. `is_new` once per filling."""

    retry_after: int
    is_new: bool


def bucket_name(session: Session, kind: str, value: str) -> str:
    """Return the key of a bucket; what it is about cannot be read from it."""
    return setup_of(session).digest("throttle/" + kind, value)


def take(session: Session, limits: Mapping[str, tuple[Limit, ...]]) -> Refusal | None:
    """Count one try in each bucket, or in none of them when one is full.

    A try is counted before it is known whether it was right: parallel guesses cannot
    slip through between looking and counting. Take it back with `give_back` or `clear`.
    """
    now = clock.now()
    present = int(now.timestamp() * 1000)
    rows = _locked(session, sorted(limits), now)
    wait, is_new = 0.0, False
    kept: dict[str, list[int]] = {}
    for bucket, row in rows.items():
        longest = max(limit.seconds for limit in limits[bucket])
        kept[bucket] = marks = [mark for mark in row.marks if mark > present - longest * 1000]
        full = 0.0
        for limit in limits[bucket]:
            if len(marks) >= limit.tries:
                oldest_that_counts = marks[-limit.tries]
                full = max(full, oldest_that_counts / 1000 + limit.seconds - present / 1000)
        if full > 0:
            wait = max(wait, full)
            is_new = is_new or row.told_at is None or row.told_at.timestamp() * 1000 < marks[-1]
    for bucket in rows:
        longest = max(limit.seconds for limit in limits[bucket])
        session.execute(
            sa.update(Throttle)
            .where(Throttle.bucket == bucket)
            .values(
                marks=kept[bucket] if wait > 0 else [*kept[bucket], present],
                forget_after=now + dt.timedelta(seconds=longest),
                **({"told_at": now} if wait > 0 and is_new else {}),
            )
        )
    return Refusal(max(1, math.ceil(wait)), is_new) if wait > 0 else None


def give_back(session: Session, bucket: str) -> None:
    """Take the latest try out of a bucket: it was a right one."""
    rows = _locked(session, [bucket], clock.now())
    session.execute(
        sa.update(Throttle).where(Throttle.bucket == bucket).values(marks=rows[bucket].marks[:-1])
    )


def clear(session: Session, bucket: str) -> None:
    """Empty a bucket: its person proved who they are."""
    session.execute(sa.delete(Throttle).where(Throttle.bucket == bucket))


def _locked(
    session: Session, buckets: list[str], now: dt.datetime
) -> dict[str, sa.Row[str, list[int], dt.datetime | None]]:
    """Return the rows, made where missing and locked in the order of their keys (no deadlock)."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite_insert if sqlite else postgresql_insert
    for bucket in buckets:
        # Writing even to a row that is there takes its lock, so that no sweep removes it.
        session.execute(
            insert(Throttle)
            .values(bucket=bucket, marks=[], told_at=None, forget_after=now)
            .on_conflict_do_update(index_elements=["bucket"], set_={"forget_after": now})
        )
    rows = session.execute(
        sa.select(Throttle.bucket, Throttle.marks, Throttle.told_at)
        .where(Throttle.bucket.in_(buckets))
        .order_by(Throttle.bucket)
    )
    return {row.bucket: row for row in rows}
