"""Passwords: slow hashes, and the rules for a new one (length and guessability, nothing else)."""

from __future__ import annotations

import base64
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from flask_babel import gettext as _

from app.identity.guessable import holds_context, is_common
from app.kernel.errors import DomainError

MIN_LENGTH = 12
ADVISED_LENGTH = 15
MAX_LENGTH = 256
_AT_ONCE = 4


class Passwords:
    """Hashes with argon2id. At most four at once in a process: each takes 64 MiB."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Use `hasher`, by default with the memory and passes of RFC 9106 (64 MiB, 3 passes).

        One lane: several would only take the processors of other people's sign-ins.
        """
        self._hasher = hasher or PasswordHasher(memory_cost=65_536, time_cost=3, parallelism=1)
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        self._dummy = _dummy_hash(self._hasher)

    def hash(self, password: str) -> str:
        """Return the hash of a password, taken exactly as it is."""
        with self._room:
            return self._hasher.hash(_bytes(password))

    def verify(self, encoded: str | None, password: str) -> bool:
        """Return whether a password has this hash.

        Without a hash (no such account) the same work is done and the answer is no, so
        that the time tells nothing.
        """
        with self._room:
            try:
                fits = self._hasher.verify(encoded or self._dummy, _bytes(password))
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False
        return fits and encoded is not None

    def is_outdated(self, encoded: str) -> bool:
        """Return whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(encoded)


def check_new_password(password: str, *, context: list[str], field: str = "password") -> None:
    """Raise DomainError on `field` when a password is too short, too long or easy to guess.

    `context` are words that somebody would try here first: the product, the organisation,
    the person's own name and address.
    """
    if len(password) < MIN_LENGTH:
        raise DomainError(
            _(
                "Choose a longer password: %(least)d characters or more. %(advised)d or more is "
                "better; four words that have nothing to do with each other are easy to keep.",
                least=MIN_LENGTH,
                advised=ADVISED_LENGTH,
            ),
            code="password_short",
            field=field,
        )
    if len(password) > MAX_LENGTH:
        raise DomainError(
            _("Choose a password of %(most)d characters or fewer.", most=MAX_LENGTH),
            code="password_long",
            field=field,
        )
    if is_common(password):
        raise DomainError(
            _(
                "Choose another password: this one is on the lists that are tried first. "
                "Four words that have nothing to do with each other are a good one."
            ),
            code="password_common",
            field=field,
        )
    if holds_context(password, context):
        raise DomainError(
            _(
                "Choose another password: this one is made of your name, your mail address, the "
                "organisation or this portal, which is what somebody would try first."
            ),
            code="password_context",
            field=field,
        )


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _dummy_hash(hasher: PasswordHasher) -> str:
    """Return a hash of nothing in particular with the parameters of `hasher`, at no cost."""

    def part(length: int) -> str:
        return base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")

    return (
        f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
        f"${part(hasher.salt_len)}${part(hasher.hash_len)}"
    )
