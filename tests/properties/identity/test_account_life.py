"""Accounts through any sequence of acts: somebody can always manage the portal, and states hold."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from app.access.roles import READ_ONLY, Role
from app.identity import services
from app.identity.lifecycle import AccountState
from app.identity.models import StaffAccount
from app.kernel.errors import DomainError
from tests.support.people import actor_for, invite_account, make_account

ROLES = st.dictionaries(
    st.sampled_from(Role), st.sampled_from([None, dt.date(2099, 1, 1)]), max_size=3
)


def machine_on(session: Session) -> type[RuleBasedStateMachine]:
    """Return the machine over a session that is rolled back after each run."""

    class AccountLife(RuleBasedStateMachine):
        accounts: Any = Bundle("accounts")

        def __init__(self) -> None:
            super().__init__()
            self.savepoint = session.begin_nested()
            self.numbers = itertools.count()
            self.known: list[StaffAccount] = []

        def teardown(self) -> None:
            self.savepoint.rollback()
            session.expunge_all()

        def added(self, account: StaffAccount) -> StaffAccount:
            self.known.append(account)
            return account

        @initialize(target=accounts)
        def begin(self) -> StaffAccount:
            return self.added(make_account(session, name="First Admin", roles=[Role.ADMINISTRATOR]))

        @rule(target=accounts, roles=st.sets(st.sampled_from(Role), min_size=1, max_size=2))
        def join(self, roles: set[Role]) -> StaffAccount:
            return self.added(
                make_account(session, name=f"Person {next(self.numbers)}", roles=roles)
            )

        @rule(target=accounts)
        def be_invited(self) -> StaffAccount:
            return self.added(invite_account(session, name=f"Guest {next(self.numbers)}"))

        @rule(who=accounts, whom=accounts, roles=ROLES)
        def change_roles(self, who: StaffAccount, whom: StaffAccount, roles: Any) -> None:
            before = {grant.role for grant in whom.grants}
            if self.attempt(who, lambda actor: services.change_roles(session, actor, whom, roles)):
                assert {grant.role for grant in whom.grants} == set(roles)
                assert who is not whom or set(roles) <= before

        @rule(who=accounts, whom=accounts, everything=st.booleans())
        def change_units(self, who: StaffAccount, whom: StaffAccount, everything: bool) -> None:
            self.attempt(
                who,
                lambda actor: services.change_units(
                    session, actor, whom, unit_ids=[], sees_all_units=everything
                ),
            )

        @rule(who=accounts, whom=accounts)
        def disable(self, who: StaffAccount, whom: StaffAccount) -> None:
            if self.attempt(who, lambda actor: services.disable(session, actor, whom)):
                assert who is not whom

        @rule(who=accounts, whom=accounts)
        def enable(self, who: StaffAccount, whom: StaffAccount) -> None:
            self.attempt(who, lambda actor: services.enable(session, actor, whom))

        @rule(who=accounts, whom=accounts)
        def invite_again(self, who: StaffAccount, whom: StaffAccount) -> None:
            self.attempt(who, lambda actor: services.resend_invitation(session, actor, whom))

        def attempt(self, who: StaffAccount, act: Any) -> bool:
            """Act as `who` if he can sign in; return whether it was allowed."""
            if who.state is not AccountState.ACTIVE:
                return False
            actor = actor_for(session, who)
            try:
                with session.begin_nested():
                    act(actor)
            except DomainError:
                for account in self.known:
                    session.refresh(account)
                return False
            assert Role.ADMINISTRATOR in actor.roles
            return True

        @invariant()
        def somebody_can_manage_the_portal(self) -> None:
            if not self.known:
                return
            assert any(
                account.state is AccountState.ACTIVE
                and account.sees_all_units
                and any(g.role is Role.ADMINISTRATOR and g.ends_on is None for g in account.grants)
                for account in self.known
            )

        @invariant()
        def readers_have_an_end_and_everybody_a_role(self) -> None:
            for account in self.known:
                assert account.grants
                assert all(g.ends_on or g.role not in READ_ONLY for g in account.grants)
                if account.state is AccountState.ACTIVE:
                    assert account.password_hash

    return AccountLife


@pytest.mark.slow
def test_the_portal_is_never_left_without_an_administrator(session: Session) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine_on(session),
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
