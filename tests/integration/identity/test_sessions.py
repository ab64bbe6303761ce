"""Sessions: how long they last, what the list shows, what ending one does, what a request costs."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from app.db.query_log import counted_queries
from app.identity.extension import setup_for
from app.identity.jobs import sweep_now
from app.identity.models import OneTimeLink, RateLimitWindow, StaffSession, Throttle
from app.identity.presence import load_presence
from app.identity.sign_in import sign_in as try_sign_in
from tests.integration.identity.conftest import Work
from tests.support.clock import Clock
from tests.support.pages import PageClient, find, tree
from tests.support.people import (
    FIREFOX,
    HERE,
    PASSWORD,
    SAFARI,
    is_signed_in,
    make_account,
    sign_in,
)


def test_v7_3_1_a_session_ends_after_an_idle_hour(
    clock: Clock, client: PageClient, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    for _ in range(5):
        clock.forward(minutes=59)
        assert is_signed_in(client)
    clock.forward(minutes=61)
    assert not is_signed_in(client)
    assert not is_signed_in(client), "asking again does not revive it"


def test_v7_3_2_a_session_ends_after_twelve_hours_however_busy(
    clock: Clock, client: PageClient, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    for _ in range(23):
        clock.forward(minutes=30)
        assert is_signed_in(client)
    clock.forward(minutes=30)
    assert not is_signed_in(client)


def test_f11_a_clock_that_goes_back_revives_no_session(
    clock: Clock, client: PageClient, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    client.submit("/sign-out", form_at="/account")
    clock.forward(hours=-2)
    assert not is_signed_in(client)


def test_last_seen_is_written_at_most_once_a_minute(app: Any, clock: Clock, work: Work) -> None:
    with work() as session:
        account = make_account(session)
    setup = setup_for(app)
    token = try_sign_in(
        app.database, setup, email=account.email, password=PASSWORD, client=HERE
    ).token
    assert token is not None

    def writes() -> int:
        with counted_queries() as statements:
            assert load_presence(app.database, setup, token) is not None
        assert len([one for one in statements if one.startswith("SELECT")]) == 2
        return len([one for one in statements if one.startswith("UPDATE")])

    assert writes() == 0
    clock.forward(seconds=59)
    assert writes() == 0
    clock.forward(seconds=1)
    assert [writes(), writes()] == [1, 0]


def test_v7_5_2_a_person_sees_his_sessions_and_ends_them(
    client: PageClient, work: Work, browsers: Callable[[], Any]
) -> None:
    with work() as session:
        account = make_account(session)
        other = make_account(session, name="Other Person")
    sign_in(phone := browsers(), account, user_agent=SAFARI)
    sign_in(third := browsers(), account, user_agent=FIREFOX)
    sign_in(stranger := browsers(), other)
    sign_in(client, account, user_agent=FIREFOX)
    root = client.page("/account/sessions")
    rows = [row.text for row in find(root, "tbody").elements("tr")]
    assert len(rows) == 3
    assert [("This one" in row) for row in rows].count(True) == 1
    assert sum("Safari on iPhone" in row for row in rows) == 1
    assert all("127.0.0.1" in row for row in rows)
    row = next(row for row in find(root, "tbody").elements("tr") if "Safari" in row.text)
    action = next(row.elements("form")).get("action")
    assert action is not None
    client.submit(action, form_at="/account/sessions")
    assert not is_signed_in(phone)
    assert client.submit(action, form_at="/account/sessions").status_code == 404
    client.submit("/account/sessions/end-others", form_at="/account/sessions")
    assert not is_signed_in(third)
    assert is_signed_in(client)
    assert is_signed_in(stranger)


def test_v8_2_2_nobody_ends_the_session_of_somebody_else(
    client: PageClient, work: Work, browsers: Callable[[], Any]
) -> None:
    with work() as session:
        account = make_account(session)
        other = make_account(session, name="Other Person")
    sign_in(stranger := browsers(), other)
    sign_in(client, account)
    with work(write=False) as session:
        foreign = session.scalars(
            sa.select(StaffSession.id).where(StaffSession.account_id == other.id)
        ).one()
    texts = set()
    for session_id in (foreign, uuid.uuid4()):
        answer = client.submit(f"/account/sessions/{session_id}/end", form_at="/account/sessions")
        assert answer.status_code == 404
        texts.add(find(tree(answer), "main").text)
    assert len(texts) == 1
    assert is_signed_in(stranger)


def test_ending_the_session_at_hand_signs_out(client: PageClient, work: Work) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    with work(write=False) as session:
        mine = session.scalars(sa.select(StaffSession.id)).one()
    done = client.submit(f"/account/sessions/{mine}/end", form_at="/account/sessions")
    assert done.location == "/sign-in"
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "path", ["/sign-out", "/account/sessions/end-others", "/account/second-factor/off"]
)
def test_v3_5_3_acts_answer_to_posts_only(client: PageClient, work: Work, path: str) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    assert client.get(path).status_code == 405
    assert client.post(path).status_code == 400, "and not without the token"
    assert is_signed_in(client)


def test_the_profile_is_changed_and_holds_in_this_browser(client: PageClient, work: Work) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    client.submit("/preferences/theme", {"theme": "light", "next": "/account"}, form_at="/account")
    form = {"name": "Samuel Oduya", "locale": "de", "theme": "dark"}
    assert client.submit("/account", form).status_code == 303
    page = find(client.page("/account"), "html")
    assert (page.get("lang"), page.get("data-bs-theme")) == ("de", "dark")
    assert "Samuel Oduya" in page.text
    for wrong in ({"name": ""}, {"locale": "xx"}, {"theme": "pink"}, {"name": "a\u202eb"}):
        assert client.submit("/account", {**form, **wrong}).status_code == 422


def test_a24_fields_that_no_form_has_change_nothing(client: PageClient, work: Work) -> None:
    with work() as session:
        account = make_account(session)
        before = account.state
    sign_in(client, account)
    client.submit(
        "/account",
        {"name": "Sam", "locale": "en", "theme": "auto", "roles": "administrator",
         "sees_all_units": "1", "state": "disabled", "email": "x@evil.example", "version": "9"},
    )  # fmt: skip
    with work(write=False) as session:
        found = session.get_one(type(account), account.id)
        assert (found.state, found.email) == (before, account.email)
        assert [grant.role.value for grant in found.grants] == ["colleague"]


def test_v14_3_2_pages_of_the_account_are_not_kept(client: PageClient, work: Work) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    for path in ("/account", "/account/sessions", "/account/second-factor", "/account/password"):
        response = client.get(path)
        assert "no-store" in response.headers["Cache-Control"]
        assert "Cookie" in response.headers["Vary"]


def test_v14_2_7_the_sweep_forgets_what_nobody_needs(
    clock: Clock, client: PageClient, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    client.submit("/forgot", {"email": account.email}, form_at="/forgot")
    client.get("/invitation/x")
    client.submit("/sign-in", {"email": "no@body.example", "password": "x"}, form_at="/forgot")
    clock.forward(days=29)
    with work() as session:
        first = sweep_now(session)
    assert first["sessions"] == first["links"] == 0
    assert first["tries"]
    assert first["counters"]
    clock.forward(days=62)
    with work() as session:
        second = sweep_now(session)
    assert (second["sessions"], bool(second["links"])) == (1, True)
    with work(write=False) as session:
        for table in (StaffSession, OneTimeLink, Throttle, RateLimitWindow):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
