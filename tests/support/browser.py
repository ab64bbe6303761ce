"""A real browser: Debian's Chromium driven by playwright, and axe over its pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium_path() -> str | None:
    """Return the browser of this machine: $ASSAY_CHROMIUM, or the first known name; or None."""
    return os.environ.get("ASSAY_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Yield a headless browser."""
    # Chromium's own sandbox does not work for root, nor in most containers.
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()


class BrowserPages:
    """Opens pages, each in a profile of its own, and hears everything that they complain of."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        """Open pages of the portal at `base_url`."""
        self._browser = browser
        self._base_url = base_url
        self.complaints: list[str] = []
        """What pages wrote to the console as errors, and scripts that broke."""

    def __call__(
        self,
        *,
        width: int = 1440,
        height: int = 900,
        theme: Literal["light", "dark"] = "light",
        javascript: bool = True,
        locale: str = "en-GB",
        **options: Any,
    ) -> Page:
        """Return a new page; other options are those of playwright's new_context."""
        context = self._browser.new_context(
            base_url=self._base_url,
            viewport={"width": width, "height": height},
            color_scheme=theme,
            java_script_enabled=javascript,
            locale=locale,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._complain(page, f"script error: {error}"))
        return page

    def close(self) -> None:
        """Close every page that is still open."""
        for context in self._browser.contexts:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        # An answer of 4xx that a test asks for is no fault of the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def _complain(self, page: Page, text: str) -> None:
        self.complaints.append(f"{page.url}: {text}")


def axe_findings(page: Page, *, ignore: tuple[str, ...] = ()) -> list[str]:
    """Return what axe finds on a page, one line for each element; empty is the only good answer."""
    options = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:160]}\n"
        f"      {node['failureSummary']}"
        for rule in found
        if rule["id"] not in ignore
        for node in rule["nodes"]
    ]


def overflowing(page: Page) -> list[str]:
    """Return the elements that make the page scroll sideways."""
    script = """() => {
      const wide = document.documentElement.clientWidth + 1;
      if (document.documentElement.scrollWidth <= wide) return [];
      return [...document.querySelectorAll('body *')]
        .filter(e => e.getBoundingClientRect().right > wide)
        .map(e => e.tagName.toLowerCase() + '.' + e.className).slice(0, 10);
    }"""
    try:
        return list(page.evaluate(script))
    except Error as error:
        return [f"the page could not be measured: {error}"]
