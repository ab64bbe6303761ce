"""A sealed value opens only for its purpose, whole, and with a key that we still have."""

from __future__ import annotations

import base64

import pytest

from app.kernel.sealing import Sealer, Unsealable

OLD, NEW = "old-" * 12, "new-" * 12


@pytest.mark.parametrize(
    "data", [b"", b"x", b'{"link":"https://a.example/i/1"}', bytes(range(256))]
)
def test_opens_what_was_sealed(data: bytes) -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal("mail", data)
    assert sealer.open("mail", sealed) == data
    assert sealed.isascii()
    assert sealed.replace("-", "").replace("_", "").isalnum()


def test_the_text_does_not_show_what_is_inside() -> None:
    raw = base64.urlsafe_b64decode(Sealer([NEW]).seal("mail", b"secret-token") + "==")
    assert b"secret-token" not in raw


def test_sealing_twice_gives_different_texts() -> None:
    sealer = Sealer([NEW])
    assert sealer.seal("mail", b"same") != sealer.seal("mail", b"same")


def test_another_purpose_does_not_open() -> None:
    sealer = Sealer([NEW])
    with pytest.raises(Unsealable):
        sealer.open("totp", sealer.seal("mail", b"secret"))


def test_another_key_does_not_open() -> None:
    with pytest.raises(Unsealable):
        Sealer([NEW]).open("mail", Sealer([OLD]).seal("mail", b"secret"))


def test_rotation_opens_the_old_and_seals_with_the_new() -> None:
    before = Sealer([OLD]).seal("mail", b"secret")
    rotated = Sealer([NEW, OLD])
    assert rotated.open("mail", before) == b"secret"
    assert Sealer([NEW]).open("mail", rotated.seal("mail", b"later")) == b"later"


def test_every_changed_byte_is_noticed() -> None:
    sealer = Sealer([NEW])
    raw = base64.urlsafe_b64decode(sealer.seal("mail", b"secret") + "==")
    for position in range(len(raw)):
        changed = bytearray(raw)
        changed[position] ^= 1
        text = base64.urlsafe_b64encode(bytes(changed)).decode().rstrip("=")
        with pytest.raises(Unsealable):
            sealer.open("mail", text)


@pytest.mark.parametrize("text", ["", "AQ", "not sealed", "é", "AQ" * 6, "====", "AQAA+/"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(Unsealable):
        Sealer([NEW]).open("mail", text)


@pytest.mark.parametrize("keys", [[], [""], [NEW, ""]])
def test_an_empty_key_is_refused(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="secret key"):
        Sealer(keys)
