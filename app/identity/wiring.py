"""Puts people and access into the application."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from argon2 import PasswordHasher
from flask import Request, g
from flask.typing import ResponseReturnValue

from app.access.actor import ANONYMOUS, Actor
from app.identity import (
    cookie,
    flask_login_glue,
    jobs,
    labels,
    limits_storage,
    link_views,
    notifications,
    second_factor_views,
)
from app.identity.extension import EXTENSION, current_presence, current_setup
from app.identity.passwords import Passwords
from app.identity.presence import load_presence
from app.identity.setup import IdentitySetup, installer
from app.mail.wiring import mail_of
from app.outbox.registry import jobs_of
from app.web.application import Application, application
from app.web.limits import limiter
from app.web.redirects import see_other
from app.web.verbs import describe
from config import Environment, SettingsError

_WITHOUT_ACTOR = frozenset({"assets.file", "assets.favicon", "health.live"})
"""Endpoints that are the same for everybody and asked for all the time."""

_BEFORE_SECOND_FACTOR = frozenset(
    {
        "account.second_factor",
        "account.start_second_factor",
        "account.turn_on_second_factor",
        "account.confirm",
        "account.send_confirm",
        "identity.sign_out",
    }
)
"""Where a person may be who still has to set up the second factor that everybody must have."""


def init_app(app: Application) -> None:
    """Wire people: who acts, pages, mails, nightly sweep, counters of rate limits."""
    setup = _setup(app)
    app.extensions[EXTENSION] = setup
    app.database.on_session.append(installer(setup))
    app.actor_loader = load_actor
    app.entry_checks.append(ask_for_second_factor)
    flask_login_glue.install(app)
    app.config["RATELIMIT_STORAGE_URI"] = limits_storage.URI
    limiter.init_app(app)
    # Each is a blueprint with routes in two modules; the one named here imports the other.
    app.register_blueprint(link_views.pages)
    app.register_blueprint(second_factor_views.pages)
    for topic in notifications.topics(app.settings.base_url):
        mail_of(app).topics.register(topic)
    jobs.register(jobs_of(app))
    describe(verbs=labels.VERBS, fields=labels.FIELDS, subjects=labels.SUBJECTS)


def _setup(app: Application) -> IdentitySetup:
    settings = app.settings
    try:
        zone = zoneinfo.ZoneInfo(settings.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(
            "ASSAY_TIMEZONE must name a zone such as Europe/Berlin or UTC."
        ) from error
    return IdentitySetup(
        passwords=Passwords(_hasher(settings.environment)),
        sealer=app.sealer,
        digest_key=str(app.config["SECRET_KEY"]),
        organisation=settings.organisation_name,
        default_locale=settings.default_locale,
        zone=zone,
        session_idle=dt.timedelta(minutes=settings.session_idle_minutes),
        session_length=dt.timedelta(hours=settings.session_hours),
        require_totp=settings.require_totp,
    )


def _hasher(environment: Environment) -> PasswordHasher | None:
    """Return a quick hasher for tests; everywhere else the slow one is the point."""
    if environment is Environment.TEST:
        return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return None


def load_actor(request: Request) -> Actor:
    """Return who makes a request, from the secret in the cookie."""
    secret = cookie.secret()
    if secret is None or request.endpoint in _WITHOUT_ACTOR:
        return ANONYMOUS
    presence = load_presence(application().database, current_setup(), secret)
    if presence is None:
        return ANONYMOUS
    g.presence = presence
    return presence.actor


def ask_for_second_factor(_actor: Actor, endpoint: str) -> ResponseReturnValue | None:
    """Lead a person without a second factor to its page, when everybody must have one."""
    presence = current_presence()
    if (
        current_setup().require_totp
        and presence is not None
        and not presence.has_second_factor
        and endpoint not in _BEFORE_SECOND_FACTOR
    ):
        return see_other("/account/second-factor")
    return None
