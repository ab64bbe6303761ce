"""Codes by the clock and recovery codes, without a database."""

from __future__ import annotations

import datetime as dt

import pyotp
import pytest

from app.identity import factors

NOON = dt.datetime(2026, 3, 2, 12, 0, 15, tzinfo=dt.UTC)
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(at: dt.datetime) -> str:
    return pyotp.TOTP(SEED).at(at)


def test_the_present_code_is_accepted_as_people_type_it() -> None:
    code = code_at(NOON)
    step = int(NOON.timestamp()) // 30
    for typed in (code, f"{code[:3]} {code[3:]}", f" {code}\n"):
        assert factors.accepted_step(SEED, typed, at=NOON, last_step=None) == step


def test_v6_5_1_a_code_is_not_accepted_again() -> None:
    step = factors.accepted_step(SEED, code_at(NOON), at=NOON, last_step=None)
    later = NOON + dt.timedelta(seconds=5)
    assert factors.accepted_step(SEED, code_at(NOON), at=later, last_step=step) is None


@pytest.mark.parametrize("seconds", [-90, -60, 30, 60, 3600])
def test_v6_5_5_codes_of_other_times_are_refused(seconds: int) -> None:
    code = code_at(NOON + dt.timedelta(seconds=seconds))
    assert factors.accepted_step(SEED, code, at=NOON, last_step=None) is None


def test_a_code_still_counts_in_the_step_after_its_own() -> None:
    code = code_at(NOON - dt.timedelta(seconds=30))
    assert factors.accepted_step(SEED, code, at=NOON, last_step=None) is not None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥", "0x1234"])
def test_other_texts_are_no_code(typed: str) -> None:
    assert factors.accepted_step(SEED, typed, at=NOON, last_step=None) is None


def test_v6_5_3_seeds_are_160_random_bits() -> None:
    seeds = {factors.new_seed() for _ in range(50)}
    assert len(seeds) == 50
    assert {len(seed) for seed in seeds} == {32}


def test_recovery_codes_are_ten_and_differ_where_they_are_looked_up() -> None:
    codes = factors.new_recovery_codes()
    assert len(codes) == len({code.lookup for code in codes}) == 10
    assert all(factors.parse_recovery_code(code.shown) == code for code in codes)
    assert all(factors.parse_recovery_code(code.shown.lower().replace("-", " ")) == code
               for code in codes)  # fmt: skip


@pytest.mark.parametrize("text", ["", "123456", "ABCD-EFGH-JKL", "ABCD-EFGH-JKL0", "ABCDEFGHJKLMN"])
def test_other_texts_are_no_recovery_code(text: str) -> None:
    assert factors.parse_recovery_code(text) is None


def test_the_square_code_names_portal_and_person() -> None:
    address = factors.provisioning_uri(SEED, email="sam@northwind.example", issuer="Assay Halden")
    assert address.startswith("otpauth://totp/Assay%20Halden:sam%40northwind.example?")
    assert f"secret={SEED}" in address
