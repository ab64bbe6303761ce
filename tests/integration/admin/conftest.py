"""The portal with an administrator signed in through the real form, and many rows at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.access.roles import Role
from app.db.unit_of_work import unit_of_work
from app.identity.models import StaffAccount
from tests.support.clock import Clock
from tests.support.pages import PageClient
from tests.support.people import make_account, sign_in

Work = Callable[..., AbstractContextManager[Session]]
SignedIn = Callable[..., PageClient]


@pytest.fixture
def work(app: Any, clock: Clock) -> Work:
    """Open a unit of work on the portal's database; the clock stands."""

    def open_one(*, write: bool = True) -> AbstractContextManager[Session]:
        return unit_of_work(app.database, write=write)

    return open_one


@pytest.fixture
def administrator(work: Work) -> StaffAccount:
    """The account of an administrator who sees all units."""
    with work() as session:
        return make_account(session, name="Ada Admin", roles=[Role.ADMINISTRATOR])


@pytest.fixture
def office(client: PageClient, administrator: StaffAccount) -> PageClient:
    """The browser in which the administrator is signed in."""
    assert sign_in(client, administrator).status_code == 303
    return client


@pytest.fixture
def signed_in(app: Any, work: Work) -> SignedIn:
    """Make somebody with a role and return the browser in which he is signed in."""

    def make(role: Role, **options: Any) -> PageClient:
        with work() as session:
            account = make_account(
                session, name=options.pop("name", f"Person {role.value}"), roles=[role], **options
            )
        browser: PageClient = app.test_client()
        assert sign_in(browser, account).status_code == 303
        return browser

    return make
