"""The gallery in a real browser: every component, both shells, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from tests.support.browser import BrowserPages, overflowing

PAGES = ("/gallery/", "/gallery/vendor", "/gallery/plain")
Theme = Literal["light", "dark"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(
    browser_page: BrowserPages, axe: Callable[..., None], path: str, width: int, theme: Theme
) -> None:
    page = browser_page(width=width, theme=theme)
    page.goto(path)
    page.evaluate("document.querySelectorAll('details.as-fold').forEach(e => e.open = true)")
    axe(page)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [320, 390, 768, 1000, 1440])
def test_nothing_scrolls_sideways(browser_page: BrowserPages, path: str, width: int) -> None:
    page = browser_page(width=width)
    page.goto(path)
    assert overflowing(page) == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [1280, 390])
def test_text_may_be_spaced(browser_page: BrowserPages, path: str, width: int) -> None:
    """WCAG 1.4.12: more space between letters, words and lines hides nothing."""
    page = browser_page(width=width, bypass_csp=True)
    page.goto(path)
    page.add_style_tag(
        content="* { line-height: 1.5 !important; letter-spacing: .12em !important;"
        " word-spacing: .16em !important }"
    )
    assert overflowing(page) == []


def test_page_keeps_its_layout_while_it_loads(browser_page: BrowserPages) -> None:
    page = browser_page()
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const entry of "
        "list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value; })"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    page.goto("/gallery/vendor")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.shift") < 0.01


@pytest.mark.parametrize("path", PAGES)
def test_targets_are_large_enough_by_touch(browser_page: BrowserPages, path: str) -> None:
    """Controls are 44 pixels high; links inside sentences and folds of text may be lower."""
    page = browser_page(width=390, has_touch=True, is_mobile=True)
    page.goto(path)
    low = page.evaluate(
        """() => [...document.querySelectorAll(
             '.as-btn:not(.as-btn-link), .as-input, .as-nav a, .as-tabs a, .as-chip, .as-me')]
           .filter(e => e.offsetParent && e.getBoundingClientRect().height < 39.5)
           .map(e => e.outerHTML.slice(0, 120))"""
    )
    assert low == []


def test_person_may_choose_light_or_dark(browser_page: BrowserPages) -> None:
    page = browser_page(theme="dark")
    page.goto("/gallery/")
    assert _ground(page) == "rgb(17, 22, 29)"  # the device's wish
    page.get_by_label("Light or dark").click()
    page.locator(".as-theme").get_by_role("button", name="Light").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "light"
    assert _ground(page) == "rgb(246, 247, 249)"


def _ground(page: Page) -> Any:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_error_summary_is_read_first_and_leads_to_the_field(browser_page: BrowserPages) -> None:
    page = browser_page()
    page.goto("/gallery/vendor")
    assert page.evaluate("document.activeElement.matches('[data-error-summary]')")
    page.locator("[data-error-summary] a").first.click()
    assert page.evaluate("document.activeElement.id") == "q4-days"


def test_menus_close_by_escape_and_by_a_press_elsewhere(browser_page: BrowserPages) -> None:
    page = browser_page()
    page.goto("/gallery/")
    summary = page.get_by_label("More actions")
    menu = page.locator("details:has(> summary[aria-label='More actions'])")
    summary.click()
    assert menu.get_attribute("open") is not None
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert summary.evaluate("e => e === document.activeElement")
    summary.click()
    page.locator("h1").click()
    assert menu.get_attribute("open") is None


def test_phone_menu_opens_the_rail(browser_page: BrowserPages) -> None:
    page = browser_page(width=390)
    page.goto("/gallery/")
    assert not page.locator(".as-rail").is_visible()
    page.locator(".as-menu > summary").click()
    assert page.locator(".as-menu nav").is_visible()


def test_one_box_selects_all_rows_and_the_count_is_true(browser_page: BrowserPages) -> None:
    page = browser_page()
    page.goto("/gallery/")
    rows = page.locator("[data-select-row]")
    count = page.locator("[data-selected-count]")
    assert count.inner_text() == str(page.locator("[data-select-row]:checked").count())
    page.locator("[data-select-all]").check()
    assert count.inner_text() == str(rows.count())
    rows.first.uncheck()
    assert count.inner_text() == str(rows.count() - 1)
    assert page.locator("[data-select-all]").evaluate("e => e.indeterminate")


def test_leaving_typed_words_is_asked_about(browser_page: BrowserPages) -> None:
    page = browser_page()
    page.goto("/gallery/")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("form[data-confirm-leave] textarea").fill("Words that are not sent yet.")
    page.goto("/gallery/vendor")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("path", PAGES)
def test_everything_is_there_without_script(browser_page: BrowserPages, path: str) -> None:
    page = browser_page(width=390, javascript=False)
    page.goto(path)
    for form in page.locator("main form").all():
        assert form.locator("button[type=submit], button:not([type])").count() > 0
    assert page.locator(".as-only-js:visible").count() == 0
    assert page.locator(".as-no-js:visible").count() == page.locator(".as-no-js").count()
    assert overflowing(page) == []


def test_dangerous_names_stay_text(browser_page: BrowserPages) -> None:
    page = browser_page()
    page.goto("/gallery/")
    assert page.get_by_text("<script>alert(1)</script>").count() == 1


def test_paper_has_the_content_and_no_controls(browser_page: BrowserPages) -> None:
    page = browser_page()
    page.goto("/gallery/vendor")
    page.emulate_media(media="print")
    assert page.get_by_text("Signed and sent").is_visible()
    for gone in (".as-savebar", ".as-foot", ".as-tools", ".as-actions .as-btn"):
        assert not page.locator(gone).first.is_visible()
    assert _ground(page) == "rgb(255, 255, 255)"
