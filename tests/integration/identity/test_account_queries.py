"""Lists of people: what one may see, filters, order, keyset pages, a fixed number of statements."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.db.query_log import counted_queries
from app.identity import queries, services
from app.identity.lifecycle import AccountState
from app.identity.queries import AccountFilter, AccountSort
from app.kernel.errors import Forbidden, NotFound
from tests.integration.identity.conftest import Work
from tests.support.people import (
    actor_for,
    give_second_factor,
    invite_account,
    make_account,
    make_unit,
)


def names(session: Session, filters: AccountFilter | None = None) -> list[str]:
    return [row.name for row in queries.list_accounts(session, SYSTEM, filters).items]


def test_lists_need_the_permission_to_read_people(session: Session) -> None:
    reviewer = actor_for(session, make_account(session, roles=[Role.REVIEWER]))
    with pytest.raises(Forbidden):
        queries.list_accounts(session, reviewer)


def test_filters_narrow_the_list(session: Session) -> None:
    claims = make_unit(session)
    make_account(session, name="Zoë Berg", roles=[Role.REVIEWER], units=[claims])
    give_second_factor(session, make_account(session, name="Ben 100% Adler"))
    invite_account(session, name="Ivy Invited", roles=[Role.AUDITOR])
    services.disable(session, SYSTEM, make_account(session, name="Dora Closed"))
    assert names(session) == ["Ben 100% Adler", "Dora Closed", "Ivy Invited", "Zoë Berg"]
    cases = [
        (AccountFilter(text="zoë"), ["Zoë Berg"]),
        (AccountFilter(text="ZOE\u0308"), ["Zoë Berg"]),
        (AccountFilter(text="dora.closed@"), ["Dora Closed"]),
        (AccountFilter(text="0%"), ["Ben 100% Adler"]),
        (AccountFilter(text="_"), []),
        (AccountFilter(text="' OR 1=1 --"), []),
        (AccountFilter(state=AccountState.INVITED), ["Ivy Invited"]),
        (AccountFilter(role=Role.AUDITOR), ["Ivy Invited"]),
        (AccountFilter(unit_id=claims.id), ["Zoë Berg"]),
        (AccountFilter(second_factor=True), ["Ben 100% Adler"]),
        (AccountFilter(second_factor=False, state=AccountState.ACTIVE), ["Zoë Berg"]),
    ]
    for filters, expected in cases:
        assert names(session, filters) == expected, filters


def test_units_limit_the_list_and_the_account(session: Session) -> None:
    claims, sales = make_unit(session, "Claims"), make_unit(session, "Sales")
    me = make_account(session, name="Me Auditor", roles=[Role.AUDITOR], units=[claims])
    mine = make_account(session, name="Mine Person", units=[claims, sales])
    theirs = make_account(session, name="Their Person", units=[sales])
    alone = make_account(session, name="Alone Person", sees_all_units=False)
    actor = actor_for(session, me)
    found = queries.list_accounts(session, actor).items
    assert [row.name for row in found] == ["Me Auditor", "Mine Person"]
    assert queries.get_account(session, actor, mine.id) is mine
    for hidden in (theirs, alone):
        with pytest.raises(NotFound):
            queries.get_account(session, actor, hidden.id)
        with pytest.raises(NotFound):
            queries.sessions_of(session, actor, hidden.id)
    assert [unit.name for unit in queries.list_units(session, actor)] == ["Claims"]
    with pytest.raises(NotFound):
        queries.get_unit(session, actor, sales.id)
    nobody = actor_for(session, alone)
    assert queries.own_account(session, nobody) is alone
    with pytest.raises(NotFound):
        queries.get_account(session, nobody, me.id)


@pytest.mark.parametrize("sort", AccountSort)
def test_pages_follow_one_another_without_gap_or_repetition(
    session: Session, sort: AccountSort
) -> None:
    for number in range(11):
        make_account(
            session, name="Same Name" if number % 2 else f"Name {number}",
            email=f"p{(number * 7) % 11}@northwind.example",
        )  # fmt: skip
    seen, cursor, pages = [], None, 0
    while True:
        page = queries.list_accounts(session, SYSTEM, sort=sort, cursor=cursor, size=3)
        assert page.is_first == (pages == 0)
        seen += [row.id for row in page.items]
        cursor, pages = page.next_cursor, pages + 1
        if cursor is None:
            break
    whole = [row.id for row in queries.list_accounts(session, SYSTEM, sort=sort).items]
    assert seen == whole
    assert len(set(seen)) == 11
    assert pages == 4


def test_a_broken_cursor_gives_the_first_page(session: Session) -> None:
    make_account(session)
    for cursor in ("x", "W10", "WyJhIiwiYiJd", "WzEsMl0"):
        page = queries.list_accounts(session, SYSTEM, cursor=cursor)
        assert page.is_first
        assert len(page.items) == 1


def test_lists_cost_a_fixed_number_of_statements(work: Work) -> None:
    with work() as session:
        claims, sales = make_unit(session, "Claims"), make_unit(session, "Sales")
        for number in range(12):
            make_account(
                session, name=f"Person {number}", roles=[Role.REVIEWER, Role.APPROVER],
                units=[claims, sales],
            )  # fmt: skip
    costs = []
    for size in (1, 10):
        with work(write=False) as session, counted_queries() as statements:
            queries.list_accounts(session, SYSTEM, size=size)
        costs.append(len(statements))
    assert costs == [3, 3]
    with work(write=False) as session, counted_queries() as statements:
        assert [unit.people for unit in queries.list_units(session, SYSTEM)] == [12, 12]
    assert len(statements) == 1
