"""The component gallery: every component in every state; in development and tests only."""

from __future__ import annotations

from flask import Response

from app.access.permissions import PUBLIC
from app.web.gallery_specimens import plain_specimen, staff_specimen, vendor_specimen
from app.web.page_blueprint import PageBlueprint
from app.web.templating import page

pages = PageBlueprint("gallery", __name__, url_prefix="/gallery")


@pages.get("/", access=PUBLIC)
def index() -> Response:
    """Show the staff side's components."""
    return page("gallery/index.html", 200, **staff_specimen())


@pages.get("/vendor", access=PUBLIC)
def vendor() -> Response:
    """Show the vendor side's components."""
    return page("gallery/vendor.html", 200, **vendor_specimen())


@pages.get("/plain", access=PUBLIC)
def plain() -> Response:
    """Show the single sheet of sign-in and error pages."""
    return page("gallery/plain.html", 200, **plain_specimen())
