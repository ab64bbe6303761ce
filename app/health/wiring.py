"""Puts health pages and figures into the application."""

from __future__ import annotations

from app.files.storage import storage_of
from app.health import metrics, views
from app.health.readiness import Readiness
from app.web.application import Application


def init_app(app: Application) -> None:
    """Register the pages and begin to count."""
    app.extensions[views.EXTENSION] = Readiness(app.database, lambda: storage_of(app))
    app.register_blueprint(views.pages)
    metrics.install(app)
