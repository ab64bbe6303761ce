"""Puts the Mail page into the application."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.access.permissions import Permission
from app.admin.mail.views import pages
from app.web.application import Application
from app.web.navigation import Section


def init_app(app: Application) -> None:
    """Register the pages and their tab in Administration."""
    app.register_blueprint(pages)
    app.navigation.add_section(
        Section(
            label=_l("Mail"), endpoint="mail_admin.index", access=Permission.MAIL_READ, order=30
        )
    )
