"""The bench frame measures what it says: whole data, honest statistics, fixed statement counts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.audit.models import AuditEvent
from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.factory import create_app
from config import ROOT, Environment, Settings
from tests.benchmarks import __main__ as bench
from tests.benchmarks import data, references
from tests.benchmarks.client import Ask, BenchError, Connection
from tests.benchmarks.lines import LINES, Stage
from tests.benchmarks.measure import Effort, Measured, Times, measure, statements_of, times_of
from tests.benchmarks.report import Run
from tests.support.databases import DatabaseSource
from tests.support.live_server import live_server

assert bench  # it names the modules that hold lines


@pytest.fixture
def stage(database_source: DatabaseSource, database_kind: str, tmp_path: Path) -> Iterator[Stage]:
    """A portal with bench data of 120 events behind a real server."""
    with database_source.fresh_url(database_kind, tmp_path / "data", migrated=False) as url:
        database = Database(url)
        (tmp_path / "data").mkdir(exist_ok=True)
        assert data.make(database, 120, tmp_path / "data" / "made.json")
        assert not data.make(database, 120, tmp_path / "data" / "made.json")
        database.dispose()
        settings = Settings(
            environment=Environment.TEST,
            data_dir=tmp_path / "data",
            database_url=url,
            secret_key="a key for tests, long enough to be one",
        )
        with live_server(lambda base: create_app(settings.with_values(base_url=base))) as live:
            yield Stage(live.url, live.app, 120)
        live.app.database.dispose()


def test_data_is_as_the_portal_makes_it(stage: Stage, tmp_path: Path) -> None:
    data.check(stage.app.database, 120)
    with unit_of_work(stage.app.database, write=False) as session:
        verbs = set(session.scalars(sa.select(AuditEvent.verb).distinct()))
    assert len(verbs) == 5
    # Data that does not hold is never measured.
    with pytest.raises(BenchError, match="does not hold"):
        data.check(stage.app.database, 121)
    with pytest.raises(BenchError, match="half made or of another version"):
        data.make(stage.app.database, 120, tmp_path / "another.json")


def test_every_line_runs_and_costs_the_same_statements_again(stage: Stage) -> None:
    reference = references.make_app(f"sqlite:///{stage.app.settings.data_dir / 'plain.db'}")
    references.fill(f"sqlite:///{stage.app.settings.data_dir / 'plain.db'}")
    assert {line.reference for line in LINES} <= set(references.REQUESTS)
    for path in references.REQUESTS.values():
        assert reference.test_client().get(f"{path}?n=3").status_code == 200
    rows = reference.test_client().get("/r2?n=3").text.count("<tr>")
    assert rows == 50
    for line in LINES:
        make = line.prepare(stage)
        with Connection(stage.url) as connection:
            for number in range(4):
                connection.ask(make(number))
        counts = {statements_of(stage, make(number)) for number in (4, 6, 8)}
        assert len(counts) == 1, line.name


def test_an_answer_of_another_status_stops_the_run(stage: Stage) -> None:
    with Connection(stage.url) as connection, pytest.raises(BenchError, match="404 instead of"):
        connection.ask(Ask("GET", "/no/such/page"))


def test_the_crowd_and_the_turns_are_counted(stage: Stage) -> None:
    reference = references.make_app(f"sqlite:///{stage.app.settings.data_dir / 'plain.db'}")
    references.fill(f"sqlite:///{stage.app.settings.data_dir / 'plain.db'}")
    with live_server(lambda _url: reference) as plain:  # type: ignore[arg-type,return-value]  # any WSGI application will do
        (line,) = [line for line in LINES if line.name == "audit page"]
        found = measure(stage, line, plain.url, Effort(alone=10, crowd=16, warm_up=2, turn=5))
    assert (found.alone.count, found.reference.count, found.crowd.count) == (10, 10, 16)
    assert found.size_bytes > 5_000
    assert found.statements > 0


def test_medians_and_growth() -> None:
    assert times_of([3.0, 1.0, 2.0]) == Times(2.0, 3.0, 3)
    assert times_of([float(n) for n in range(1, 101)]).p95 == 95.0

    def at(size: int, seconds: float, reference: float) -> Measured:
        alone = Times(seconds, seconds, 1)
        return Measured("audit page", size, alone, alone, Times(reference, reference, 1), 5, 100)

    run = Run("sqlite", lines=[at(100, 0.003, 0.001), at(100_000, 0.0078, 0.002)])
    growth = run.growth_of("audit page")
    assert growth is not None
    assert round(growth, 2) == 1.3  # the machine was slower the second time; the page was not
    assert run.holds(run.lines[0])
    assert run.all_hold
    run.lines.append(at(1_000_000, 0.0045, 0.001))
    assert not run.all_hold  # 4.5 times the reference
    run.lines[-1] = at(1_000_000, 0.0039, 0.001)
    assert run.all_hold
    run.start_seconds = 2.1
    assert not run.all_hold


@pytest.mark.slow
def test_a_whole_run_keeps_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "import sys, pathlib\n"
        "from tests.benchmarks import __main__ as bench\n"
        f"bench.FOLDER = pathlib.Path({str(tmp_path)!r})\n"
        "bench.main(prog_name='bench')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, "--sizes", "100,110", "--requests", "2", "--line", "audit"],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert ended.returncode in (0, 1), ended.stderr
    assert "audit page" in ended.stdout
    (kept,) = (tmp_path / "results").iterdir()
    found = json.loads(kept.read_text())
    (run,) = found["runs"]
    assert [line["size"] for line in run["lines"]] == [100, 110]
    assert run["memory_bytes"] > 10_000_000
    assert run["start_seconds"] > 0
    assert set(run["references"]) == set(references.REQUESTS)
