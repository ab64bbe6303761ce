"""What follows from a delivery, and when it is tried again."""

from __future__ import annotations

import datetime as dt

import pytest

from app.kernel.errors import Conflict
from app.mail.lifecycle import (
    MOVES,
    RETRY_DELAYS,
    WAITING,
    Fault,
    MailAction,
    MailState,
    action_for,
    retry_delay,
)


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.DEFERRED])
def test_a_server_that_is_away_or_busy_is_tried_for_about_a_day(fault: Fault) -> None:
    last = len(RETRY_DELAYS)
    assert action_for(fault, attempts=1, unconfirmed=0, at_most_once=False) is MailAction.DEFER
    assert action_for(fault, attempts=last, unconfirmed=0, at_most_once=True) is MailAction.DEFER
    assert (
        action_for(fault, attempts=last + 1, unconfirmed=0, at_most_once=False) is MailAction.FAIL
    )
    total = sum(RETRY_DELAYS, dt.timedelta())
    assert dt.timedelta(hours=20) < total < dt.timedelta(hours=30)


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.SETUP, Fault.OUTDATED, Fault.UNREADABLE])
def test_what_waiting_does_not_mend_is_not_tried_again(fault: Fault) -> None:
    assert action_for(fault, attempts=1, unconfirmed=0, at_most_once=False) is MailAction.FAIL


def test_a_mail_that_may_have_arrived_is_repeated_once_at_most() -> None:
    fault = Fault.UNCONFIRMED
    assert action_for(fault, attempts=1, unconfirmed=1, at_most_once=False) is MailAction.DEFER
    assert action_for(fault, attempts=5, unconfirmed=2, at_most_once=False) is MailAction.FAIL
    assert action_for(fault, attempts=1, unconfirmed=1, at_most_once=True) is MailAction.FAIL


def test_waits_grow_and_then_stay() -> None:
    waits = [retry_delay(attempt) for attempt in range(1, len(RETRY_DELAYS) + 10)]
    assert waits == sorted(waits)
    assert waits[-1] == RETRY_DELAYS[-1]


@pytest.mark.parametrize("state", [MailState.SENT, MailState.CANCELLED])
def test_a_mail_that_is_done_with_moves_no_more(state: MailState) -> None:
    assert MOVES.actions(state) == []
    for action in MailAction:
        with pytest.raises(Conflict):
            MOVES.after(state, action)


def test_every_waiting_mail_can_end_in_each_way() -> None:
    for state in WAITING:
        for action in (MailAction.ACCEPT, MailAction.KEEP, MailAction.DEFER, MailAction.FAIL):
            assert MOVES.allows(state, action)


def test_every_state_can_be_reached() -> None:
    reached = {MailState.QUEUED} | {after for _state, _action, after in MOVES.rows()}
    assert reached == set(MailState)
