"""Addresses, names and header text: what may stand in a mail's head. Pure."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from app.kernel.errors import DomainError

MAX_NAME = 200
_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def checked_address(text: str, *, field: str = "email") -> str:
    """Return a mail address in the form in which it is sent to: host in lower case and ASCII.

    Only the form is looked at; nobody is asked whether the mailbox exists. Raises
    DomainError on `field`.
    """
    sentence = _("Enter one mail address, for example name@example.org.")
    if not text or _has_controls(text):
        raise DomainError(sentence, code="mail_address", field=field)
    try:
        checked = validate_email(
            text, check_deliverability=False, allow_smtputf8=False, strict=True
        )
    except EmailNotValidError:
        raise DomainError(sentence, code="mail_address", field=field) from None
    assert checked.ascii_email is not None  # allow_smtputf8=False promises it
    return checked.ascii_email


def checked_name(text: str, *, field: str = "name") -> str:
    """Return a person's name fit for a mail's head. Raises DomainError on `field`."""
    name = text.strip()
    if _has_controls(name):
        raise DomainError(
            _("Enter the name on one line, without control characters."),
            code="mail_name",
            field=field,
        )
    if len(name) > MAX_NAME:
        raise DomainError(
            _("Shorten the name to %(count)d characters or fewer.", count=MAX_NAME),
            code="mail_name",
            field=field,
        )
    return name


def one_line(text: str) -> str:
    """Return text fit for a header: one line, no control or direction characters."""
    kept = "".join(" " if _is_control(char) else char for char in text if char not in _BIDI)
    return " ".join(kept.split())


def _has_controls(text: str) -> bool:
    return any(_is_control(char) or char in _BIDI for char in text)


def _is_control(char: str) -> bool:
    # Cc: control; Zl, Zp: line and paragraph separator; Cs: half a character.
    return unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs")
