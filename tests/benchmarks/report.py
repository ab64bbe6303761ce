"""What a run found: a table for people, JSON beside the data for later comparison."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from app.kernel import clock
from tests.benchmarks.lines import LINES
from tests.benchmarks.measure import Measured, Times

START_GOAL_SECONDS = 2.0
MEMORY_GOAL_BYTES = 160_000_000


@dataclasses.dataclass(slots=True)
class Run:
    """All that was measured on one kind of database."""

    database: str
    references: dict[str, tuple[Times, Times]] = dataclasses.field(default_factory=dict)
    lines: list[Measured] = dataclasses.field(default_factory=list)
    start_seconds: float | None = None
    memory_bytes: int | None = None

    def growth_of(self, name: str) -> float | None:
        """Return how much a line grew from the smallest to the largest data, in its reference.

        In units of the reference of each moment, so that a slower machine is no growth. None
        when there was one size only.
        """
        found = sorted((part for part in self.lines if part.line == name), key=lambda p: p.size)
        return found[-1].ratio / found[0].ratio if len(found) > 1 else None

    def holds(self, part: Measured) -> bool:
        """Return whether a line reaches its goals at this size."""
        (line,) = [line for line in LINES if line.name == part.line]
        growth = self.growth_of(part.line)
        is_largest = part.size == max(p.size for p in self.lines if p.line == part.line)
        return part.ratio <= line.goal and not (
            is_largest and growth is not None and growth > line.growth
        )

    @property
    def all_hold(self) -> bool:
        """Return whether every goal is reached."""
        return (
            all(map(self.holds, self.lines))
            and (self.start_seconds or 0) <= START_GOAL_SECONDS
            and (self.memory_bytes or 0) <= MEMORY_GOAL_BYTES
        )


def show(run: Run, console: Console) -> None:
    """Print what was found on one kind of database."""
    references = Table(title=f"References on {run.database}, milliseconds")
    for head in ("", "median", "p95", "8 at once", "p95"):
        references.add_column(head, justify="left" if not head else "right")
    for name, (alone, crowd) in run.references.items():
        references.add_row(name, *map(_ms, (alone.median, alone.p95, crowd.median, crowd.p95)))
    console.print(references)

    table = Table(title=f"Lines on {run.database}, milliseconds")
    heads = ("line", "size", "median", "p95", "8 at once", "p95", "ratio", "goal", "SQL", "kB",
             "growth", "holds")  # fmt: skip
    for head in heads:
        table.add_column(head, justify="left" if head == "line" else "right")
    for part in run.lines:
        (line,) = [line for line in LINES if line.name == part.line]
        growth = run.growth_of(part.line)
        table.add_row(
            part.line,
            f"{part.size:,}",
            *map(_ms, (part.alone.median, part.alone.p95, part.crowd.median, part.crowd.p95)),
            f"{part.ratio:.2f} × {line.reference}",
            f"{line.goal:g}",
            str(part.statements),
            f"{part.size_bytes / 1000:.1f}",
            "" if growth is None else f"{growth:.2f} of {line.growth:g}",
            "yes" if run.holds(part) else "[bold red]NO[/]",
        )
    console.print(table)
    if run.start_seconds is not None:
        mark = "yes" if run.start_seconds <= START_GOAL_SECONDS else "[bold red]NO[/]"
        console.print(
            f"First page {run.start_seconds:.2f} s after the start, "
            f"goal {START_GOAL_SECONDS:g} s: {mark}"
        )
    if run.memory_bytes is not None:
        mark = "yes" if run.memory_bytes <= MEMORY_GOAL_BYTES else "[bold red]NO[/]"
        console.print(
            f"Largest web process after the load {run.memory_bytes / 1e6:.0f} MB, "
            f"goal {MEMORY_GOAL_BYTES / 1e6:.0f} MB: {mark}"
        )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f}"


def keep(runs: Sequence[Run], folder: Path) -> Path:
    """Write a run as JSON into a folder and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{clock.now():%Y%m%dT%H%M%SZ}.json"
    document: dict[str, Any] = {
        "made_at": clock.now().isoformat(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "runs": [
            {
                **dataclasses.asdict(run),
                "growth": {part.line: run.growth_of(part.line) for part in run.lines},
                "holds": run.all_hold,
            }
            for run in runs
        ],
    }
    target.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return target
