"""Fixtures and the rules of the tiers. What they stand on lies in tests/support."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from sqlalchemy.orm import Session

from app.audit import recorder
from app.db.engine import Database
from app.web.application import Application
from config import Settings
from tests.support import browser as browsers
from tests.support.clock import Clock, standing_clock
from tests.support.databases import KINDS, DatabaseSource, pointed_at
from tests.support.live_server import LiveServer, live_server
from tests.support.pages import PageClient
from tests.support.portal import kept, make_portal, settings_for_tests
from tests.support.smtp import SmtpSink, running_smtp

TESTS = Path(__file__).resolve().parent
ONE_DATABASE = ("browser", "architecture")
"""Tiers that look at pages and at the tree: the kind of database changes nothing there."""
NO_BROWSER = (
    "Browser tests do not run: there is no Chromium here (apt install chromium, or name one in "
    "ASSAY_CHROMIUM). Everything else runs."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the databases be chosen."""
    parser.addoption(
        "--db", choices=[*KINDS, "both"], default="sqlite", help="databases that tests run on"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Forget the settings of whoever runs the tests."""
    for name in [*os.environ]:
        if name.startswith("ASSAY_") and name != "ASSAY_CHROMIUM":
            del os.environ[name]


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what this run covers."""
    lines = [f"databases: {', '.join(_kinds(config))}"]
    return lines if browsers.chromium_path() else [*lines, NO_BROWSER]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once more, where people look, that the browser tests did not run."""
    if not browsers.chromium_path():
        terminalreporter.write_line(NO_BROWSER)


def _kinds(config: pytest.Config) -> tuple[str, ...]:
    chosen: str = config.getoption("--db")
    return KINDS if chosen == "both" else (chosen,)


def _tier(path: Path) -> str:
    return path.relative_to(TESTS).parts[0] if path.is_relative_to(TESTS) else ""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what touches a database on every chosen one."""
    if "database_kind" in metafunc.fixturenames:
        kinds = _kinds(metafunc.config)
        if _tier(metafunc.definition.path) in ONE_DATABASE:
            kinds = kinds[:1]
        metafunc.parametrize("database_kind", kinds)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not asked for or cannot run; keep browser tests on one process."""
    has_browser = browsers.chromium_path() is not None
    kept, left = [], []
    for item in items:
        wants_postgres = item.get_closest_marker("postgres") is not None
        wants_browser = _tier(item.path) == "browser"
        if wants_browser:
            item.add_marker(pytest.mark.xdist_group("browser"))
        runs = (has_browser or not wants_browser) and (
            not wants_postgres or "postgres" in _kinds(config)
        )
        (kept if runs else left).append(item)
    items[:] = kept
    if left:
        config.hook.pytest_deselected(items=left)


@pytest.fixture(autouse=True)
def _outside_any_request() -> None:
    """Begin without the request id that a test before left on this thread."""
    recorder.request_id.set(None)
    structlog.contextvars.clear_contextvars()


@pytest.fixture(autouse=True)
def _tier_rules(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit tests are pure: whatever opens a database there fails."""
    if _tier(request.path) != "unit":
        return

    def refuse(*_args: Any, **_options: Any) -> None:
        raise AssertionError("A unit test opens no database: move it to tests/integration.")

    monkeypatch.setattr(Database, "__init__", refuse)
    monkeypatch.setattr(sqlite3, "connect", refuse)
    monkeypatch.setattr(sqlite3.dbapi2, "connect", refuse)
    monkeypatch.setattr(psycopg, "connect", refuse)
    monkeypatch.setattr(psycopg.Connection, "connect", refuse)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a portal in a folder of its own."""
    return settings_for_tests(tmp_path / "data")


@pytest.fixture(scope="session")
def database_source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseSource]:
    """Where databases come from; for tests that need several or an empty one."""
    with DatabaseSource(tmp_path_factory.mktemp("databases")) as source:
        yield source


@pytest.fixture(scope="session")
def _portal(tmp_path_factory: pytest.TempPathFactory) -> Application:
    """The one portal of this process; `database` moves it to the test's own database."""
    return make_portal(settings_for_tests(tmp_path_factory.mktemp("portal") / "data"))


@pytest.fixture
def database(
    _portal: Application, database_source: DatabaseSource, database_kind: str, tmp_path: Path
) -> Iterator[Database]:
    """A migrated database of the test's own: commits are real, other processes see them.

    It is the one of `app`, and its sessions carry what services look for there.
    """
    with (
        database_source.fresh_url(database_kind, tmp_path / "data") as url,
        pointed_at(_portal.database, url) as database,
    ):
        yield database


@pytest.fixture
def session(
    request: pytest.FixtureRequest,
    _portal: Application,
    database_source: DatabaseSource,
    database_kind: str,
) -> Iterator[Session]:
    """A writing session that is rolled back: the quick way to test services and queries."""
    others = {"database", "app", "client", "live"} & set(request.fixturenames)
    if others:
        pytest.fail(
            f"session is a database of its own beside {', '.join(sorted(others))}: "
            "write `with unit_of_work(database) as session:` there"
        )
    with database_source.rolled_back_session(database_kind, _portal.database) as session:
        yield session


@pytest.fixture
def app(_portal: Application, database: Database) -> Iterator[Application]:
    """The portal on `database`. It serves all tests: for other settings take `make_app`."""
    with kept(_portal) as app:
        yield app


@pytest.fixture
def make_app(settings: Settings, database: Database) -> Iterator[Callable[..., Application]]:
    """Makes a portal of one's own on `database`: `make_app(require_totp=True)`; half a second."""
    made: list[Application] = []

    def make(**values: Any) -> Application:
        url = database.url.render_as_string(hide_password=False)
        app = make_portal(settings.with_values(database_url=url, **values))
        made.append(app)
        return app

    yield make
    for app in made:
        app.database.dispose()


@pytest.fixture
def client(app: Application) -> PageClient:
    """A browser without scripts; every answer it gets is looked at (tests/support/pages.py)."""
    client: PageClient = app.test_client()
    return client


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The clock, standing on a Monday morning until the test moves it."""
    with standing_clock() as clock:
        yield clock


@pytest.fixture
def smtp(tmp_path: Path) -> Iterator[SmtpSink]:
    """An SMTP server of this machine that takes everything until its mode is changed."""
    with running_smtp(tmp_path) as sink:
        yield sink


@pytest.fixture
def live(make_app: Callable[..., Application]) -> Iterator[LiveServer]:
    """The portal behind a real server on a free port."""
    with live_server(lambda url: make_app(base_url=url)) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests of this process."""
    with browsers.running_browser() as browser:
        yield browser


@pytest.fixture
def browser_page(chromium: Any, live: LiveServer) -> Iterator[browsers.BrowserPages]:
    """Makes pages: `page = browser_page(width=390, theme="dark")`; script errors fail the test."""
    pages = browsers.BrowserPages(chromium, live.url)
    yield pages
    pages.close()
    assert not pages.complaints, "\n".join(pages.complaints)


@pytest.fixture
def axe() -> Callable[..., None]:
    """Fails the test when axe finds anything on the page: `axe(page)`."""

    def check(page: Any, **options: Any) -> None:
        findings = browsers.axe_findings(page, **options)
        assert not findings, f"{page.url}:\n  " + "\n  ".join(findings)

    return check
