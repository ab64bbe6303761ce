"""Opens the portal for a command."""

from __future__ import annotations

import click

from app.db.schema import check_schema
from app.factory import create_app
from app.web.application import Application
from config import Settings, load_settings


def open_portal(*, checked: bool = True, settings: Settings | None = None) -> Application:
    """Return the portal of the environment; `checked`: its database stands at our head.

    Raises SettingsError and SchemaError.
    """
    app = create_app(settings or load_settings())
    context = click.get_current_context(silent=True)
    if context is not None:
        context.call_on_close(app.database.dispose)
    if checked:
        check_schema(app.database)
    return app
