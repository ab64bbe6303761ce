"""Makes portals for tests."""

from __future__ import annotations

import copy
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

from app.factory import create_app
from app.web.application import Application
from config import Environment, Settings
from tests.support.pages import PageClient


class _CurrentStderr(io.TextIOBase):
    """Writes to what standard error is now: pytest gives each test another one."""

    def write(self, text: str) -> int:
        """Pass the text on."""
        target = sys.__stderr__ if sys.stderr is self else sys.stderr
        return target.write(text) if target is not None else len(text)

    def flush(self) -> None:
        """Do nothing: the stream behind is flushed by its owner."""


def settings_for_tests(data_dir: Path) -> Settings:
    """Return settings of a portal in a folder of its own."""
    return Settings(
        environment=Environment.TEST,
        data_dir=data_dir,
        secret_key="a key for tests, long enough to be one",
        base_url="http://localhost",
        organisation_name="Northwind Procurement",
        smtp_timeout_seconds=2,
    )


def make_portal(settings: Settings) -> Application:
    """Return a portal whose log lands in the output of the test that runs, and whose client looks
    at every page."""
    # The log keeps the stream that it finds when the portal is made.
    with redirect_stderr(_CurrentStderr()):
        app = create_app(settings)
    app.test_client_class = PageClient
    return app


@contextmanager
def kept(app: Application) -> Iterator[Application]:
    """Put back what a test changes of a portal that others use after it: attributes, settings,
    extensions, checks; and remove the files that it left."""
    before = dict(vars(app))
    contents = {
        name: copy.copy(value)
        for name, value in before.items()
        if isinstance(value, dict | list | set)
    }
    try:
        yield app
    finally:
        vars(app).clear()
        vars(app).update(before)
        for name, content in contents.items():
            held = before[name]
            held.clear()
            held.extend(content) if isinstance(held, list) else held.update(content)
        for folder in ("files", "mail", "backups"):
            for path in [*(app.settings.data_dir / folder).rglob("*")]:
                if path.is_file():
                    path.unlink()
