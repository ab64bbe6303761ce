"""The portal with people; a moved clock everywhere, so that no code of the clock comes twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.db.unit_of_work import unit_of_work
from app.mail.models import MailMessage
from app.mail.services import opened_secrets

Work = Callable[..., AbstractContextManager[Session]]


@pytest.fixture
def work(app: Any) -> Work:
    """Open a unit of work on the portal's database: `with work() as session:`."""

    def open_one(*, write: bool = True) -> AbstractContextManager[Session]:
        return unit_of_work(app.database, write=write)

    return open_one


@pytest.fixture
def verbs(work: Work) -> Callable[[], list[str]]:
    """Return the verbs of the audit trail so far, oldest first, without those of mails."""

    def read() -> list[str]:
        with work(write=False) as session:
            found = session.scalars(sa.select(AuditEvent.verb).order_by(AuditEvent.sequence))
            return [verb for verb in found if not verb.startswith("mail.")]

    return read


@pytest.fixture
def mails(work: Work) -> Callable[[], list[MailMessage]]:
    """Return the mails queued so far, oldest first."""

    def read() -> list[MailMessage]:
        with work(write=False) as session:
            return list(session.scalars(sa.select(MailMessage).order_by(MailMessage.id)))

    return read


@pytest.fixture
def last_link(app: Any, work: Work) -> Callable[[], str]:
    """Return the path of the link in the latest mail that has one."""

    def read() -> str:
        with work(write=False) as session:
            mail = session.scalars(
                sa.select(MailMessage)
                .where(MailMessage.needs_secrets.is_(True))
                .order_by(MailMessage.id.desc())
                .limit(1)
            ).one()
            link = opened_secrets(session, mail)["link"]
        assert link.startswith(app.settings.base_url + "/")
        return link.removeprefix(app.settings.base_url)

    return read


@pytest.fixture
def browsers(app: Any) -> Callable[[], Any]:
    """Make browsers, each with cookies of its own."""
    return app.test_client
