"""One person: what an administrator changes, and what is refused."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa

from app.access.roles import Role
from app.audit.models import AuditEvent
from app.identity import services
from app.identity.lifecycle import AccountState
from app.identity.models import RoleGrant, StaffAccount, StaffSession
from app.mail.models import MailMessage
from tests.integration.admin.conftest import SignedIn, Work
from tests.support.clock import Clock
from tests.support.pages import PageClient, find, tree
from tests.support.people import (
    actor_for,
    give_second_factor,
    invite_account,
    make_account,
    make_unit,
)


@pytest.fixture
def sam(work: Work, administrator: StaffAccount) -> StaffAccount:
    """A reviewer who is signed in at two places."""
    with work() as session:
        account = make_account(session, name="Sam Oduya", roles=[Role.REVIEWER])
        for _ in range(2):
            actor_for(session, account, signed_in=True)
        return account


def path_of(account: StaffAccount, page: str = "") -> str:
    return f"/admin/people/{account.id}" + (f"/{page}" if page else "")


def roles_of(work: Work, account: StaffAccount) -> dict[Role, dt.date | None]:
    with work(write=False) as session:
        rows = session.execute(
            sa.select(RoleGrant.role, RoleGrant.ends_on).where(RoleGrant.account_id == account.id)
        )
        return {row.role: row.ends_on for row in rows}


def last_verbs(work: Work, count: int) -> list[str]:
    with work(write=False) as session:
        found = session.scalars(
            sa.select(AuditEvent.verb).order_by(AuditEvent.sequence.desc()).limit(count)
        )
        return list(found)[::-1]


def version_on(browser: PageClient, path: str) -> str:
    return str(find(browser.page(path), "input", name="version").get("value"))


def test_roles_are_changed_with_their_last_days(
    office: PageClient, sam: StaffAccount, work: Work, clock: Clock
) -> None:
    path = path_of(sam, "roles")
    ticked = [
        box.get("value")
        for box in office.page(path).elements("input")
        if box.get("name") == "roles" and "checked" in box.attributes
    ]
    assert ticked == ["reviewer"]
    answer = office.submit(
        path,
        {
            "roles": ["approver", "auditor"],
            "ends_auditor": "2026-03-31",
            "version": version_on(office, path),
        },
    )
    assert answer.status_code == 303, tree(answer).text
    assert roles_of(work, sam) == {Role.APPROVER: None, Role.AUDITOR: dt.date(2026, 3, 31)}
    assert last_verbs(work, 1) == ["account.roles_changed"]
    history = office.page(path_of(sam, "history")).text
    assert "Auditor until 31 Mar 2026" in history


@pytest.mark.parametrize(
    ("data", "sentence", "target"),
    [
        ({}, "Choose at least one role.", "roles-0"),
        ({"roles": ["auditor"]}, "Enter the last day of the auditor", "ends_auditor"),
        (
            {"roles": ["approver"], "ends_approver": "2026-03-01"},
            "Enter a day from today on.",
            "ends_approver",
        ),
        ({"roles": ["approver"], "ends_approver": "soon"}, "Enter a day such as", "ends_approver"),
        ({"roles": ["emperor"]}, "Choose from the roles in the list.", "roles-0"),
    ],
)
def test_roles_that_make_no_sense_are_said_beside_their_field(
    office: PageClient,
    sam: StaffAccount,
    work: Work,
    data: dict[str, object],
    sentence: str,
    target: str,
) -> None:
    answer = office.submit(path_of(sam, "roles"), data)
    assert answer.status_code == 422
    page = tree(answer)
    summary = find(page, "div", class_="as-errors")
    assert f"#{target}" in [a.get("href") for a in summary.elements("a")]
    assert sentence in summary.text
    assert roles_of(work, sam) == {Role.REVIEWER: None}


def test_a_role_that_has_ended_is_not_ticked_and_goes_when_saved(
    office: PageClient, work: Work, administrator: StaffAccount, clock: Clock
) -> None:
    with work() as session:
        account = make_account(
            session, roles={Role.COLLEAGUE: None, Role.APPROVER: dt.date(2026, 3, 10)}
        )
    assert "Until 10 Mar 2026" in office.page(path_of(account)).text
    with work() as session:
        session.execute(
            sa.update(RoleGrant)
            .where(RoleGrant.role == Role.APPROVER)
            .values(ends_on=dt.date(2026, 2, 27))
        )
    assert "Ended 27 Feb 2026" in office.page(path_of(account)).text
    path = path_of(account, "roles")
    page = office.page(path)
    assert "checked" not in find(page, "input", name="roles", value="approver").attributes
    office.submit(path, {"roles": ["colleague"], "version": version_on(office, path)})
    assert roles_of(work, account) == {Role.COLLEAGUE: None}


def test_a_form_that_is_out_of_date_overwrites_nothing(
    office: PageClient, sam: StaffAccount, work: Work, administrator: StaffAccount, clock: Clock
) -> None:
    path = path_of(sam, "roles")
    old = version_on(office, path)
    clock.forward(seconds=1)
    with work() as session:
        account = session.get_one(StaffAccount, sam.id)
        services.change_roles(
            session, actor_for(session, administrator), account, {Role.APPROVER: None}
        )
    answer = office.submit(path, {"roles": ["colleague"], "version": old})
    assert answer.status_code == 409
    assert "Somebody else changed this account" in tree(answer).text
    assert roles_of(work, sam) == {Role.APPROVER: None}


def test_units_are_changed(office: PageClient, sam: StaffAccount, work: Work) -> None:
    with work() as session:
        claims, sales = make_unit(session, "Claims"), make_unit(session, "Sales")
    path = path_of(sam, "units")
    answer = office.submit(path, {"scope": "some", "version": version_on(office, path)})
    assert answer.status_code == 422
    assert "Choose at least one business unit." in tree(answer).text
    answer = office.submit(
        path,
        {
            "scope": "some",
            "units": [str(claims.id), str(sales.id)],
            "version": version_on(office, path),
        },
    )
    assert answer.status_code == 303, tree(answer).text
    with work(write=False) as session:
        account = session.get_one(StaffAccount, sam.id)
        assert [unit.name for unit in account.units] == ["Claims", "Sales"]
        assert not account.sees_all_units
    assert "Sales" in office.page(path_of(sam)).text


def test_disabling_asks_once_ends_sessions_and_can_be_undone(
    office: PageClient, sam: StaffAccount, work: Work
) -> None:
    question = find(office.page(path_of(sam, "disable")), "h1").text
    assert question == "Disable the account of Sam Oduya?"
    assert office.submit(path_of(sam, "disable")).status_code == 303
    with work(write=False) as session:
        assert session.get_one(StaffAccount, sam.id).state is AccountState.DISABLED
        revoked = session.scalars(
            sa.select(StaffSession.revoked_at).where(StaffSession.account_id == sam.id)
        )
        assert all(instant is not None for instant in revoked)
    assert office.get(path_of(sam, "disable")).status_code == 409
    assert office.submit(path_of(sam, "enable")).status_code == 303
    with work(write=False) as session:
        assert session.get_one(StaffAccount, sam.id).state is AccountState.ACTIVE


def test_an_invitation_is_sent_again_and_withdrawn(
    office: PageClient, work: Work, administrator: StaffAccount
) -> None:
    with work() as session:
        account = invite_account(session, name="Ivy Invited")
    page = office.page(path_of(account))
    assert "can be accepted until" in page.text
    answer = office.submit(path_of(account, "invite-again"), form_at=path_of(account))
    assert answer.status_code == 303
    with work(write=False) as session:
        mails = session.scalars(
            sa.select(MailMessage).where(MailMessage.subject_id == str(account.id))
        ).all()
        assert [mail.to_address for mail in mails] == ["ivy.invited@northwind.example"]
    heading = find(office.page(path_of(account, "disable")), "h1").text
    assert heading == "Withdraw the invitation of Ivy Invited?"
    office.submit(path_of(account, "disable"))
    assert "Send the invitation again" in office.page(path_of(account)).text


def test_a_lost_second_factor_is_taken_off(
    office: PageClient, sam: StaffAccount, work: Work
) -> None:
    assert office.get(path_of(sam, "second-factor")).status_code == 409
    with work() as session:
        give_second_factor(session, session.get_one(StaffAccount, sam.id))
    assert "left" in office.page(path_of(sam)).text
    assert office.submit(path_of(sam, "second-factor")).status_code == 303
    with work(write=False) as session:
        assert not session.get_one(StaffAccount, sam.id).has_second_factor
    assert "second_factor.reset" in last_verbs(work, 6)


def test_sessions_are_ended_one_or_all(office: PageClient, sam: StaffAccount, work: Work) -> None:
    path = path_of(sam, "sessions")
    page = office.page(path)
    assert find(page, "h2", id="sessions").text == "2 open sessions"
    ends = [
        str(form.get("action"))
        for form in page.elements("form")
        if str(form.get("action")).endswith("/end") and "/sessions/" in str(form.get("action"))
    ]
    singles = [action for action in ends if action != path + "/end"]
    assert office.submit(singles[0], form_at=path).status_code == 303
    assert office.submit(singles[0], form_at=path).status_code == 404
    assert find(office.page(path), "h2", id="sessions").text == "1 open session"
    assert office.submit(path + "/end", form_at=path_of(sam)).status_code == 303
    assert "Signed in nowhere" in office.page(path).text


def test_nobody_changes_his_own_account_here(
    office: PageClient, administrator: StaffAccount, work: Work
) -> None:
    page = office.page(path_of(administrator))
    assert "This is your own account" in page.text
    assert "Change roles" not in page.text
    for form in ("roles", "units", "disable", "enable", "second-factor"):
        answer = office.get(path_of(administrator, form))
        assert answer.status_code == 403, form
        assert "two people" in tree(answer).text
    for act in ("roles", "units", "disable", "second-factor", "sessions/end", "invite-again"):
        answer = office.submit(path_of(administrator, act), form_at=path_of(administrator))
        assert answer.status_code == 403, act
    assert roles_of(work, administrator) == {Role.ADMINISTRATOR: None}


@pytest.mark.parametrize("page", ["roles", "disable", "second-factor"])
def test_sensitive_acts_ask_for_the_password_again(
    office: PageClient, sam: StaffAccount, clock: Clock, work: Work, page: str
) -> None:
    clock.forward(minutes=16)
    for answer in (
        office.get(path_of(sam, page)),
        office.submit(path_of(sam, page), {"roles": ["administrator"]}, form_at=path_of(sam)),
    ):
        assert answer.status_code == 303
        assert str(answer.location).startswith("/account/confirm")
    assert roles_of(work, sam) == {Role.REVIEWER: None}
    with work(write=False) as session:
        assert session.get_one(StaffAccount, sam.id).state is AccountState.ACTIVE


def test_an_auditor_reads_a_person_and_changes_nothing(
    signed_in: SignedIn, sam: StaffAccount, work: Work
) -> None:
    browser = signed_in(Role.AUDITOR)
    for page in ("", "access", "sessions", "history"):
        text = browser.page(path_of(sam, page)).text
        assert "Change roles" not in text
        assert "End all" not in text
    for act in ("roles", "units", "disable", "enable", "second-factor", "sessions/end"):
        answer = browser.submit(path_of(sam, act), form_at="/account")
        assert answer.status_code == 403, act
    assert roles_of(work, sam) == {Role.REVIEWER: None}


def test_somebody_who_does_not_exist_is_not_found(office: PageClient) -> None:
    for page in ("", "/access", "/roles", "/sessions", "/history", "/disable"):
        assert office.get(f"/admin/people/{uuid.uuid4()}{page}").status_code == 404


def test_an_invitation_with_gaps_says_all_of_them_at_once(
    office: PageClient, work: Work, sam: StaffAccount
) -> None:
    answer = office.submit("/admin/people/invite", {"name": " ", "email": ""})
    assert answer.status_code == 422
    summary = find(tree(answer), "div", class_="as-errors")
    targets = [a.get("href") for a in summary.elements("a")]
    assert targets == ["#name", "#email", "#language-0", "#roles-0", "#scope-0"]


@pytest.mark.parametrize(
    ("email", "status"),
    [
        ("sam.oduya@northwind.example", 409),
        ("SAM.ODUYA@Northwind.example", 409),
        ("no address", 422),
    ],
)
def test_an_address_that_is_taken_or_none_makes_no_account(
    office: PageClient, work: Work, sam: StaffAccount, email: str, status: int
) -> None:
    with work(write=False) as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(StaffAccount))
    answer = office.submit(
        "/admin/people/invite",
        {
            "name": "Nia New",
            "email": email,
            "language": "de",
            "roles": ["colleague"],
            "scope": "all",
        },
    )
    assert answer.status_code == status
    assert find(tree(answer), "div", class_="as-errors")
    with work(write=False) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffAccount)) == before
