"""Really calls every route as somebody, with things that exist, and names what came back."""

from __future__ import annotations

import dataclasses
import io
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.access.actor import SYSTEM
from app.access.permissions import AccessRule, OpenTo
from app.access.roles import PERMISSIONS, Role
from app.files.services import rules_from, store_upload
from app.files.storage import storage_of
from app.identity import sessions
from app.mail.models import MailMessage
from app.mail.services import TEST_TOPIC, send
from app.outbox.publish import publish
from app.web.application import Application
from tests.support import people
from tests.support.pages import PageClient, tree

ENTERED, REFUSED, SENT_TO_SIGN_IN = "entered", "refused", "sent to sign in"
NO_SUCH_TOKEN = "A" * 43
SENDS_ON_TO_SIGN_IN = {"identity.second_factor", "identity.send_second_factor"}
"""Open to everybody, and of use only to whose password was taken: others begin at sign-in."""


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """One way into the portal, with every part of its address filled in."""

    method: str
    path: str
    endpoint: str


@dataclasses.dataclass(frozen=True, slots=True)
class Caller:
    """Somebody in front of the portal. `enter` signs them in; `roles` is None for nobody."""

    roles: frozenset[Role] | None
    enter: Callable[[PageClient], None]

    def is_let_in(self, rule: AccessRule | None) -> bool:
        """Return what the table of roles says, read here without the portal's own code for it."""
        if rule is None:
            return False
        if rule is OpenTo.PUBLIC:
            return True
        if self.roles is None:
            return False
        return rule is OpenTo.SIGNED_IN or any(rule in PERMISSIONS[role] for role in self.roles)

    def expected(self, rule: AccessRule | None) -> str:
        """Return what a call must come to."""
        if self.is_let_in(rule):
            return ENTERED
        return SENT_TO_SIGN_IN if self.roles is None else REFUSED


def make_things(app: Application, session: Session) -> dict[str, str]:
    """Make one thing of each kind; return the value of each part of an address by its name."""
    account = people.make_account(session, name="Somebody Else", roles=[Role.REVIEWER])
    opened, _ = sessions.open_session(session, account, people.HERE, pending=False)
    unit = people.make_unit(session, "Claims")
    job = publish(session, "identity.sweep", owner_id=account.id, title="A job of somebody else")
    mail = _any_mail(session, account.email)
    stored = store_upload(
        session, SYSTEM, storage_of(app), io.BytesIO(b"plain text of a note\n"),
        name="note.txt", purpose="test", rules=rules_from(app.settings),
    )  # fmt: skip
    return {
        "account_id": str(account.id),
        "session_id": str(opened.id),
        "unit_id": str(unit.id),
        "job_id": str(job.id),
        "mail_id": str(mail.id),
        "file_id": str(stored.id),
        "token": NO_SUCH_TOKEN,
        "state": "not_sent",
        "etag": "0" * 16,
        "name": "css/base.css",
    }


def _any_mail(session: Session, address: str) -> MailMessage:
    return send(
        session, SYSTEM, topic=TEST_TOPIC, to=address, to_name="Somebody Else", locale="en",
        values={"link": "http://localhost/admin/mail/"}, subject_type="account",
        subject_id=str(uuid.UUID(int=1)),
    )  # fmt: skip


def every_call(app: Application, things: dict[str, str]) -> Iterator[Call]:
    """Yield each way into the portal, reading first; fails for a part that has no value above."""
    calls = []
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            calls.append(Call(method, _filled(rule, things), rule.endpoint))
    yield from sorted(calls, key=lambda call: (call.method, call.path))


def _filled(rule: Rule, things: dict[str, str]) -> str:
    missing = rule.arguments - things.keys()
    assert not missing, f"{rule.rule}: give {missing} a value in make_things"
    built = rule.build({name: things[name] for name in rule.arguments})
    assert built is not None, rule.rule
    return built[1]


def answer(client: PageClient, caller: Caller, call: Call) -> TestResponse:
    """Make one call as a browser would: a POST carries the token of the session."""
    options: dict[str, Any] = {}
    if call.method == "POST":
        options["data"] = {"csrf_token": _token(client, caller)}
    return client.open(call.path, method=call.method, **options)


def _token(client: PageClient, caller: Caller) -> str:
    """Return a token of the session; whoever lost the session by a call gets a new one."""
    own = "/account" if caller.roles is not None else "/forgot"
    page = client.get(own)
    if page.status_code != 200:
        caller.enter(client)
        page = client.get(own)
    fields = [e for e in tree(page).elements("input") if e.get("name") == "csrf_token"]
    assert fields, f"{own} ({page.status_code}) has no form"
    return fields[0].get("value") or ""


def outcome(call: Call, response: TestResponse) -> str:
    """Return what a call came to, in one of the words above or with the status of a fault."""
    status = response.status_code
    is_sent_on = status == 303 and urlsplit(response.location).path == "/sign-in"
    if is_sent_on and call.endpoint not in SENDS_ON_TO_SIGN_IN:
        asked = parse_qs(urlsplit(response.location).query)
        if "next" in asked or "ended" in asked:
            return SENT_TO_SIGN_IN
    if status == 403:
        return REFUSED
    return ENTERED if status < 500 else f"fault {status}"
