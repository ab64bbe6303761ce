"""Addresses that hold the state of a list: filter, sort, cursor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for


def address(endpoint: str, kept: Mapping[str, str | None], **changed: str | None) -> str:
    """Return the address of `endpoint` with kept and changed values; None leaves one out."""
    values = {**kept, **changed}
    present: dict[str, Any] = {name: value for name, value in values.items() if value}
    return url_for(endpoint, **present)
