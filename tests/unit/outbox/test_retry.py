"""What follows from a failed attempt, and what is written down about it."""

from __future__ import annotations

import datetime as dt

import pytest

from app.kernel.errors import Unavailable
from app.outbox.retry import (
    REASON_LENGTH,
    GiveUp,
    RetryLater,
    RetryPolicy,
    after_failure,
    reason_of,
)

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
POLICY = RetryPolicy(max_attempts=3, base=dt.timedelta(seconds=4), cap=dt.timedelta(seconds=10))


def test_the_longest_wait_doubles_up_to_the_cap() -> None:
    waits = [POLICY.longest_wait(attempt).total_seconds() for attempt in (1, 2, 3, 4, 10_000)]
    assert waits == [4, 8, 10, 10, 10]


def test_the_wait_is_a_random_part_of_the_longest() -> None:
    assert POLICY.wait(2, 0.0) == dt.timedelta(0)
    assert POLICY.wait(2, 0.25) == dt.timedelta(seconds=2)


def test_an_error_is_tried_again_until_the_attempts_are_used_up() -> None:
    second = after_failure(POLICY, KeyError(), attempt=2, now=NOW, chance=0.5)
    assert second.next_attempt_at == NOW + dt.timedelta(seconds=4)
    assert not second.is_final
    assert after_failure(POLICY, KeyError(), attempt=3, now=NOW, chance=0.5).is_final


def test_a_handler_may_name_the_wait() -> None:
    error = RetryLater("The server asks to wait.", after=dt.timedelta(minutes=7))
    failure = after_failure(POLICY, error, attempt=1, now=NOW, chance=0.9)
    assert failure.next_attempt_at == NOW + dt.timedelta(minutes=7)
    assert failure.reason == "The server asks to wait."
    assert after_failure(POLICY, error, attempt=3, now=NOW, chance=0.9).is_final


def test_a_negative_wait_is_no_wait() -> None:
    error = RetryLater("Now.", after=dt.timedelta(minutes=-7))
    assert after_failure(POLICY, error, attempt=1, now=NOW, chance=0).next_attempt_at == NOW


def test_giving_up_is_final_at_once() -> None:
    failure = after_failure(POLICY, GiveUp("The address is gone."), attempt=1, now=NOW, chance=0)
    assert failure.is_final
    assert failure.reason == "The address is gone."


def test_the_text_of_a_foreign_error_is_not_kept() -> None:
    reason = reason_of(ValueError("https://example.org/?token=abc"))
    assert reason == "Stopped by ValueError"


def test_the_place_in_our_code_is_kept() -> None:
    with pytest.raises(ValueError, match="retry policy") as caught:
        RetryPolicy(max_attempts=0)
    reason = reason_of(caught.value)
    assert reason.startswith("Stopped by ValueError at app/outbox/retry.py:")


def test_our_own_sentences_are_kept_as_one_line() -> None:
    assert reason_of(Unavailable("The portal\nis\tbusy.\x00")) == "The portal is busy."
    assert len(reason_of(GiveUp("word " * 500))) == REASON_LENGTH
    assert reason_of(GiveUp(" \n ")) == "No reason was given"
