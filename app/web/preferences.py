"""How a reader wants to read: theme and language, for everybody, signed in or not."""

from __future__ import annotations

from flask import request, session
from werkzeug.wrappers import Response

from app.access.permissions import PUBLIC
from app.web.page_blueprint import PageBlueprint
from app.web.redirects import safe_next, see_other
from app.web.templating import LOCALES, THEMES

pages = PageBlueprint("preferences", __name__, url_prefix="/preferences")


@pages.post("/theme", access=PUBLIC)
def set_theme() -> Response:
    """Keep the chosen theme in the cookie and go back."""
    chosen = request.form.get("theme", "")
    if chosen in THEMES:
        session["theme"] = chosen
    return see_other(safe_next(request.form.get("next")))


@pages.post("/language", access=PUBLIC)
def set_language() -> Response:
    """Keep the chosen language in the cookie and go back."""
    chosen = request.form.get("language", "")
    if chosen in LOCALES:
        session["locale"] = chosen
    return see_other(safe_next(request.form.get("next")))
