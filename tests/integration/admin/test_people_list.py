"""The list of people: filters, sorting, pages, export; and who sees whom."""

from __future__ import annotations

import csv
import io

import pytest

from app.access.roles import Role
from app.identity import services
from app.identity.models import StaffAccount
from tests.integration.admin.conftest import SignedIn, Work
from tests.integration.admin.rows import many_people
from tests.support.html_tree import Element
from tests.support.pages import PageClient, find, tree
from tests.support.people import (
    actor_for,
    give_second_factor,
    invite_account,
    make_account,
    make_unit,
)

PEOPLE = "/admin/people/"


def names(page: Element) -> list[str]:
    rows = [th for th in page.elements("th") if th.get("scope") == "row"]
    return [next(th.elements("a")).text for th in rows]


def exported(browser: PageClient, query: str = "") -> list[dict[str, str]]:
    answer = browser.get(PEOPLE + "export.csv" + query)
    assert answer.status_code == 200
    text = answer.get_data(as_text=True).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def staff(work: Work, administrator: StaffAccount) -> dict[str, str]:
    """An active reviewer in Claims with a second factor, an invited and a disabled person."""
    with work() as session:
        claims = make_unit(session, "Claims")
        reviewer = make_account(
            session, name="Björn Reviewer", roles=[Role.REVIEWER], units=[claims]
        )
        give_second_factor(session, reviewer)
        invite_account(session, name="Clara Invited", roles=[Role.PROCUREMENT])
        leaver = make_account(session, name="Dora Disabled", roles=[Role.COLLEAGUE])
        services.disable(session, actor_for(session, administrator), leaver)
        return {"claims": str(claims.id)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Ada Admin", "Björn Reviewer", "Clara Invited", "Dora Disabled"]),
        ("?state=invited", ["Clara Invited"]),
        ("?state=disabled", ["Dora Disabled"]),
        ("?role=reviewer", ["Björn Reviewer"]),
        ("?factor=yes", ["Björn Reviewer"]),
        ("?factor=no&state=active", ["Ada Admin"]),
        ("?unit={claims}", ["Björn Reviewer"]),
        ("?q=BJÖRN", ["Björn Reviewer"]),
        ("?q=clara.invited@", ["Clara Invited"]),
        ("?q=%25", []),
        ("?q=nobody", []),
        ("?sort=newest", ["Dora Disabled", "Clara Invited", "Björn Reviewer", "Ada Admin"]),
        ("?state=nonsense&role=&unit=x&factor=maybe&sort=1&after=zzz", None),
    ],
)
def test_filters_show_whom_they_name_and_the_export_holds_the_same(
    office: PageClient, staff: dict[str, str], query: str, expected: list[str] | None
) -> None:
    query = query.format(**staff)
    wanted = ["Ada Admin", "Björn Reviewer", "Clara Invited", "Dora Disabled"]
    wanted = wanted if expected is None else expected
    page = office.page(PEOPLE + query)
    assert names(page) == wanted
    assert [row["Name"] for row in exported(office, query)] == wanted


def test_an_active_filter_is_a_chip_that_removes_itself(
    office: PageClient, staff: dict[str, str]
) -> None:
    page = office.page(f"{PEOPLE}?role=reviewer&unit={staff['claims']}&state=active")
    chips = [a for a in page.elements("a") if a.get("aria-current") == "true"]
    assert [chip.text.split(",")[0] for chip in chips] == ["Active", "Reviewer", "Claims"]
    for chip in chips:
        page = office.page(str(chip.get("href")))
        left = [a for a in page.elements("a") if a.get("aria-current") == "true"]
        assert len(left) == 2


def test_pages_show_everybody_once_and_keep_the_filter(office: PageClient, work: Work) -> None:
    with work() as session:
        many_people(session, 120)
    for query in ("?state=invited", "?state=invited&sort=email", "?state=invited&sort=newest"):
        seen: list[str] = []
        path: str | None = PEOPLE + query
        while path:
            page = office.page(path)
            seen += names(page)
            path = next((a.get("href") for a in page.elements("a") if a.get("rel") == "next"), None)
        assert len(seen) == len(set(seen)) == 120
        assert len(exported(office, query)) == 120


def test_no_cell_of_the_export_is_run_by_a_spreadsheet(office: PageClient, work: Work) -> None:
    with work() as session:
        invite_account(session, name="=HYPERLINK(1) & Co", email="formula@northwind.example")
        invite_account(session, name="＋SUM(A1)", email="wide@northwind.example")
    cells = [cell for row in exported(office) for cell in row.values()]
    assert "'=HYPERLINK(1) & Co" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝", "＋", "\t"))]


def test_two_kinds_of_emptiness_say_what_to_do(
    office: PageClient, administrator: StaffAccount
) -> None:
    page = office.page(PEOPLE + "?state=disabled")
    assert find(page, "h3", text="Nobody fits these filters")
    page = office.page(PEOPLE + "?state=active&q=zzz")
    button = find(page, "a", text="Clear the search")
    assert names(office.page(str(button.get("href")))) == ["Ada Admin"]


def test_an_auditor_reads_and_finds_no_button(signed_in: SignedIn) -> None:
    browser = signed_in(Role.AUDITOR)
    page = browser.page(PEOPLE)
    assert names(page) == ["Person auditor"]
    assert "Invite a person" not in page.text
    assert browser.get(PEOPLE + "invite").status_code == 403
    assert browser.get(PEOPLE + "export.csv").status_code == 200


@pytest.mark.parametrize("role", [Role.COLLEAGUE, Role.REVIEWER, Role.APPROVER])
def test_who_may_not_read_people_sees_nobody(signed_in: SignedIn, role: Role) -> None:
    browser = signed_in(role)
    for path in (PEOPLE, PEOPLE + "export.csv", "/admin/units/", "/admin/jobs/", "/admin/audit/"):
        assert browser.get(path).status_code == 403
    assert "Administration" not in tree(browser.get("/")).text


def test_who_sees_one_unit_lists_and_opens_only_its_people(work: Work, signed_in: SignedIn) -> None:
    with work() as session:
        claims, sales = make_unit(session, "Claims"), make_unit(session, "Sales")
        make_account(session, name="Cleo Claims", units=[claims])
        other = make_account(session, name="Saul Sales", units=[sales])
    browser = signed_in(Role.GOVERNANCE_LEAD, name="Lea Lead", units=[claims])
    assert names(browser.page(PEOPLE)) == ["Cleo Claims", "Lea Lead"]
    assert [row["Name"] for row in exported(browser)] == ["Cleo Claims", "Lea Lead"]
    assert browser.get(f"{PEOPLE}{other.id}").status_code == 404
    assert "Sales" not in browser.page("/admin/units/").text
