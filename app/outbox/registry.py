"""Which topics there are, how each is handled, and what runs periodically. Filled at start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from flask import Flask
from sqlalchemy.orm import Session

from app.outbox.claiming import ClaimedJob
from app.outbox.retry import Failure, JsonObject, RetryPolicy
from app.outbox.running import RunningJob

P = TypeVar("P")
R = TypeVar("R")

OnFailure = Callable[[Session, ClaimedJob, Failure], None]
Handler = Callable[[Session, ClaimedJob], JsonObject | None]

EXTENSION = "assay.jobs"


@dataclass(frozen=True, slots=True)
class Topic:
    """How the jobs of one topic are handled: `handle` or the three steps, never both."""

    name: str
    handle: Handler | None = None
    prepare: Callable[[Session, ClaimedJob], Any] | None = None
    perform: Callable[[Any, RunningJob], Any] | None = None
    settle: Callable[[Session, ClaimedJob, Any], JsonObject | None] | None = None
    on_failure: OnFailure | None = None
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    lease_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job that is published once per slot of length `every`, counted from 1970 plus `offset`."""

    name: str
    topic: str
    every: dt.timedelta
    offset: dt.timedelta = dt.timedelta(0)
    payload: Mapping[str, object] = field(default_factory=dict)


class JobRegistry:
    """Topics and periodic jobs of one portal process."""

    def __init__(self) -> None:
        """Start empty."""
        self._topics: dict[str, Topic] = {}
        self._periodic: dict[str, Periodic] = {}

    def transactional(
        self,
        topic: str,
        handler: Handler,
        *,
        on_failure: OnFailure | None = None,
        retry: RetryPolicy | None = None,
        lease_seconds: int | None = None,
    ) -> None:
        """Handle a topic whose effects all lie in our database: each happens exactly once.

        `handler(session, job)` and the mark "done" are one transaction, run again from its
        start when it loses a race; so it must be short and have no effect outside the
        session. What it returns is the job's result. `on_failure(session, job, failure)`
        runs in the transaction that writes the failure down. `lease_seconds` is how long
        an attempt may take before another worker takes over.
        """
        self._add(
            Topic(
                topic,
                handle=handler,
                on_failure=on_failure,
                retry=retry or RetryPolicy(),
                lease_seconds=lease_seconds,
            )
        )

    def external(
        self,
        topic: str,
        *,
        prepare: Callable[[Session, ClaimedJob], P],
        perform: Callable[[P, RunningJob], R],
        settle: Callable[[Session, ClaimedJob, R], JsonObject | None],
        on_failure: OnFailure | None = None,
        retry: RetryPolicy | None = None,
        lease_seconds: int | None = None,
    ) -> None:
        """Handle a topic with an effect outside, or a long work: at least once, same id each time.

        `prepare` reads (and may write) in a transaction and returns plain values;
        `perform` acts outside of any transaction, with a timeout on everything it waits for,
        and reports progress when it takes long; `settle` writes the outcome together with
        the mark "done" and returns the job's result. A worker that dies between the last two
        repeats `perform`: send `job.id` along, so that the other side can tell.
        """
        self._add(
            Topic(
                topic,
                prepare=prepare,
                perform=perform,
                settle=settle,
                on_failure=on_failure,
                retry=retry or RetryPolicy(),
                lease_seconds=lease_seconds,
            )
        )

    def periodic(
        self,
        name: str,
        *,
        topic: str,
        every: dt.timedelta,
        offset: dt.timedelta = dt.timedelta(0),
        payload: Mapping[str, object] | None = None,
    ) -> None:
        """Publish a job of a registered topic once per slot, however many workers there are.

        The payload gets `slot`, the instant at which the slot starts, as text. While no worker
        ran, slots pass; only the present one is made up for. A slot whose predecessor's
        job still waits or runs takes that job for its own.
        """
        if topic not in self._topics:
            raise ValueError(f"{name}: register the topic {topic} first")
        if name in self._periodic or every <= dt.timedelta(0):
            raise ValueError(f"{name}: a periodic job needs a name of its own and a length")
        self._periodic[name] = Periodic(name, topic, every, offset, dict(payload or {}))

    def find(self, topic: str) -> Topic | None:
        """Return how a topic is handled, None when nobody does."""
        return self._topics.get(topic)

    @property
    def topics(self) -> list[str]:
        """Return the names of all topics, sorted."""
        return sorted(self._topics)

    @property
    def periodics(self) -> list[Periodic]:
        """Return all periodic jobs, in the order in which they were registered."""
        return list(self._periodic.values())

    def _add(self, topic: Topic) -> None:
        if topic.name in self._topics:
            raise ValueError(f"the topic {topic.name} is registered twice")
        self._topics[topic.name] = topic


def jobs_of(app: Flask) -> JobRegistry:
    """Return the registry of an application; `app.outbox.wiring` put it there."""
    return cast(JobRegistry, app.extensions[EXTENSION])
