"""Rate limits. The counters lie in the database, so that all processes count together."""

from __future__ import annotations

from flask_limiter import Limiter

from app.web.request import client_address

limiter = Limiter(
    key_func=client_address,
    headers_enabled=False,
    strategy="fixed-window",
)
"""Routes name their limit: `@limiter.limit("10 per 5 minutes")`; identity gives the storage."""
