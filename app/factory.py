"""Puts the portal together: the only place that knows every part of `app`."""

from __future__ import annotations

import importlib

from werkzeug.middleware.proxy_fix import ProxyFix

from app.admin import wiring as admin
from app.audit import recorder
from app.db import query_log
from app.db.engine import Database
from app.files import wiring as files
from app.health import wiring as health
from app.identity import wiring as identity
from app.kernel.sealing import Sealer
from app.logs import configure
from app.mail import wiring as mail
from app.outbox import wiring as outbox
from app.web import wiring as web
from app.web.application import Application
from config import FEATURES, Settings, load_secret_key

_MEGABYTE = 1_000_000


def create_app(settings: Settings, *, features: tuple[str, ...] = FEATURES) -> Application:
    """Return a portal for these settings; raises SettingsError when they make none.

    Opens no connection: the database is looked at by whoever serves or works.
    """
    configure(settings.log_level)
    key = load_secret_key(settings)
    database = Database(settings.resolved_database_url, pool_size=settings.database_pool_size)
    database.on_session.append(recorder.install)
    query_log.install(database.engine)
    app = Application(settings, database)
    app.sealer = Sealer([key, *settings.secret_key_fallbacks])
    app.config.update(
        SECRET_KEY=key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        TRUSTED_HOSTS=settings.resolved_trusted_hosts,
        SESSION_COOKIE_NAME="__Host-assay" if settings.is_https else "assay",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        # Room for the fields around the largest file.
        MAX_CONTENT_LENGTH=(settings.upload_max_megabytes + 1) * _MEGABYTE,
        MAX_FORM_MEMORY_SIZE=_MEGABYTE,
        MAX_FORM_PARTS=2_000,
        PREFERRED_URL_SCHEME="https" if settings.is_https else "http",
        TESTING=settings.environment == "test",
        PROPAGATE_EXCEPTIONS=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    if settings.proxy_count:
        count = settings.proxy_count
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented way
            app.wsgi_app, x_for=count, x_proto=count, x_host=0, x_prefix=0
        )
    for part in (web, outbox, files, mail, identity, admin, health):
        part.init_app(app)
    for name in features:
        importlib.import_module(name).init_app(app)
    return app
