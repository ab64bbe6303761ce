"""Puts the page toolkit into the application, in the order in which a request meets it."""

from __future__ import annotations

from app.web import (
    asset_views,
    csrf,
    errors,
    gallery,
    guard,
    headers,
    home,
    plain_text,
    preferences,
    request_log,
    templating,
)
from app.web.application import Application
from config import Environment


def init_app(app: Application) -> None:
    """Install headers, request ids, guard, token check, templates, errors and the first pages."""
    request_log.install(app)
    guard.install(app)
    csrf.install(app)
    plain_text.install(app)
    headers.install(app)
    templating.install(app)
    errors.install(app)
    app.register_blueprint(asset_views.pages)
    app.register_blueprint(home.pages)
    app.register_blueprint(preferences.pages)
    home.add_navigation(app)
    if app.settings.environment is not Environment.PRODUCTION:
        app.register_blueprint(gallery.pages)
