"""Whoever asks too often is told when to come back, and others are let in."""

from __future__ import annotations

from tests.support.clock import Clock
from tests.support.pages import PageClient


def test_v2_4_1_links_are_limited_by_caller_and_say_when_to_come_back(
    client: PageClient, clock: Clock
) -> None:
    for _ in range(60):
        assert client.get("/invitation/no-such-link").status_code in (404, 410)
    refused = client.get("/invitation/no-such-link")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 301
    other = client.get(
        "/invitation/no-such-link", environ_overrides={"REMOTE_ADDR": "198.51.100.7"}
    )
    assert other.status_code in (404, 410)
    forged = client.get("/invitation/no-such-link", headers={"X-Forwarded-For": "198.51.100.9"})
    assert forged.status_code == 429
