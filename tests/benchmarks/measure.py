"""Measures lines and their references in turn, so that both meet the same noise."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Callable
from dataclasses import dataclass

from app.db.query_log import counted_queries
from tests.benchmarks.client import Ask, BenchError, Connection
from tests.benchmarks.lines import Line, MakeAsk, Stage
from tests.benchmarks.references import REQUESTS

CROWD = 8
"""Requests at once in the second measurement."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds per request, as the one who asked saw them."""

    median: float
    p95: float
    count: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One line at one size. `reference` was measured in turn with `alone`."""

    line: str
    size: int
    alone: Times
    crowd: Times
    reference: Times
    statements: int
    size_bytes: int

    @property
    def ratio(self) -> float:
        """Return how many of its reference the line costs."""
        return self.alone.median / self.reference.median


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure: requests of each line alone and in the crowd, and before it counts."""

    alone: int
    crowd: int
    warm_up: int
    turn: int = 10


def times_of(seconds: list[float]) -> Times:
    """Return median and 95th percentile."""
    ordered = sorted(seconds)
    place = min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))
    return Times(statistics.median(ordered), ordered[place], len(ordered))


def measure(stage: Stage, line: Line, references_url: str, effort: Effort) -> Measured:
    """Measure a line on a stage. Raises BenchError when an answer is not what it should be."""
    make = line.prepare(stage)
    plain = reference_ask(line.reference)
    with Connection(stage.url) as portal, Connection(references_url) as references:
        for number in range(effort.warm_up):
            answer = portal.ask(make(number))
            references.ask(plain(number))
        own: list[float] = []
        theirs: list[float] = []
        number = effort.warm_up
        while len(own) < effort.alone:
            for _ in range(effort.turn):
                own.append(portal.ask(make(number)).seconds)
                number += 1
            theirs += [references.ask(plain(number + n)).seconds for n in range(effort.turn)]
    return Measured(
        line=line.name,
        size=stage.size,
        alone=times_of(own),
        crowd=times_of(in_a_crowd(stage.url, make, number, effort.crowd)),
        reference=times_of(theirs),
        statements=statements_of(stage, make(number)),
        size_bytes=len(answer.body),
    )


def measure_reference(url: str, name: str, effort: Effort) -> tuple[Times, Times]:
    """Return the times of a reference alone and in the crowd."""
    make = reference_ask(name)
    with Connection(url) as connection:
        for number in range(effort.warm_up):
            connection.ask(make(number))
        alone = [connection.ask(make(number)).seconds for number in range(effort.alone)]
    return times_of(alone), times_of(in_a_crowd(url, make, effort.alone, effort.crowd))


def reference_ask(name: str) -> MakeAsk:
    """Return the requests of a reference."""
    return lambda number: Ask("GET", f"{REQUESTS[name]}?n={number}")


def in_a_crowd(url: str, make: MakeAsk, first: int, count: int) -> list[float]:
    """Return the seconds of `count` requests, eight at a time, each on a connection of its own."""
    each = max(1, count // CROWD)
    found: list[list[float]] = [[] for _ in range(CROWD)]
    troubles: list[Exception] = []
    begin = threading.Barrier(CROWD)

    def ask_some(place: int) -> None:
        try:
            with Connection(url) as connection:
                begin.wait(60)
                for number in range(each):
                    ask = make(first + place * each + number)
                    found[place].append(connection.ask(ask).seconds)
        except (BenchError, OSError, threading.BrokenBarrierError) as error:
            troubles.append(error)

    _all_at_once(ask_some)
    if troubles:
        raise BenchError(f"Eight at once: {troubles[0]}") from troubles[0]
    return [seconds for part in found for seconds in part]


def _all_at_once(work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(place,)) for place in range(CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def statements_of(stage: Stage, ask: Ask) -> int:
    """Return how many statements a request costs: asked once more, in this process."""
    client = stage.app.test_client(use_cookies=False)
    with counted_queries() as statements:
        answer = client.open(
            ask.path,
            method=ask.method,
            base_url=stage.url,
            headers=dict(ask.headers),
            data=ask.form,
        )
    if answer.status_code != ask.status:
        raise BenchError(f"{ask.method} {ask.path}: {answer.status_code} in this process")
    return len(statements)
