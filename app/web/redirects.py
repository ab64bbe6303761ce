"""Redirects stay in the house."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import redirect, request
from werkzeug.wrappers import Response

_OWN_PATH = re.compile(r"/(?:[A-Za-z0-9][A-Za-z0-9._~%!$&'()*+,;=:@/?-]*)?")


def safe_next(text: str | None, default: str = "/") -> str:
    """Return a path of this portal to go on to: `text` where it is one, else `default`.

    A full address is reduced to its path when it names this very host. Whatever a
    browser could read as another site (//, backslashes, control bytes) gives the default.
    """
    if not text or len(text) > 2_000:
        return default
    if text.startswith(request.host_url):
        parts = urlsplit(text)
        text = parts.path + (f"?{parts.query}" if parts.query else "")
    if not _OWN_PATH.fullmatch(text) or "//" in text.split("?", 1)[0]:
        return default
    return text


def see_other(path: str) -> Response:
    """Answer a POST with the page to look at next (303)."""
    return redirect(path, 303)
