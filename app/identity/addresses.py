"""How people and units are told apart by what was typed. Pure."""

from __future__ import annotations

import ipaddress
import unicodedata

from flask_babel import gettext as _

from app.kernel.errors import DomainError
from app.mail.addresses import checked_address, checked_name

MAX_EMAIL = 254


def email_of(text: str, *, field: str = "email") -> str:
    """Return a mail address as it is kept: the local part as typed, the host in one form.

    Raises DomainError on `field` when it is not one mail address.
    """
    return checked_address(unicodedata.normalize("NFKC", text.strip()), field=field)


def key_of(text: str) -> str:
    """Return the form in which names and addresses are compared, searched and sorted.

    Two that look the same to a person (capitals, full-width letters) have the same key.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


def name_of(text: str, *, field: str = "name") -> str:
    """Return a person's name fit for pages, mails and the audit trail.

    Raises DomainError on `field` when nothing is left, or it is too long or not one line.
    """
    name = unicodedata.normalize("NFC", checked_name(text, field=field))
    if not any(char.isalnum() for char in name):
        raise DomainError(_("Enter the name."), code="name_missing", field=field)
    return name


def network_of(address: str) -> str:
    """Return what counts as one caller: an IPv4 address, or the /64 that an IPv6 site owns."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
