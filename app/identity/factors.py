"""Second factors: codes by the clock (TOTP) and recovery codes for when the phone is gone. Pure."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

import pyotp

STEP_SECONDS = 30
RECOVERY_CODES = 10
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 letters, without 0/O and 1/I
_LOOKUP = 4
_SECRET = 8


def new_seed() -> str:
    """Return a fresh TOTP seed: 160 random bits as base32."""
    return pyotp.random_base32()


def provisioning_uri(seed: str, *, email: str, issuer: str) -> str:
    """Return the otpauth address that an authenticator app reads from the square code."""
    return pyotp.TOTP(seed).provisioning_uri(name=email, issuer_name=issuer)


def accepted_step(seed: str, code: str, *, at: dt.datetime, last_step: int | None) -> int | None:
    """Return the time step whose code was typed, None when it is none of ours.

    The present step counts and the one before it: people type for a few seconds. A step
    at or before `last_step` never counts, so that a code works once.
    """
    typed = _digits(code)
    if len(typed) != 6:
        return None
    totp = pyotp.TOTP(seed)
    present = int(at.timestamp()) // STEP_SECONDS
    found = None
    for step in (present - 1, present):
        fits = hmac.compare_digest(totp.generate_otp(step), typed)
        if fits and (last_step is None or step > last_step):
            found = step
    return found


def looks_like_totp(code: str) -> bool:
    """Return whether six digits were typed, so a code by the clock is meant."""
    return len(_digits(code)) == 6 and not any(char.isalpha() for char in code)


def _digits(code: str) -> str:
    """Return the digits of a code; people type blanks as their app shows them."""
    folded = unicodedata.normalize("NFKC", code)
    return "".join(char for char in folded if char in "0123456789")


@dataclass(frozen=True, slots=True)
class RecoveryText:
    """One recovery code: `lookup` finds its row, `secret` (40 random bits) proves it."""

    lookup: str
    secret: str

    @property
    def shown(self) -> str:
        """Return the code as people write it down: ABCD-EFGH-JKLM."""
        text = self.lookup + self.secret
        return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def new_recovery_codes() -> list[RecoveryText]:
    """Return ten codes whose lookups differ."""
    codes: dict[str, RecoveryText] = {}
    while len(codes) < RECOVERY_CODES:
        letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LOOKUP + _SECRET))
        codes.setdefault(letters[:_LOOKUP], RecoveryText(letters[:_LOOKUP], letters[_LOOKUP:]))
    return list(codes.values())


def parse_recovery_code(text: str) -> RecoveryText | None:
    """Return the code that was typed, with or without strokes and capitals; None for no code."""
    folded = unicodedata.normalize("NFKC", text).upper()
    letters = "".join(char for char in folded if char.isalnum())
    if len(letters) != _LOOKUP + _SECRET or any(char not in _ALPHABET for char in letters):
        return None
    return RecoveryText(letters[:_LOOKUP], letters[_LOOKUP:])
