"""The nightly sweep: what no rule and no list needs any more is forgotten."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.identity.models import OneTimeLink, RateLimitWindow, StaffSession, Throttle
from app.kernel import clock
from app.outbox.claiming import ClaimedJob
from app.outbox.registry import JobRegistry
from app.outbox.retry import JsonObject

SWEEP = "identity.sweep"
SESSIONS_KEPT = dt.timedelta(days=90)
"""Ended sessions tell which places and devices of a person are known; see `sign_in`."""
LINKS_KEPT = dt.timedelta(days=30)


def register(registry: JobRegistry) -> None:
    """Let the sweep run once a night."""
    registry.transactional(SWEEP, sweep)
    registry.periodic(SWEEP, topic=SWEEP, every=dt.timedelta(days=1), offset=dt.timedelta(hours=2))


def sweep(session: Session, _job: ClaimedJob) -> JsonObject | None:
    """Delete old sessions, links and counters; return how many of each."""
    return sweep_now(session)


def sweep_now(session: Session) -> JsonObject:
    """Delete what is older than the times above; return how many rows of each kind."""
    now = clock.now()
    deletions = {
        "sessions": sa.delete(StaffSession).where(StaffSession.expires_at < now - SESSIONS_KEPT),
        "links": sa.delete(OneTimeLink).where(OneTimeLink.expires_at < now - LINKS_KEPT),
        "tries": sa.delete(Throttle).where(Throttle.forget_after < now),
        "counters": sa.delete(RateLimitWindow).where(RateLimitWindow.ends_at < now),
    }
    return {
        name: int(session.connection().execute(statement).rowcount)
        for name, statement in deletions.items()
    }
