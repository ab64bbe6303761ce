"""The start page: what waits for the person who signed in."""

from __future__ import annotations

from flask import Response
from flask_babel import lazy_gettext as _l

from app.access.permissions import SIGNED_IN
from app.web.application import Application, application
from app.web.navigation import Entry
from app.web.page_blueprint import PageBlueprint
from app.web.request import current_actor, current_session
from app.web.templating import page

pages = PageBlueprint("home", __name__)


@pages.get("/", access=SIGNED_IN)
def index() -> Response:
    """Show My work."""
    items = application().work.items_for(current_session(), current_actor())
    return page("home/index.html", items=items)


def add_navigation(app: Application) -> None:
    """Put My work on top of the rail."""
    app.navigation.add(
        Entry(
            label=_l("My work"),
            icon="inbox",
            endpoint="home.index",
            access=SIGNED_IN,
            group=0,
            order=0,
        )
    )
