"""Sealed values: encrypted and tamper-proof in the database, readable with the secret key only."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORMAT = b"\x01"
_NONCE_BYTES = 12
_KEY_BYTES = 32
_CONTEXT = b"assay/sealing/1/"


class Unsealable(Exception):
    """The text is not a sealed value, was changed, is for another purpose, or its key is gone."""


class Sealer:
    """Seals with AES-256-GCM under a key of its own for each purpose.

    The keys are derived by HKDF-SHA256 from the secret key, so that a value sealed for one
    purpose can never be opened as another. A purpose may end with the id of the row that
    holds the value; then it cannot be moved to another row either.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """Take the secret key, followed by the older ones that may still open.

        Raises ValueError when there is no key or an empty one.
        """
        if not keys or not all(keys):
            raise ValueError("a sealer needs a secret key, and none may be empty")
        self._keys = tuple(key.encode("utf-8") for key in keys)

    def seal(self, purpose: str, data: bytes) -> str:
        """Return `data` sealed with the newest key, as URL-safe text of plain ASCII."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(_derive(self._keys[0], purpose)).encrypt(nonce, data, _FORMAT)
        return base64.urlsafe_b64encode(_FORMAT + nonce + sealed).decode("ascii").rstrip("=")

    def open(self, purpose: str, text: str) -> bytes:
        """Return what was sealed for `purpose`, with any of the keys.

        Raises Unsealable.
        """
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error) as error:
            raise Unsealable("not a sealed value") from error
        if raw[:1] != _FORMAT:
            raise Unsealable("not a sealed value")
        nonce, sealed = raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :]
        for key in self._keys:
            try:
                return AESGCM(_derive(key, purpose)).decrypt(nonce, sealed, _FORMAT)
            except (InvalidTag, ValueError):
                # ValueError: cut so short that there is no nonce. Either way no key fits.
                continue
        raise Unsealable("no key opens this value for this purpose")


def _derive(key: bytes, purpose: str) -> bytes:
    info = _CONTEXT + purpose.encode("utf-8")
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(key)
