"""Passwords and codes for any text: exact, never an error other than a sentence, always quick."""

from __future__ import annotations

import datetime as dt

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from app.identity import factors
from app.identity.addresses import key_of, network_of
from app.identity.devices import device_of
from app.identity.guessable import holds_context, is_common
from app.identity.passwords import MAX_LENGTH, Passwords, check_new_password
from app.kernel.errors import DomainError

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
ANY_TEXT = st.text(st.characters(), max_size=MAX_LENGTH)
FEW_SIGNS = st.text("ab1! ", max_size=MAX_LENGTH)
SEED = factors.new_seed()


@given(ANY_TEXT, ANY_TEXT)
@settings(max_examples=60, deadline=None)
def test_a_password_fits_itself_and_nothing_else(one: str, other: str) -> None:
    encoded = QUICK.hash(one)
    assert QUICK.verify(encoded, one)
    assert QUICK.verify(encoded, other) == (one == other)


@given(st.one_of(ANY_TEXT, FEW_SIGNS), st.lists(ANY_TEXT, max_size=4))
@settings(max_examples=200, deadline=None)
def test_the_rules_answer_any_text_with_a_sentence_or_silence(
    password: str, context: list[str]
) -> None:
    is_good = 12 <= len(password) <= MAX_LENGTH and not (
        is_common(password) or holds_context(password, context)
    )
    if is_good:
        check_new_password(password, context=context)
    else:
        with pytest.raises(DomainError) as caught:
            check_new_password(password, context=context)
        assert caught.value.field == "password"


@given(
    st.one_of(ANY_TEXT, st.from_regex(r"[0-9]{6}", fullmatch=True)),
    st.integers(1_000_000_000, 4_000_000_000),
    st.one_of(st.none(), st.integers(0, 10**10)),
)
@settings(deadline=None)
def test_a_code_is_never_accepted_for_a_step_that_was_used(
    code: str, second: int, last_step: int | None
) -> None:
    at = dt.datetime.fromtimestamp(second, dt.UTC)
    step = factors.accepted_step(SEED, code, at=at, last_step=last_step)
    assert step is None or last_step is None or step > last_step
    factors.parse_recovery_code(code)


@given(ANY_TEXT)
@settings(deadline=None)
def test_keys_are_stable_and_devices_are_from_our_own_words(text: str) -> None:
    assert key_of(key_of(text)) == key_of(text)
    assert len(device_of(text)) <= 40
    network_of(text)
