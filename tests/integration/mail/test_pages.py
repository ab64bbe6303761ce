"""The Mail page, over HTTP, as people meet it."""

from __future__ import annotations

import email
import email.policy
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client as WsgiClient

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.db.query_log import counted_queries
from app.db.unit_of_work import unit_of_work
from app.identity import services as people
from app.identity.lifecycle import AccountState
from app.identity.sessions import Client, open_session
from app.kernel import clock as portal_clock
from app.mail import services
from app.mail.lifecycle import Fault, MailState
from app.mail.models import MailMessage
from app.outbox.registry import jobs_of
from app.outbox.worker import Worker
from app.web.application import Application
from tests.support.clock import Clock
from tests.support.pages import PageClient, find

TOPIC = "identity.invitation"
VALUES = {"inviter": "Jana Reuter", "until": "10 Dec 2026", "email": "sam@northwind.example"}
LINK = "http://localhost/invitation/one-time-secret-8rT2vK0c"
SignIn = Callable[[PageClient, Role], None]


def _send(app: Application, **changes: object) -> uuid.UUID:
    arguments: dict[str, Any] = {
        "topic": TOPIC,
        "to": "sam@northwind.example",
        "to_name": "Sam <b>Oduya</b>",
        "values": VALUES,
        "secrets": {"link": LINK},
        "subject_type": "account",
        "subject_id": "1",
        **changes,
    }
    with unit_of_work(app.database) as session:
        return services.send(session, SYSTEM, **arguments).id


def _work(app: Application) -> None:
    Worker(app.database, jobs_of(app), threads=1, around=app.app_context).run_until_empty()


def _state(app: Application, mail_id: uuid.UUID) -> MailState:
    with unit_of_work(app.database, write=False) as session:
        return session.get_one(MailMessage, mail_id).state


@pytest.fixture
def sign_in(app: Application) -> SignIn:
    """Make an account with a role and let a client show its session."""

    def enter(client: PageClient, role: Role) -> None:
        with unit_of_work(app.database) as session:
            account = people.invite(
                session,
                SYSTEM,
                email=f"{role}@halden.example",
                name=f"Person {role}",
                roles={role: None},
                sees_all_units=True,
            )
            account.state = AccountState.ACTIVE
            account.password_hash = "set"
            _opened, token = open_session(
                session, account, Client("127.0.0.1", "Test"), pending=False
            )
        with client.session_transaction() as cookie:
            cookie["sid"] = token

    return enter


@pytest.fixture
def administrator(client: PageClient, sign_in: SignIn) -> PageClient:
    """Return a client that an administrator has just signed in with."""
    sign_in(client, Role.ADMINISTRATOR)
    return client


def test_only_who_looks_after_mail_gets_in(
    app: Application, client: PageClient, sign_in: SignIn
) -> None:
    mail_id = _send(app)
    assert client.get("/admin/mail/").status_code == 303
    sign_in(client, Role.REVIEWER)
    for path in ("", str(mail_id), f"{mail_id}/mail.eml", f"{mail_id}/link", f"{mail_id}/cancel"):
        assert client.get(f"/admin/mail/{path}").status_code == 403


def test_the_list_says_that_mails_are_not_sent_and_what_to_do(
    app: Application, administrator: PageClient
) -> None:
    _send(app)
    _work(app)
    text = administrator.page("/admin/mail/").text
    assert "No mail server is set" in text
    assert "ASSAY_SMTP_HOST" in text
    assert "Kept, not sent" in text
    assert "Sam <b>Oduya</b>" in text


def test_the_link_is_on_no_page_but_the_one_that_was_asked_for(
    app: Application, administrator: PageClient
) -> None:
    mail_id = _send(app)
    _work(app)
    for path in ("/admin/mail/", f"/admin/mail/{mail_id}", f"/admin/mail/{mail_id}/link"):
        assert "one-time-secret" not in administrator.get(path).get_data(as_text=True)
    file = administrator.get(f"/admin/mail/{mail_id}/mail.eml")
    assert file.headers["Content-Disposition"].startswith("attachment")
    message = email.message_from_bytes(file.data, policy=email.policy.default)
    assert "one-time-secret" not in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "http://localhost/********" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    answer = administrator.submit(f"/admin/mail/{mail_id}/link")
    assert answer.status_code == 200
    assert LINK in answer.get_data(as_text=True)
    assert "no-store" in answer.headers["Cache-Control"]
    trail = administrator.get("/admin/audit/").get_data(as_text=True)
    assert "looked at the link of a mail" in trail
    assert "one-time-secret" not in trail


def test_the_link_asks_for_the_password_when_the_sign_in_is_old(
    app: Application, client: PageClient, sign_in: SignIn, clock: Clock
) -> None:
    sign_in(client, Role.ADMINISTRATOR)
    mail_id = _send(app)
    _work(app)
    clock.forward(minutes=20)
    answer = client.get(f"/admin/mail/{mail_id}/link")
    assert answer.status_code == 303
    assert "confirm" in (answer.location or "")


def test_filters_narrow_and_stay_in_the_address(
    app: Application, administrator: PageClient
) -> None:
    first = _send(app, to="ann@first.example", to_name="Ann")
    second = _send(app, to="bob@second.example", to_name="Bob", topic="identity.reset",
                   values={"minutes": 60})  # fmt: skip
    with unit_of_work(app.database) as session:
        services.cancel(session, SYSTEM, second)
    for query, seen, unseen in (
        ("state=queued", "ann@first.example", "bob@second.example"),
        ("state=cancelled", "bob@second.example", "ann@first.example"),
        ("topic=identity.reset", "bob@second.example", "ann@first.example"),
        ("q=FIRST.ex", "ann@first.example", "bob@second.example"),
        ("state=nonsense&topic=nonsense&after=nonsense", "ann@first.example", "nonsense@"),
    ):
        text = administrator.page(f"/admin/mail/?{query}").text
        assert seen in text, query
        assert unseen not in text, query
    assert "No mail matches" in administrator.page("/admin/mail/?q=nobody").text
    assert administrator.page(f"/admin/mail/{first}").text


def test_pages_follow_by_key(app: Application, administrator: PageClient) -> None:
    for number in range(60):
        _send(app, to=f"p{number:02}@northwind.example", to_name="")
    first = administrator.page("/admin/mail/?q=northwind")
    assert "p59@northwind.example" in first.text
    assert "p05@northwind.example" not in first.text
    following = find(first, "a", rel="next").get("href")
    assert following is not None
    assert "p05@northwind.example" in administrator.page(following).text


def test_the_list_costs_the_same_for_any_number_of_mails(
    app: Application, administrator: PageClient
) -> None:
    counts = []
    for number in (1, 20):
        for index in range(number):
            _send(app, to=f"q{number}-{index}@northwind.example")
        with counted_queries() as queries:
            administrator.get("/admin/mail/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_mail_is_sent_again_to_another_address_and_cancelled(
    app: Application, administrator: PageClient
) -> None:
    mail_id = _send(app)
    _work(app)
    page = f"/admin/mail/{mail_id}"
    assert administrator.submit(f"{page}/resend", form_at=page).status_code == 303
    assert _state(app, mail_id) is MailState.QUEUED
    _work(app)
    for address in ("", "nobody", "a@b.example\r\nBcc: c@d.example"):
        answer = administrator.submit(f"{page}/address", {"name": "Max", "address": address})
        assert answer.status_code == 422
        assert _state(app, mail_id) is MailState.NOT_SENT
    answer = administrator.submit(
        f"{page}/address", {"name": "Max", "address": "max@south.example"}
    )
    assert answer.status_code == 303
    assert "max@south.example" in administrator.page(page).text
    _work(app)
    assert administrator.submit(f"{page}/cancel").status_code == 303
    assert _state(app, mail_id) is MailState.CANCELLED
    assert administrator.submit(f"{page}/cancel").status_code == 409


def test_what_went_wrong_is_said_with_code_and_words(
    app: Application, administrator: PageClient
) -> None:
    mail_id = _send(app)
    with unit_of_work(app.database) as session:
        mail = session.get_one(MailMessage, mail_id)
        mail.state, mail.fault = MailState.FAILED, Fault.REFUSED
        mail.smtp_code, mail.server_said = 550, "5.1.1 No such <i>user</i> here"
    text = administrator.page(f"/admin/mail/{mail_id}").text
    assert "refused this mail for good" in text
    assert "550: 5.1.1 No such <i>user</i> here" in text


def test_a_mail_of_another_version_still_has_its_page(
    app: Application, administrator: PageClient
) -> None:
    mail_id = _send(app, values={"of": "an older version"})
    gone = _send(app)
    with unit_of_work(app.database) as session:
        session.get_one(MailMessage, gone).topic = "feature.gone"
    for one in (mail_id, gone):
        assert "cannot be shown" in administrator.page(f"/admin/mail/{one}").text
        assert administrator.get(f"/admin/mail/{one}/mail.eml").status_code == 404
    assert "feature.gone" in administrator.page("/admin/mail/").text


def test_kept_mails_are_sent_in_bulk_after_a_question(
    app: Application, administrator: PageClient
) -> None:
    ids = [_send(app), _send(app)]
    _work(app)
    assert administrator.get("/admin/mail/again/sent").status_code == 404
    assert "mails again?" in administrator.page("/admin/mail/again/not_sent").text
    assert administrator.submit("/admin/mail/again/not_sent").status_code == 303
    assert [_state(app, mail_id) for mail_id in ids] == [MailState.QUEUED] * 2


def test_a_test_mail_goes_to_who_asks(app: Application, administrator: PageClient) -> None:
    answer = administrator.submit("/admin/mail/test", form_at="/admin/mail/")
    assert answer.status_code == 303
    _work(app)
    text = administrator.page(answer.location or "").text
    assert "administrator@halden.example" in text
    assert "Mail works" not in text  # the title of the HTML alone
    assert "Since you can read it" in text


def test_a_mail_that_is_not_there_is_404(administrator: PageClient) -> None:
    assert administrator.get(f"/admin/mail/{uuid.uuid4()}").status_code == 404
    assert administrator.get("/admin/mail/nonsense").status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "Forwarded", "X-Original-Host"])
def test_a23_the_host_of_a_request_has_no_effect_on_links(
    app: Application, administrator: PageClient, header: str
) -> None:
    form = find(administrator.page("/admin/mail/"), "form", action="/admin/mail/test")
    token = next(e.get("value") for e in form.elements("input") if e.get("name") == "csrf_token")
    answer = administrator.post(
        "/admin/mail/test",
        data={"csrf_token": token},
        headers={header: "host=evil.example" if header == "Forwarded" else "evil.example"},
    )
    assert answer.status_code == 303
    _work(app)
    kept = (app.settings.data_dir / "mail").glob("*.eml")
    texts = [file.read_text() for file in kept]
    assert any("http://localhost/admin/mail/" in text for text in texts)
    assert not any("evil" in text for text in texts)


def test_a23_a_request_for_another_host_is_refused(app: Application) -> None:
    answer = WsgiClient(app).post("/admin/mail/test", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_instants_come_from_the_portals_clock(app: Application, clock: Clock) -> None:
    mail_id = _send(app)
    with unit_of_work(app.database, write=False) as session:
        assert session.get_one(MailMessage, mail_id).created_at == portal_clock.now()
