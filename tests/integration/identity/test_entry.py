"""Coming in: first administrator and invitations; each link works once, looking changes nothing."""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.db.unit_of_work import unit_of_work
from app.identity import entry, links, services
from app.identity.lifecycle import AccountState, LinkPurpose
from app.identity.links import LinkGone
from app.identity.models import OneTimeLink, StaffAccount
from app.kernel.errors import Conflict
from tests.integration.identity.conftest import Work
from tests.support.clock import Clock
from tests.support.pages import PageClient, find, tree
from tests.support.people import HERE, PASSWORD, invite_account, is_signed_in, make_account

ME = {"name": "Ada Admin", "email": "ada@northwind.example", "password": PASSWORD}


def first_link(work: Work) -> str:
    with work() as session:
        link = entry.first_administrator_link(session, "http://localhost")
    assert link is not None
    return link.removeprefix("http://localhost")


def test_the_first_administrators_link_works_once(
    client: PageClient, work: Work, browsers: Callable[[], Any], verbs: Callable[[], list[str]]
) -> None:
    path = first_link(work)
    assert client.get(path).status_code == 200
    response = client.submit(path, ME)
    assert (response.status_code, response.location) == (303, "/")
    assert is_signed_in(client)
    again = browsers()
    assert again.get(path).status_code == 410
    with work(write=False) as session:
        account = session.scalars(sa.select(StaffAccount)).one()
        assert (account.state, account.sees_all_units) == (AccountState.ACTIVE, True)
        assert [(grant.role, grant.ends_on) for grant in account.grants] == [
            (Role.ADMINISTRATOR, None)
        ]
    with work() as session:
        assert entry.first_administrator_link(session, "http://localhost") is None
    assert verbs() == [
        "first_administrator.link_made",
        "account.first_administrator_created",
        "account.signed_in",
    ]


def test_each_start_prints_a_new_link_and_ends_the_one_before(
    client: PageClient, work: Work
) -> None:
    old, new = first_link(work), first_link(work)
    assert old != new
    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200


def test_v9_2_1_the_first_link_ends_after_a_day(
    clock: Clock, client: PageClient, work: Work
) -> None:
    path = first_link(work)
    clock.forward(hours=23, minutes=59)
    assert client.get(path).status_code == 200
    clock.forward(minutes=1)
    assert client.get(path).status_code == 410


def test_v2_3_4_of_several_who_use_the_first_link_at_once_one_becomes_administrator(
    app: Any, work: Work
) -> None:
    token = first_link(work).rsplit("/", 1)[1]

    def become(number: int) -> bool:
        try:
            with unit_of_work(app.database) as session:
                entry.create_first_administrator(
                    session, token, email=f"ada{number}@northwind.example", name="Ada Admin",
                    password=PASSWORD, locale="en", client=HERE,
                )  # fmt: skip
        except LinkGone:
            return False
        return True

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(become, range(6))) == [False] * 5 + [True]
    with work(write=False) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffAccount)) == 1


def test_a_refused_form_leaves_the_link_working(client: PageClient, work: Work) -> None:
    path = first_link(work)
    for wrong in ({"password": "short"}, {"name": " "}, {"email": "nobody"}, {"password": ""}):
        response = client.submit(path, {**ME, **wrong})
        assert response.status_code == 422
        assert find(tree(response), "div", class_="as-errors").text
        assert client.get(path).status_code == 200
    assert client.submit(path, ME).status_code == 303


def test_an_invitation_is_accepted_once(
    client: PageClient, work: Work, last_link: Callable[[], str], browsers: Callable[[], Any],
    mails: Callable[[], list[Any]],
) -> None:  # fmt: skip
    with work() as session:
        services.invite(
            session, SYSTEM, email="Sam.Oduya@northwind.example", name="Sam Oduya",
            roles={Role.REVIEWER: None}, sees_all_units=True, locale="de",
        )  # fmt: skip
    [mail] = mails()
    assert (mail.topic, mail.to_address) == ("identity.invitation", "Sam.Oduya@northwind.example")
    path = last_link()
    root = client.page(path)
    assert "Sam.Oduya@northwind.example" in root.text
    assert find(root, "input", name="name").get("value") == "Sam Oduya"
    response = client.submit(path, {"name": "Samuel Oduya", "password": PASSWORD})
    assert (response.status_code, response.location) == (303, "/")
    assert is_signed_in(client)
    late = browsers()
    gone = late.get(path)
    assert gone.status_code == 410
    assert "ask the person who invited you" in tree(gone).text
    with work(write=False) as session:
        account = session.scalars(sa.select(StaffAccount)).one()
        assert (account.name, account.state) == ("Samuel Oduya", AccountState.ACTIVE)


def test_a05_and_v3_5_3_opening_a_link_changes_nothing_and_sends_its_address_nowhere(
    client: PageClient, work: Work, last_link: Callable[[], str]
) -> None:
    with work() as session:
        services.invite(
            session, SYSTEM, email="sam@northwind.example", name="Sam", roles={Role.REVIEWER: None}
        )
    path = last_link()
    for _ in range(3):
        response = client.get(path)
        assert response.status_code == 200
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response.headers["Cache-Control"]
        assert client.head(path).status_code == 200
    with work(write=False) as session:
        assert session.scalars(sa.select(OneTimeLink.used_at)).one() is None


def test_a06_used_old_and_unknown_links_look_the_same(
    clock: Clock, client: PageClient, work: Work
) -> None:
    tokens = {}
    with work() as session:
        for kind in ("used", "old", "replaced"):
            account = invite_account(session, name=f"Sam {kind}")
            tokens[kind], _until = links.issue(session, LinkPurpose.INVITATION, account.id)
            if kind == "used":
                links.claim(session, LinkPurpose.INVITATION, tokens[kind])
            if kind == "replaced":
                links.issue(session, LinkPurpose.INVITATION, account.id)
    clock.forward(days=7)
    tokens |= {"unknown": "x" * 43, "odd": "%00", "long": "y" * 2000}
    answers = {
        (answer.status_code, re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True)))
        for answer in (client.get(f"/invitation/{token}") for token in tokens.values())
    }
    assert len(answers) == 1


def test_v9_2_2_a_link_opens_only_what_it_was_made_for(client: PageClient, work: Work) -> None:
    with work() as session:
        account = make_account(session)
        reset, _until = links.issue(session, LinkPurpose.RESET, account.id)
        invited = invite_account(session, name="Ivy Invited")
        invitation, _until = links.issue(session, LinkPurpose.INVITATION, invited.id)
    assert client.get(f"/invitation/{reset}").status_code == 410
    assert client.get(f"/new-password/{invitation}").status_code == 410
    assert client.get(f"/first-administrator/{reset}").status_code == 410
    assert client.get(f"/new-password/{reset}").status_code == 200
    assert client.get(f"/invitation/{invitation}").status_code == 200


def test_v6_4_1_links_are_256_random_bits_kept_as_a_hash(work: Work) -> None:
    with work() as session:
        account = invite_account(session)
        tokens = {links.issue(session, LinkPurpose.INVITATION, account.id)[0] for _ in range(20)}
        kept = set(session.scalars(sa.select(OneTimeLink.token_hash)))
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {43}
    assert not tokens & kept


def test_a07_withdrawing_an_invitation_ends_its_link(
    client: PageClient, work: Work, last_link: Callable[[], str]
) -> None:
    with work() as session:
        account = services.invite(
            session, SYSTEM, email="sam@northwind.example", name="Sam", roles={Role.REVIEWER: None}
        )
    path = last_link()
    with work() as session:
        services.disable(session, SYSTEM, session.get_one(StaffAccount, account.id))
    assert client.get(path).status_code == 410
    with work() as session:
        services.resend_invitation(session, SYSTEM, session.get_one(StaffAccount, account.id))
    assert client.get(path).status_code == 410
    assert client.get(last_link()).status_code == 200


def test_v2_3_4_an_invitation_accepted_twice_at_once_is_accepted_once(app: Any, work: Work) -> None:
    with work() as session:
        account = invite_account(session)
        token, _until = links.issue(session, LinkPurpose.INVITATION, account.id)

    def accept(_number: int) -> bool:
        try:
            with unit_of_work(app.database) as session:
                entry.accept_invitation(
                    session, token, name="Sam", password=PASSWORD, locale="en", client=HERE
                )
        except (LinkGone, Conflict):
            return False
        return True

    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(accept, range(5))) == [False] * 4 + [True]


def test_a_person_reads_in_the_language_in_which_he_accepted(
    client: PageClient, work: Work
) -> None:
    with work() as session:
        account = invite_account(session, locale="en")
        token, _until = links.issue(session, LinkPurpose.INVITATION, account.id)
    client.submit(
        f"/invitation/{token}", {"name": "Sam", "password": PASSWORD},
        headers={"Accept-Language": "de"},
    )  # fmt: skip
    with work(write=False) as session:
        assert session.get_one(StaffAccount, account.id).locale == "de"


@pytest.mark.parametrize("path", ["/invitation/x", "/new-password/x", "/first-administrator/x"])
def test_v2_4_1_opening_many_links_is_stopped(client: PageClient, path: str) -> None:
    statuses = [client.get(path).status_code for _ in range(61)]
    assert statuses == [410] * 60 + [429]


def test_expired_grants_of_the_only_administrator_do_not_lock_everybody_out(
    work: Work, clock: Clock
) -> None:
    """Only a lasting administrator counts; without one the terminal gives a link again."""
    with work() as session:
        end = dt.date(2026, 3, 3)
        make_account(session, roles={Role.ADMINISTRATOR: end})
        assert entry.first_administrator_link(session, "http://localhost") is not None
