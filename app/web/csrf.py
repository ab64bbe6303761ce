"""Refuses writes that another site made a browser send."""

from __future__ import annotations

from flask import request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError

from app.web.application import Application
from app.web.transaction import READING_METHODS

_protect = CSRFProtect()


def install(app: Application) -> None:
    """Ask every write for the token of its session, and believe what browsers say of its origin."""

    def refuse_cross_site() -> None:
        origin = request.headers.get("Sec-Fetch-Site", "same-origin")
        if request.method not in READING_METHODS and origin not in ("same-origin", "none"):
            raise CSRFError("sent from another site")

    app.config["WTF_CSRF_TIME_LIMIT"] = None  # the token lives as long as its session
    app.config["WTF_CSRF_SSL_STRICT"] = False  # link pages send no referrer; see above instead
    app.before_request(refuse_cross_site)
    _protect.init_app(app)
