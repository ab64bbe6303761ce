"""The audit page: filters, pages, export, the state of the chain; and the History tab."""

from __future__ import annotations

import csv
import io

import pytest

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.admin.audit.jobs import VERIFY_TOPIC
from app.identity.models import StaffAccount
from app.outbox.lifecycle import JobState
from tests.integration.admin.conftest import SignedIn, Work
from tests.integration.admin.rows import many_events, many_jobs
from tests.support.clock import Clock
from tests.support.html_tree import Element
from tests.support.pages import PageClient, find, tree
from tests.support.people import PASSWORD, actor_for

AUDIT = "/admin/audit/"


def subjects(page: Element) -> list[str]:
    rows = [th for th in page.elements("th") if th.get("scope") == "row"]
    return [next(th.elements("span")).text.split(": ", 1)[-1] for th in rows]


def test_filters_narrow_and_combine(
    office: PageClient, administrator: StaffAccount, work: Work, clock: Clock
) -> None:
    with work() as session:
        me = actor_for(session, administrator)
        many_events(session, 1, subject_name="early.pdf", actor=me)
    clock.forward(days=2)
    with work() as session:
        many_events(session, 1, subject_name="late.pdf", subject_id="seven")
        many_events(session, 1, "file.released", subject_name="late.pdf", actor=me)
    # The session has run out in the meantime.
    office.submit("/sign-in", {"email": administrator.email, "password": PASSWORD})
    for query, expected in (
        ("?verb=file.uploaded", ["late.pdf", "early.pdf"]),
        ("?verb=file.uploaded&since=2026-03-04", ["late.pdf"]),
        ("?verb=file.uploaded&until=2026-03-02", ["early.pdf"]),
        ("?verb=file.uploaded&since=2026-03-02&until=2026-03-02", ["early.pdf"]),
        ("?verb=file.uploaded&since=2026-03-05", []),
        (f"?subject=file&actor={administrator.id}", ["late.pdf", "early.pdf"]),
        ("?id=seven", ["late.pdf"]),
    ):
        assert subjects(office.page(AUDIT + query)) == expected, query


def test_a_filter_that_is_none_is_said_beside_its_field(office: PageClient) -> None:
    page = tree(office.get(AUDIT + "?since=yesterday"))
    assert office.get(AUDIT + "?since=yesterday").status_code == 422
    links = [a.get("href") for a in find(page, "div", class_="as-errors").elements("a")]
    assert links == ["#since"]
    assert office.get(AUDIT + "export.csv?since=yesterday").status_code == 422


def test_pages_show_each_event_once(office: PageClient, work: Work) -> None:
    with work() as session:
        many_events(session, 120)
    path: str | None = AUDIT + "?verb=file.uploaded"
    seen: list[str] = []
    while path:
        page = office.page(path)
        seen += subjects(page)
        path = next((a.get("href") for a in page.elements("a") if a.get("rel") == "next"), None)
    assert seen == [f"report {number}.pdf" for number in range(119, -1, -1)]


def test_nothing_that_matches_offers_the_way_back(office: PageClient) -> None:
    page = office.page(AUDIT + "?verb=file.erased")
    assert find(page, "h3", text="No event matches")
    assert find(page, "a", text="Show all events").get("href") == AUDIT


def test_the_export_holds_the_filter_and_runs_in_no_spreadsheet(
    office: PageClient, work: Work
) -> None:
    with work() as session:
        many_events(
            session, 1, subject_name="=cmd|' /C calc'!A0", after={"size": 7, "purpose": "@SUM(1)"}
        )
        many_events(session, 1, "file.erased", subject_name="other.pdf")
    answer = office.get(AUDIT + "export.csv?verb=file.uploaded")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert len(rows) == 3  # the head, and one row for each field
    cells = [cell for row in rows[1:] for cell in row]
    assert "'=cmd|' /C calc'!A0" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]


def test_an_export_that_is_too_large_says_what_to_do(
    office: PageClient, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.admin.audit.views.EXPORT_LIMIT", 3)
    with work() as session:
        many_events(session, 4)
    answer = office.get(AUDIT + "export.csv")
    assert answer.status_code == 422
    assert "Narrow the days or the kind" in tree(answer).text


def test_the_page_says_whether_the_chain_holds(office: PageClient, work: Work) -> None:
    assert "The chain has not been checked yet." in office.page(AUDIT).text
    with work() as session:
        result = {"holds": True, "events": 12345, "broken_at": None, "reason": ""}
        many_jobs(session, 1, JobState.DONE, topic=VERIFY_TOPIC, result=result)
    assert "12,345 events follow one from another" in office.page(AUDIT).text
    with work() as session:
        result = {"holds": False, "events": 6, "broken_at": 7, "reason": "Event 7 was changed."}
        many_jobs(session, 1, JobState.DONE, topic=VERIFY_TOPIC, result=result)
    page = office.page(AUDIT)
    assert "Event 7 was changed." in find(page, "div", class_="as-notice-stop").text


def test_who_reads_the_trail_and_who_may_have_it_checked(signed_in: SignedIn) -> None:
    for role in (Role.AUDITOR, Role.GOVERNANCE_LEAD):
        browser = signed_in(role)
        assert "Check the chain now" not in browser.page(AUDIT).text
        assert browser.submit(AUDIT + "check", form_at="/account").status_code == 403
    assert signed_in(Role.REVIEWER).get(AUDIT).status_code == 403


def test_the_history_tab_shows_changes_in_words_and_goes_back_page_by_page(
    office: PageClient, administrator: StaffAccount, work: Work
) -> None:
    with work() as session:
        for number in range(120):
            many_events(
                session,
                1,
                "account.roles_changed",
                actor=SYSTEM,
                subject_type="account",
                subject_id=administrator.id,
                before={"roles": ["risk_owner", f"auditor until 2026-04-{number % 28 + 1:02}"]},
                after={"roles": ["administrator"]},
            )
    path: str | None = f"/admin/people/{administrator.id}/history"
    entries = 0
    while path:
        page = office.page(path)
        entries += len(list(find(page, "ol", class_="as-history").elements("li")))
        assert "Risk owner, Auditor until" in page.text
        path = next((a.get("href") for a in page.elements("a") if a.get("rel") == "next"), None)
    assert entries >= 120
