"""What is counted for operators: requests while they pass, jobs and workers when asked."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from flask import Response, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.audit.queries import count_all
from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.kernel import clock
from app.kernel.errors import DomainError
from app.outbox.queries import backlog, workers_alive
from app.web.application import Application

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter(
    "assay_requests", "Requests answered.", ["method", "route", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "assay_request_seconds", "Time to answer.", ["route"], buckets=_BUCKETS, registry=REGISTRY
)
POOL_IN_USE = Gauge(
    "assay_database_connections_in_use",
    "Database connections at work, in all web processes.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)


def install(app: Application) -> None:
    """Count every request of the application, by the rule of its route: never by its path."""

    def end(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(method, rule, str(response.status_code)).inc()
        # Noted by app.web.request_log, before anything else looked at the request.
        started = g.get("started")
        if started is not None:
            SECONDS.labels(rule).observe(time.perf_counter() - started)
        return response

    app.after_request(end)
    _watch_pool(app.database.engine)


def _watch_pool(engine: Engine) -> None:
    def taken(*_: Any) -> None:
        POOL_IN_USE.inc()

    def given_back(*_: Any) -> None:
        POOL_IN_USE.dec()

    sa.event.listen(engine, "checkout", taken)
    sa.event.listen(engine, "checkin", given_back)


class PortalCollector(Collector):
    """Reads from the database when metrics are asked for: true for all processes together."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Yield what the database says; only that it is away when it does not answer."""
        up = GaugeMetricFamily("assay_database_up", "1 when the database answers.")
        try:
            with unit_of_work(self._database, write=False) as session:
                open_jobs = backlog(session)
                alive = workers_alive(session)
                events = count_all(session)
        except (SQLAlchemyError, DomainError):
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        jobs = GaugeMetricFamily("assay_jobs", "Open jobs.", labels=["state"])
        jobs.add_metric(["ready"], open_jobs.ready)
        jobs.add_metric(["running"], open_jobs.running)
        jobs.add_metric(["parked"], open_jobs.parked)
        yield jobs
        waited = 0.0
        if open_jobs.oldest_due_at is not None:
            waited = max(0.0, (clock.now() - open_jobs.oldest_due_at).total_seconds())
        yield GaugeMetricFamily(
            "assay_jobs_oldest_due_seconds", "How long the oldest due job waits.", value=waited
        )
        yield GaugeMetricFamily("assay_workers", "Workers that live.", value=alive)
        yield GaugeMetricFamily("assay_audit_events", "Events in the audit trail.", value=events)


def registry_for(database: Database) -> CollectorRegistry:
    """Return what one answer shows: this process, or all web processes under gunicorn."""
    registry = CollectorRegistry(auto_describe=False)
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # not typed upstream
    else:
        registry.register(_ThisProcess())
    registry.register(PortalCollector(database))
    return registry


class _ThisProcess(Collector):
    """What was counted in this process."""

    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect()
