"""Counters of rate limits in the database: exact, and shared by processes."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from typing import Any

from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.identity.limits_storage import URI, DatabaseStorage
from tests.support.clock import Clock


def test_a_window_counts_and_starts_anew(app: Any, clock: Clock) -> None:
    with app.app_context():
        storage = DatabaseStorage(URI)
        assert [storage.incr("key", 60) for _ in range(3)] == [1, 2, 3]
        assert storage.incr("other", 60, amount=5) == 5
        assert storage.get("key") == 3
        assert storage.get_expiry("key") == clock.now.timestamp() + 60
        clock.forward(seconds=59)
        assert storage.incr("key", 60) == 4
        clock.forward(seconds=1)
        assert storage.get("key") == 0
        assert storage.incr("key", 60) == 1
        storage.clear("key")
        assert storage.get("key") == 0
        assert storage.check()
        assert storage.reset() == 1


def test_the_library_finds_it_by_its_address(app: Any, clock: Clock) -> None:
    with app.app_context():
        storage = storage_from_string(URI)
        limiter = FixedWindowRateLimiter(storage)  # type: ignore[arg-type]
        limit = parse("3 per minute")
        assert [limiter.hit(limit, "who") for _ in range(4)] == [True, True, True, False]
        assert limiter.hit(limit, "somebody else")


def test_several_processes_count_together(app: Any, make_app: Callable[..., Any]) -> None:
    portals = [app, make_app(), make_app()]

    def hit(number: int) -> int:
        with portals[number % 3].app_context():
            return DatabaseStorage(URI).incr("key", 3600)

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(hit, range(30))) == list(range(1, 31))
