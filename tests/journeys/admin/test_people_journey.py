"""A colleague is invited, comes in, is seen, and is sent away again."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from app.access.roles import Role
from app.db.unit_of_work import unit_of_work
from app.mail.models import MailMessage
from app.mail.services import opened_secrets
from app.outbox.registry import jobs_of
from app.outbox.worker import Worker
from tests.support.clock import Clock
from tests.support.pages import PageClient, find
from tests.support.people import PASSWORD, is_signed_in, make_account, sign_in


def _office(app: Any, client: PageClient) -> PageClient:
    with unit_of_work(app.database) as session:
        administrator = make_account(session, name="Ada Admin", roles=[Role.ADMINISTRATOR])
    assert sign_in(client, administrator).status_code == 303
    return client


def _link_in_the_mail(app: Any, address: str) -> str:
    with unit_of_work(app.database, write=False) as session:
        mail = session.scalars(
            sa.select(MailMessage)
            .where(MailMessage.to_address == address, MailMessage.needs_secrets.is_(True))
            .order_by(MailMessage.id.desc())
            .limit(1)
        ).one()
        link = str(opened_secrets(session, mail)["link"])
    return link.removeprefix(str(app.settings.base_url))


def test_a_colleague_comes_in_by_invitation_and_a_revoked_session_is_refused(
    app: Any, client: PageClient, clock: Clock
) -> None:
    office = _office(app, client)
    office.submit("/admin/units/new", {"name": "Claims"})
    form = office.page("/admin/people/invite")
    unit = find(form, "input", name="units").get("value")
    answer = office.submit(
        "/admin/people/invite",
        {
            "name": "Jana Reuter",
            "email": "jana@northwind.example",
            "language": "en",
            "roles": ["reviewer"],
            "scope": "some",
            "units": [str(unit)],
        },
    )
    assert answer.status_code == 303
    person = str(answer.location)
    page = office.page(person)
    assert "Jana Reuter is invited" in page.text
    assert "Claims" in page.text

    jana: PageClient = app.test_client()
    path = _link_in_the_mail(app, "jana@northwind.example")
    choice = {"name": "Jana Reuter", "password": PASSWORD, "language": "en", "locale": "en"}
    assert jana.submit(path, choice).status_code == 303
    assert is_signed_in(jana)
    assert "Administration" not in jana.page("/").text

    sessions = office.page(f"{person}/sessions")
    assert find(sessions, "h2", id="sessions").text == "1 open session"
    end = next(
        str(one.get("action"))
        for one in sessions.elements("form")
        if str(one.get("action")).startswith(f"{person}/sessions/")
    )
    assert office.submit(end, form_at=f"{person}/sessions").status_code == 303
    assert not is_signed_in(jana)

    history = office.page(f"{person}/history").text
    for words in ("Ada Admin", "Jana Reuter", "Reviewer", "Claims"):
        assert words in history


def test_the_trail_is_checked_on_demand_and_the_result_comes_as_a_notice(
    app: Any, client: PageClient, clock: Clock
) -> None:
    office = _office(app, client)
    audit = "/admin/audit/"
    assert office.submit(audit + "check", form_at=audit).status_code == 303
    assert "Waits for a worker" in office.page("/notices/").text
    Worker(app.database, jobs_of(app)).run_until_empty()
    page = office.page("/notices/")
    assert find(page, "a", class_="as-bell").get("aria-label") == "Notices, 1 unread"
    assert "The chain holds" in page.text
    assert "The chain held when it was last checked" in office.page(audit).text
    job = next(
        str(a.get("href"))
        for a in office.page("/admin/jobs/?topic=audit.verify").elements("a")
        if str(a.get("href")).count("-") == 4 and "/admin/jobs/" in str(a.get("href"))
    )
    assert "The chain holds" in office.page(job).text
