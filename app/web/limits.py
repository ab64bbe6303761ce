"""Rate limits. The counters lie in the database, so that all processes count together."""

from __future__ import annotations

import math

from flask_limiter import Limiter

from app.kernel import clock
from app.web.request import client_address

limiter = Limiter(
    key_func=client_address,
    headers_enabled=False,
    strategy="fixed-window",
)
"""Routes name their limit: `@limiter.limit("10 per 5 minutes")`; identity gives the storage."""


def limit_ends_in() -> int:
    """Return in how many seconds the limit that was just reached lets the caller in again."""
    reached = limiter.current_limit
    if reached is None:
        return 60
    return max(1, math.ceil(reached.reset_at - clock.now().timestamp()))
