"""What is measured. A line is one kind of request with its goal; all stand in one list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.web.application import Application
from tests.benchmarks.client import Ask

MakeAsk = Callable[[int], Ask]
"""Returns the request number n (0, 1, 2 …); different numbers may ask for different things."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a line runs: the address of the server, the same portal in this process, the size."""

    url: str
    app: Application
    size: int


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of request.

    At concurrency 1 its median must stay under `goal` times that of `reference` (r1 to r4,
    see references.py), and from the smallest to the largest data it may grow `growth`
    times. `prepare` is called once per server, before anything is measured.
    """

    name: str
    reference: str
    goal: float
    growth: float
    prepare: Callable[[Stage], MakeAsk]


LINES: list[Line] = []
"""All lines, in the order in which they are printed."""


def line(
    name: str, *, reference: str, goal: float, growth: float
) -> Callable[[Callable[[Stage], MakeAsk]], Callable[[Stage], MakeAsk]]:
    """Register the function below as the preparation of a line."""

    def register(prepare: Callable[[Stage], MakeAsk]) -> Callable[[Stage], MakeAsk]:
        LINES.append(Line(name, reference, goal, growth, prepare))
        return prepare

    return register
