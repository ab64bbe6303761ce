"""The rail and the tabs of Administration, business units, and what waits on My work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.admin.audit.jobs import VERIFY_TOPIC
from app.files.lifecycle import ScanState
from app.files.models import StoredFile
from app.identity.models import StaffAccount
from app.identity.units import create_unit
from app.kernel import clock as time
from app.kernel import ids
from app.mail.lifecycle import Fault, MailState
from app.mail.models import MailMessage
from app.outbox.lifecycle import JobState
from tests.integration.admin.conftest import SignedIn, Work
from tests.integration.admin.rows import many_jobs
from tests.support.html_tree import Element
from tests.support.pages import PageClient, find, tree
from tests.support.people import make_account

ALL = ["People", "Business units", "Audit trail", "Mail", "Files", "Jobs"]


def tabs(page: Element) -> dict[str, str]:
    bar = find(page, "nav", aria_label="Administration")
    return {a.text: str(a.get("href")) for a in bar.elements("a")}


def rail(page: Element) -> list[str]:
    return [a.text for a in find(page, "nav", aria_label="Main").elements("a")]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.ADMINISTRATOR, ALL),
        (Role.AUDITOR, ["People", "Business units", "Audit trail"]),
        (Role.GOVERNANCE_LEAD, ["People", "Business units", "Audit trail"]),
    ],
)
def test_one_entry_opens_the_tabs_that_a_person_may_see(
    signed_in: SignedIn, role: Role, expected: list[str]
) -> None:
    browser = signed_in(role)
    home = browser.page("/")
    assert rail(home)[-1] == "Administration"
    assert not set(rail(home)) & set(ALL)
    entry = list(find(home, "nav", aria_label="Main").elements("a"))[-1]
    first = browser.page(str(entry.get("href")))
    assert list(tabs(first)) == expected
    for label, href in tabs(first).items():
        page = browser.page(href)
        current = [a.text for a in page.elements("a") if a.get("aria-current") == "page"]
        assert label in current
        assert "Administration" in current
        assert list(tabs(page)) == expected


def test_who_may_see_nothing_of_it_has_no_entry(signed_in: SignedIn) -> None:
    assert rail(signed_in(Role.COLLEAGUE).page("/")) == ["My work"]


def test_units_are_added_renamed_archived_and_used_again(office: PageClient) -> None:
    assert "No business unit yet" in office.page("/admin/units/").text
    assert office.submit("/admin/units/new", {"name": " "}).status_code == 422
    assert office.submit("/admin/units/new", {"name": "Claims"}).status_code == 303
    again = office.submit("/admin/units/new", {"name": "ＣＬＡＩＭＳ"})
    assert again.status_code == 409
    assert "There is a business unit with this name already" in tree(again).text
    page = office.page("/admin/units/")
    rename = str(find(page, "a", text="Rename").get("href"))
    version = str(find(office.page(rename), "input", name="version").get("value"))
    stale = office.submit(rename, {"name": "Damages", "version": "99"})
    assert stale.status_code == 409
    assert office.submit(rename, {"name": "Damages", "version": version}).status_code == 303
    page = office.page("/admin/units/")
    assert "Claims is now called Damages." in page.text
    archive = str(find(page, "a", text="Archive").get("href"))
    assert find(office.page(archive), "h1").text == "Archive Damages?"
    assert office.submit(archive).status_code == 303
    page = office.page("/admin/units/?archived=yes")
    restore = next(
        str(form.get("action"))
        for form in page.elements("form")
        if str(form.get("action")).endswith("/restore")
    )
    assert office.submit(restore, form_at="/admin/units/?archived=yes").status_code == 303
    assert "Damages is in use again." in office.page("/admin/units/").text


def test_who_reads_units_cannot_change_them(signed_in: SignedIn, work: Work) -> None:
    with work() as session:
        unit = create_unit(session, SYSTEM, "Claims")
    browser = signed_in(Role.GOVERNANCE_LEAD)
    page = browser.page("/admin/units/")
    assert "Claims" in page.text
    assert "Rename" not in page.text
    for path in ("/admin/units/new", f"/admin/units/{unit.id}/rename"):
        assert browser.get(path).status_code == 403
    for act in ("rename", "archive", "restore"):
        answer = browser.submit(f"/admin/units/{unit.id}/{act}", form_at="/account")
        assert answer.status_code == 403


def park_jobs(session: Session) -> None:
    many_jobs(session, 3, JobState.PARKED)


def break_the_chain(session: Session) -> None:
    result = {"holds": False, "events": 6, "broken_at": 7, "reason": "Event 7 was changed."}
    many_jobs(session, 1, JobState.DONE, topic=VERIFY_TOPIC, result=result)


def fail_a_mail(session: Session) -> None:
    session.add(
        MailMessage(
            topic="portal.test",
            to_address="jana@northwind.example",
            to_name="Jana",
            locale="en",
            values={},
            subject_type="portal",
            subject_id="test",
            requested_by_name="Ada",
            queued_at=time.now(),
            state=MailState.FAILED,
            fault=Fault.REFUSED,
            attempts=1,
        )
    )


def hold_a_file(session: Session) -> None:
    session.add(
        StoredFile(
            storage_key=str(ids.new_id()),
            original_name="x.pdf",
            size=1,
            sha256="0" * 64,
            media_type="application/pdf",
            purpose="storage check",
            scan_state=ScanState.QUARANTINED,
            scanned_at=time.now(),
            scan_finding="Eicar",
            uploaded_by_kind="system",
            uploaded_by_name="Assay",
        )
    )


def let_a_role_end(session: Session) -> None:
    today = time.today(dt.UTC)
    ends = today + dt.timedelta(days=14)
    make_account(session, name="Olga Auditor", roles={Role.AUDITOR: ends})
    make_account(session, name="Later Auditor", roles={Role.AUDITOR: ends + dt.timedelta(days=1)})


@pytest.mark.parametrize(
    ("happens", "title", "detail", "leads_to"),
    [
        (park_jobs, "Decide on parked jobs", "3 jobs", "/admin/jobs/?state=parked"),
        (
            break_the_chain,
            "Look into the broken audit trail",
            "Event 7 was changed.",
            "/admin/audit/",
        ),
        (fail_a_mail, "See to failed mails", "1 mail was refused", "/admin/mail/?state=failed"),
        (hold_a_file, "Decide on held files", "1 file", "/admin/files/?state=quarantined"),
        (let_a_role_end, "Extend a role, or let it end", "Olga Auditor · Auditor", "/access"),
    ],
)
def test_what_goes_wrong_waits_on_my_work_for_who_can_set_it_right(
    office: PageClient,
    signed_in: SignedIn,
    work: Work,
    administrator: StaffAccount,
    happens: Callable[[Session], None],
    title: str,
    detail: str,
    leads_to: str,
) -> None:
    assert "Nothing waits for you." in office.page("/").text
    with work() as session:
        happens(session)
    page = office.page("/")
    items = find(page, "ul", class_="as-work")
    assert title in items.text
    assert detail in items.text
    assert "Later Auditor" not in items.text
    links = [a for a in items.elements("a") if title in a.text]
    assert str(links[0].get("href")).endswith(leads_to)
    assert office.get(str(links[0].get("href"))).status_code == 200
    assert "Nothing waits for you." in signed_in(Role.COLLEAGUE).page("/").text
