"""Alive, ready and figures: what a machine is told, and what nobody is told."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from app.db import schema
from app.db.query_log import counted_queries
from app.db.unit_of_work import unit_of_work
from app.factory import create_app
from app.files.storage import storage_of
from app.health.readiness import Readiness
from app.health.views import readiness_of
from app.kernel import clock as clocks
from app.outbox.models import WorkerHeartbeat
from app.outbox.publish import publish
from app.web.application import Application
from config import Settings

TOKEN = "a token for figures"
ALL_PARTS = {"database", "schema", "files", "worker", "process"}


@pytest.fixture
def portal(make_app: Callable[..., Application]) -> Application:
    return make_app(metrics_token=TOKEN)


def parts(app: Application, status: int = 200) -> dict[str, str]:
    """Return what /health/ready says now, whatever was looked at before."""
    readiness_of(app)._seen_at = None
    answer = app.test_client().get("/health/ready")
    assert answer.status_code == status, answer.text
    assert answer.json is not None
    assert set(answer.json) == {"ready", "parts"}
    assert set(answer.json["parts"]) == ALL_PARTS
    assert answer.json["ready"] is (status == 200)
    assert (answer.headers.get("Retry-After") is not None) is (status == 503)
    found: dict[str, str] = answer.json["parts"]
    return found


def beat(app: Application, age: dt.timedelta = dt.timedelta(0)) -> None:
    """Let a worker say that it lived so long ago."""
    with unit_of_work(app.database) as session:
        session.execute(sa.delete(WorkerHeartbeat))
        now = clocks.now() - age
        session.add(WorkerHeartbeat(name="worker", started_at=now, seen_at=now))


def figures(app: Application) -> dict[str, dict[tuple[str, ...], float]]:
    """Return all figures: name → label values → value."""
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_alive_asks_nobody(portal: Application) -> None:
    with counted_queries() as statements:
        answer = portal.test_client().get("/health/live", headers={"Cookie": "assay=x; other=y"})
    assert (answer.status_code, answer.text) == (200, "alive\n")
    assert statements == []


def test_ready_names_each_part(portal: Application) -> None:
    beat(portal)
    assert set(parts(portal).values()) == {"ok"}


def test_without_a_worker_pages_are_still_answered(portal: Application) -> None:
    assert parts(portal)["worker"] == "silent"
    beat(portal, dt.timedelta(minutes=5))
    assert parts(portal)["worker"] == "silent"


def test_another_schema_is_not_ready(
    portal: Application, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(schema.FOLDER, folder)
    (folder / "HEAD").write_text("9999\n")
    monkeypatch.setattr(schema, "FOLDER", folder)
    assert parts(portal, 503)["schema"] == "old"


def test_a_store_that_takes_no_files_is_not_ready(portal: Application) -> None:
    store: Any = storage_of(portal)
    shutil.rmtree(store.root)
    store.root.write_text("no folder")
    found = parts(portal, 503)
    assert (found["files"], found["database"]) == ("away", "ok")
    store.root.unlink()
    store.root.mkdir()
    assert parts(portal)["files"] == "ok"


def test_a_database_that_is_away_is_not_ready_and_says_no_more(settings: Settings) -> None:
    nowhere = "postgresql+psycopg://somebody@127.0.0.1:1/nowhere"
    app = create_app(settings.with_values(database_url=nowhere, metrics_token=TOKEN))
    found = parts(app, 503)
    assert (found["database"], found["schema"], found["worker"]) == ("away",) * 3
    assert (found["files"], found["process"]) == ("ok", "ok")
    assert "127.0.0.1" not in app.test_client().get("/health/ready").text
    assert app.test_client().get("/health/live").status_code == 200
    assert figures(app)["assay_database_up"] == {(): 0}
    app.database.dispose()


def test_a_process_that_ends_is_not_ready(portal: Application) -> None:
    readiness_of(portal).stop()
    assert parts(portal, 503)["process"] == "stopping"


def test_asking_often_looks_seldom(portal: Application) -> None:
    now = [100.0]
    readiness = Readiness(portal.database, lambda: storage_of(portal), lambda: now[0])
    with counted_queries() as statements:
        readiness.look()
        once = len(statements)
        for _ in range(20):
            readiness.look()
        assert len(statements) == once > 0
        now[0] += 2
        readiness.look()
    assert len(statements) == 2 * once


def test_without_a_token_there_are_no_figures(make_app: Callable[..., Application]) -> None:
    assert make_app().test_client().get("/metrics").status_code == 404


@pytest.mark.parametrize("sent", [None, "Bearer", "Bearer x", f"Basic {TOKEN}", TOKEN, "Bearer é"])
def test_another_token_shows_nothing(portal: Application, sent: str | None) -> None:
    headers = {} if sent is None else {"Authorization": sent}
    answer = portal.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "assay_" not in answer.text


def test_requests_are_counted_by_route_and_never_by_path(portal: Application) -> None:
    client = portal.test_client()

    def count() -> dict[tuple[str, ...], float]:
        return figures(portal).get("assay_requests_total", {})

    before = count()
    client.get("/sign-in")
    client.get("/invitation/a-secret-token")
    client.get("/no/such/page/with-a-secret")
    client.open("/sign-in", method="BREW")
    after = count()
    grown = {key for key in after if after[key] > before.get(key, 0)}
    assert ("GET", "/sign-in", "200") in grown
    assert ("GET", "none", "404") in grown
    assert ("other", "none", "405") in grown
    assert not [key for key in after if "secret" in " ".join(key)]
    seconds = figures(portal)["assay_request_seconds_count"]
    assert seconds[("/sign-in",)] >= 1


def test_jobs_workers_and_events_are_told(portal: Application) -> None:
    with unit_of_work(portal.database) as session:
        for _ in range(3):
            publish(session, "nobody.handles")
        late = clocks.now() - dt.timedelta(minutes=10)
        publish(session, "nobody.handles", available_at=late)
    beat(portal)
    found = figures(portal)
    assert found["assay_jobs"] == {("ready",): 4, ("running",): 0, ("parked",): 0}
    assert 590 < found["assay_jobs_oldest_due_seconds"][()] < 660
    assert found["assay_workers"] == {(): 1}
    assert found["assay_database_up"] == {(): 1}
    assert found["assay_audit_events"][()] >= 0


def test_connections_at_work_are_counted(portal: Application) -> None:
    idle = figures(portal)["assay_database_connections_in_use"][()]
    with portal.database.engine.connect():
        assert figures(portal)["assay_database_connections_in_use"][()] == idle + 1
    assert figures(portal)["assay_database_connections_in_use"][()] == idle
