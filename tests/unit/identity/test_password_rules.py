"""Rules for a new password: length and guessability, nothing else (V6.2)."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from app.identity.guessable import holds_context, is_common
from app.identity.passwords import Passwords, check_new_password
from app.kernel.errors import DomainError

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
CONTEXT = ["Assay", "Northwind Procurement", "anna.plum@northwind.example", "Anna Plum"]


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "123456789012", "1q2w3e4r5t6y", "1qaz2wsx3edc", "P@ssw0rd2024!",
        "iloveyou1234", "qwertyuiop123", "Summer2025!!!", "administrator", "aaaaaaaaaaaa",
        "abcabcabcabc", "letmeinletmein", "zaq12wsxcde3", "passwordpassword", "Willkommen2026!",
        "correcthorsebatterystaple", "drowssap4321", "christopher1", "unbelievable",
        "qwerty123456", "1234qwerasdfzxcv", "monkeymonkey1", "liverpool123!", "!QAZ2wsx#EDC",
        "trustno1trustno1", "changeme12345", "Welcome@12345", "987654321098", "football12345",
        "Pa55word8351", "            ",
    ],
)  # fmt: skip
def test_v6_2_4_and_12_passwords_of_the_known_lists_are_refused(password: str) -> None:
    assert is_common(password)
    with pytest.raises(DomainError) as caught:
        check_new_password(password, context=CONTEXT)
    assert caught.value.field == "password"
    assert caught.value.code == "password_common"


@pytest.mark.parametrize(
    "password",
    [
        "all lower case words here", "kestrel oven ladder nine", "gT7#pq0ZxW2v", "violet biscuit",
        "my dog ate the moon once", "plum-tractor-fog-88", "sunshine kestrel ladder",
        "Fahrradkette im Novemberregen", "пять воробьёв на крыше", "x" * 5 + "kitchen-otter-92",
    ],
)  # fmt: skip
def test_v6_2_5_no_signs_or_capitals_are_asked_for(password: str) -> None:
    check_new_password(password, context=CONTEXT)


@pytest.mark.parametrize(
    "password", ["assaynorthwind", "Northwind-2026", "annaplum1234!", "N0rthw1nd-procurement"]
)
def test_v6_2_11_words_of_this_place_and_person_are_refused(password: str) -> None:
    assert holds_context(password, CONTEXT)
    with pytest.raises(DomainError):
        check_new_password(password, context=CONTEXT)


def test_v6_2_1_and_9_length_is_what_counts() -> None:
    def code_of(password: str) -> str:
        with pytest.raises(DomainError) as caught:
            check_new_password(password, context=[])
        return caught.value.code

    assert code_of("kT7#pq0ZxW2") == "password_short"
    assert code_of("gannet otter " * 20) == "password_long"
    check_new_password("gannet otter kelp " * 7, context=[])


def test_v6_2_8_a_password_is_taken_exactly() -> None:
    passwords = Passwords(QUICK)
    encoded = passwords.hash("Grüne Gabel im Kasten")
    assert passwords.verify(encoded, "Grüne Gabel im Kasten")
    others = ["grüne Gabel im Kasten", "Grüne Gabel im Kasten ", "Gru\u0308ne Gabel im Kasten"]
    assert [text for text in others if passwords.verify(encoded, text)] == []
    long = "otter kelp gannet " * 5
    assert not passwords.verify(passwords.hash(long), long[:72])


def test_a_missing_account_costs_one_hash_and_never_fits() -> None:
    tried: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            tried.append(str(hash))
            return super().verify(hash, password)

    passwords = Passwords(Counting(time_cost=1, memory_cost=64, parallelism=1))
    encoded = passwords.hash("violet anchor biscuit moon")
    assert not passwords.verify(None, "violet anchor biscuit moon")
    assert not passwords.verify(encoded, "something else")
    assert len(tried) == 2
    assert [hash.split("$")[1:4] for hash in tried] == [["argon2id", "v=19", "m=64,t=1,p=1"]] * 2


def test_a_damaged_hash_fits_nothing() -> None:
    assert not Passwords(QUICK).verify("$argon2id$v=19$broken", "violet anchor biscuit moon")


def test_v11_4_2_hashes_made_with_other_parameters_are_outdated() -> None:
    old = Passwords(QUICK).hash("violet anchor biscuit moon")
    new = Passwords(PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    assert new.is_outdated(old)
    assert not new.is_outdated(new.hash("violet anchor biscuit moon"))


def test_v11_4_2_the_usual_hash_is_argon2id_with_64_mebibytes() -> None:
    assert (
        Passwords().hash("violet anchor biscuit moon").startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    )
