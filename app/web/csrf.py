"""Refuses writes that another site made a browser send."""

from __future__ import annotations

from flask import current_app, g, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError, validate_csrf
from wtforms.validators import ValidationError

from app.web.application import Application
from app.web.transaction import READING_METHODS


class _Protection(CSRFProtect):  # type: ignore[misc]  # no types upstream
    """Takes tokens that an older secret key signed, as long as the settings name that key.

    Otherwise whoever had a form open while the key was changed would lose what he typed.
    """

    def protect(self, apply_exemptions: bool = False) -> None:
        try:
            super().protect(apply_exemptions)
        except CSRFError:
            if not any(self._fits(key) for key in current_app.config["SECRET_KEY_FALLBACKS"]):
                raise
            g.csrf_valid = True  # asked for by each form

    def _fits(self, key: str) -> bool:
        try:
            validate_csrf(self._get_csrf_token(), secret_key=key)
        except ValidationError:
            return False
        return True


_protect = _Protection()


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
