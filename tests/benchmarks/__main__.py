"""`./run bench`: makes the data, starts its own servers, measures, and says what holds."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from app.commands.exits import Refusal
from app.db.engine import Database
from app.factory import create_app
from config import ROOT, Settings
from tests.benchmarks import data, platform_lines, references
from tests.benchmarks.client import BenchError
from tests.benchmarks.lines import LINES, Line, Stage
from tests.benchmarks.measure import Effort, measure, measure_reference
from tests.benchmarks.report import Run, keep, show
from tests.benchmarks.servers import (
    DURABLE_POSTGRES,
    portal_server,
    reference_server,
    seconds_to_first_page,
)
from tests.support.postgres import PostgresServer, running_server

assert platform_lines  # its lines stand in LINES

FOLDER = ROOT / "var" / "bench"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the databases of a run are: the address for each name."""

    kind: str
    folder: Path
    server: PostgresServer | None = None

    def url(self, name: str) -> str:
        """Return the address of a database, made if need be."""
        if self.kind == "sqlite":
            return f"sqlite:///{self.folder / f'{name}.db'}"
        assert self.server is not None
        return self.server.create(name)


@contextlib.contextmanager
def places(kind: str) -> Iterator[Places]:
    """Yield where databases of a kind are; PostgreSQL is started for the run and gone with it."""
    folder = FOLDER / kind
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if kind == "sqlite":
        yield Places(kind, folder)
        return
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running_server(DURABLE_POSTGRES))
        except RuntimeError as error:
            raise BenchError(str(error)) from error
        yield Places(kind, folder, server)


def measured(
    place: Places, sizes: list[int], lines: list[Line], effort: Effort, console: Console
) -> Run:
    """Measure lines at all sizes on one kind of database."""
    run = Run(place.kind)
    reference_url = place.url("references")
    references.fill(reference_url)
    with reference_server(reference_url, place.folder / "references.log") as plain:
        for name in references.REQUESTS:
            console.print(f"{place.kind}: {name}")
            run.references[name] = measure_reference(plain.url, name, effort)
        for size in sizes:
            _measure_size(place, size, lines, effort, console, run, plain.url)
    return run


def _measure_size(
    place: Places, size: int, lines: list[Line], effort: Effort, console: Console, run: Run,
    plain_url: str,
) -> None:  # fmt: skip
    folder = place.folder / str(size)
    folder.mkdir(exist_ok=True, mode=0o700)
    url = place.url(f"portal_{size}")
    marker = folder / "made.json"
    if place.kind != "sqlite":
        marker.unlink(missing_ok=True)  # its database went with the last run
    database = Database(url)
    console.print(f"{place.kind}: data of {size:,} events")
    try:
        data.make(database, size, marker)
    finally:
        database.dispose()
    own = {"ASSAY_DATA_DIR": str(folder), "ASSAY_DATABASE_URL": url}
    with portal_server(own, folder / "server.log") as server:
        app = create_app(
            Settings(data_dir=folder, database_url=url, base_url=server.url, log_level="ERROR")
        )
        for line in lines:
            console.print(f"{place.kind}: {line.name} at {size:,}")
            stage = Stage(server.url, app, size)
            run.lines.append(measure(stage, line, plain_url, effort))
        run.memory_bytes = max(server.memory(), default=None)
        app.database.dispose()
    seconds = seconds_to_first_page(folder, own, folder / "start.log")
    run.start_seconds = max(seconds, run.start_seconds or 0)


@click.command()
@click.option("--db", "kind", type=click.Choice(["sqlite", "postgres", "both"]), default="sqlite",
              show_default=True, help="Database to measure on.")  # fmt: skip
@click.option("--sizes", default="100,100000", show_default=True, help="Numbers of audit events.")
@click.option("--requests", default=200, show_default=True, help="Requests of each line.")
@click.option("--line", "names", multiple=True, help="Only lines whose name holds this.")
def main(kind: str, sizes: str, requests: int, names: tuple[str, ...]) -> None:
    """Measure the portal in units of plain Flask pages, in the same run on the same settings.

    Data is made once per size and kept in var/bench, with a JSON file of each run. Ends
    with 1 when a goal is missed and with 3 when it could not measure.
    """
    wanted = [int(part) for part in sizes.replace("_", "").split(",")]
    lines = [ln for ln in LINES if not names or any(name in ln.name for name in names)]
    effort = Effort(alone=requests, crowd=2 * requests, warm_up=max(4, requests // 10))
    progress = Console(stderr=True)
    console = Console() if Console().is_terminal else Console(width=130)
    runs: list[Run] = []
    for each in ("sqlite", "postgres") if kind == "both" else (kind,):
        try:
            with places(each) as place:
                runs.append(measured(place, wanted, lines, effort, progress))
        except BenchError as error:
            raise Refusal(str(error)) from error
        show(runs[-1], console)
    console.print(f"Kept in {keep(runs, FOLDER / 'results')}")
    sys.exit(0 if all(run.all_hold for run in runs) else 1)


if __name__ == "__main__":
    main(prog_name="./run bench")
