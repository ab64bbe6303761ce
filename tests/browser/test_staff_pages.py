"""Every staff page in a real browser: axe, width, and the whole first day by keyboard alone."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect
from reportlab.pdfgen.canvas import Canvas

from app.access.roles import Role
from app.db.unit_of_work import unit_of_work
from app.identity.entry import first_administrator_link
from app.web.application import Application
from tests.support.browser import BrowserPages, axe_findings, overflowing
from tests.support.live_server import LiveServer
from tests.support.people import PASSWORD, invite_account, make_account

LONG_NAME = "Maximiliane Freifrau von Schwarzenberg-Hohenstein-Donaudampfschifffahrt"
NOT_PAGES = ("assets.", "health.", "gallery.", "preferences.")
"""What answers GET and is no page of the staff side."""


@pytest.fixture
def portal(live: LiveServer) -> Application:
    """The portal behind the server, with people of all kinds in it."""
    app = live.app
    with app.app_context(), unit_of_work(app.database) as session:
        make_account(
            session, name="Ines Kowalczyk", email="ines@halden.example",
            roles=[Role.ADMINISTRATOR, Role.GOVERNANCE_LEAD],
        )  # fmt: skip
        make_account(session, name=LONG_NAME, email="long@halden.example", roles=[*Role])
        for number in range(55):
            invite_account(session, name=f"Person {number}", email=f"p{number}@halden.example")
    return app


def sign_in(page: Page, email: str = "ines@halden.example") -> None:
    page.goto("/sign-in")
    page.get_by_label("Mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My work")


def page_addresses(app: Application) -> list[str]:
    """Return the addresses of all pages that need no id."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.arguments
        and not rule.endpoint.startswith(NOT_PAGES)
        and not rule.rule.endswith((".csv", ".txt", ".json", "/metrics", "favicon.ico"))
    )


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_and_width_on_every_page(
    browser_page: BrowserPages, portal: Application, width: int, theme: Literal["light", "dark"]
) -> None:
    page = browser_page(width=width, theme=theme)
    sign_in(page)
    found: list[str] = []
    addresses = page_addresses(portal)
    assert len(addresses) > 15
    page.goto("/admin/people/")
    addresses.append(page.get_by_role("link", name=LONG_NAME).get_attribute("href") or "")
    for path in addresses:
        answer = page.goto(path)
        if answer is None or "text/html" not in (answer.headers.get("content-type") or ""):
            continue
        found += [f"{path}: {line}" for line in axe_findings(page)]
        found += [f"{path}: scrolls sideways because of {name}" for name in overflowing(page)]
    assert not found, "\n".join(found)


def press_until(page: Page, name: str, *, keys: int = 60) -> None:
    """Press Tab until the control of this name has the focus."""
    for _ in range(keys):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => { const e = document.activeElement; const l = e.labels && e.labels[0];"
            " return ((l && l.innerText) || e.getAttribute('aria-label') || e.innerText || '')"
            ".trim(); }"
        )
        if str(focused).startswith(name):
            return
    raise AssertionError(f"{name} cannot be reached with the Tab key on {page.url}")


def test_the_first_day_by_keyboard_alone(browser_page: BrowserPages, live: LiveServer) -> None:
    app = live.app
    with app.app_context(), unit_of_work(app.database) as session:
        link = first_administrator_link(session, live.url)
    assert link is not None
    page = browser_page()
    page.goto(link)
    press_until(page, "Your name")
    page.keyboard.type("Ada Byron")
    press_until(page, "Your mail address")
    page.keyboard.type("first@halden.example")
    press_until(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("My work")
    page.goto("/admin/people/")
    page.keyboard.press("Tab")
    assert "Skip" in str(page.evaluate("document.activeElement.innerText"))
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    press_until(page, "Invite a person")
    page.keyboard.press("Enter")
    expect(title).to_contain_text("Invite")
    press_until(page, "Name")
    page.keyboard.type("Grace Hopper")
    press_until(page, "Work mail address")
    page.keyboard.type("grace@halden.example")
    press_until(page, "Reviewer")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(title).not_to_contain_text("Invite a person")
    expect(page.locator("main")).to_contain_text("Grace Hopper")


def test_a_file_is_uploaded_with_progress_and_a_wrong_one_is_explained(
    browser_page: BrowserPages, portal: Application, tmp_path: Path
) -> None:
    page = browser_page()
    sign_in(page)
    good = tmp_path / "report.pdf"
    good.write_bytes(PDF)
    wrong = tmp_path / "report2.pdf"
    wrong.write_bytes(b"MZ" + bytes(2_000))
    page.goto("/admin/files/upload")
    page.locator("input[type=file]").set_input_files(str(wrong))
    page.locator("main button[type=submit]").last.click()
    expect(page.get_by_role("alert")).to_contain_text("This file is a program")
    page.locator("input[type=file]").set_input_files(str(good))
    page.locator("main button[type=submit]").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("report.pdf")


def _pdf() -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.drawString(100, 700, "A report")
    canvas.save()
    return buffer.getvalue()


PDF = _pdf()
