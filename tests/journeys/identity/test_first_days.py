"""The first days of a portal: administrator, invitation by mail, sign-in, ending a session."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any

from app.access.roles import Role
from app.db.unit_of_work import unit_of_work
from app.identity import entry, queries, services
from app.identity.extension import setup_for
from app.identity.presence import load_actor
from app.outbox.registry import jobs_of
from app.outbox.worker import Worker
from tests.support.pages import find
from tests.support.people import FIREFOX, PASSWORD, SAFARI, is_signed_in, sign_in


def test_first_administrator_invites_a_colleague_who_ends_a_session(
    make_app: Callable[..., Any],
) -> None:
    app = make_app()
    with unit_of_work(app.database) as session:
        link = entry.first_administrator_link(session, app.settings.base_url)
    assert link is not None
    path = link.removeprefix(app.settings.base_url)

    # The link from the terminal makes the first administrator, once.
    ada = app.test_client()
    answers = {"name": "Ada Admin", "email": "ada@northwind.example", "password": PASSWORD}
    assert ada.submit(path, answers).location == "/"
    assert app.test_client().get(path).status_code == 410

    # She invites a colleague; the mail leaves through the outbox.
    with ada.session_transaction() as cookie:
        token = cookie["sid"]
    actor = load_actor(app.database, setup_for(app), token)
    assert actor is not None
    with unit_of_work(app.database) as session:
        services.invite(
            session, actor, email="sam@northwind.example", name="Sam Oduya",
            roles={Role.REVIEWER: None}, sees_all_units=True,
        )  # fmt: skip
    Worker(app.database, jobs_of(app)).run_until_empty()
    [kept] = list((app.settings.data_dir / "mail").glob("*.eml"))
    mail = message_from_bytes(kept.read_bytes(), policy=policy.default)
    assert mail["To"].addresses[0].addr_spec == "sam@northwind.example"
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "Ada Admin" in text
    invitation = next(line for line in text.splitlines() if "/invitation/" in line)
    assert invitation.startswith(app.settings.base_url)

    # He accepts, works, and signs in on a second device.
    sam = app.test_client()
    path = invitation.removeprefix(app.settings.base_url).strip()
    form = {"name": "Sam Oduya", "password": "copper lantern walrus nine"}
    assert sam.submit(path, form, headers={"User-Agent": FIREFOX}).location == "/"
    assert "Sam Oduya" in sam.page("/").text
    with unit_of_work(app.database, write=False) as session:
        account = next(
            row
            for row in queries.list_accounts(session, actor).items
            if row.email == "sam@northwind.example"
        )
    phone = app.test_client()
    done = sign_in(phone, account, password="copper lantern walrus nine", user_agent=SAFARI)  # type: ignore[arg-type]
    assert done.location == "/"
    stolen = phone.get_cookie("assay")
    assert stolen is not None

    # He sees both sessions and ends the one on the phone: its cookie opens nothing any more.
    listed = sam.page("/account/sessions")
    rows = list(find(listed, "tbody").elements("tr"))
    assert len(rows) == 2
    row = next(row for row in rows if "Safari on iPhone" in row.text)
    action = next(row.elements("form")).get("action")
    assert sam.submit(str(action), form_at="/account/sessions").status_code == 303
    thief = app.test_client()
    thief.set_cookie("assay", stolen.value)
    assert thief.get("/account").location.startswith("/sign-in")
    assert not is_signed_in(phone)
    assert is_signed_in(sam)
    assert len(list(find(sam.page("/account/sessions"), "tbody").elements("tr"))) == 1
