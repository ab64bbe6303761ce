"""Jinja as pages use it: strict, escaped, with a fixed set of names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, has_request_context, make_response, render_template, request, session
from flask_babel import Babel, get_locale
from jinja2 import StrictUndefined

from app.access.actor import Actor
from app.access.permissions import Permission
from app.access.roles import Role
from app.web.application import Application, application
from app.web.formatting import FILTERS
from app.web.labels import ROLE_LABELS
from app.web.request import current_actor

LOCALES = {"en": "English", "de": "Deutsch"}
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class PortalFacts:
    """What every page may say about the portal."""

    name: str
    organisation: str
    base_url: str
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """The actor as pages show it: the same person, with words for the roles."""

    actor: Actor

    @property
    def name(self) -> str:
        """Return the name."""
        return self.actor.name

    @property
    def initials(self) -> str:
        """Return the letters for the round sign."""
        return self.actor.initials

    @property
    def is_signed_in(self) -> bool:
        """Return whether the rail and the account menu are shown."""
        return self.actor.is_signed_in

    @property
    def role_names(self) -> list[str]:
        """Return the roles in the reader's language, in the order of the table."""
        return [str(ROLE_LABELS[role]) for role in Role if role in self.actor.roles]

    def may(self, permission: str) -> bool:
        """Return whether a button that needs `permission` (its text) is worth showing."""
        return self.actor.may(Permission(permission))


def install(app: Application) -> None:
    """Set up the environment, the filters, the global names and the languages."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(asset=app.assets.path, icon_href=icon_href)
    settings = app.settings
    facts = PortalFacts("Assay", settings.organisation_name, settings.base_url, settings.demo)

    def page_context() -> dict[str, Any]:
        actor = current_actor()
        return {
            "current_actor": Reader(actor),
            "navigation": app.navigation.groups_for(actor),
            "administration_tabs": lambda: app.navigation.sections_for(actor),
            "portal": facts,
            "theme": theme(),
            "locale": str(get_locale() or "en"),
            "locales": LOCALES,
            "search_href": None,
            "notices_href": None,
            "here": request.full_path.rstrip("?"),
        }

    app.context_processor(page_context)
    app.config["BABEL_DEFAULT_LOCALE"] = settings.default_locale
    app.config["BABEL_DEFAULT_TIMEZONE"] = settings.timezone
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=_select_locale)


def icon_href(name: str) -> str:
    """Return the address of an icon in the sprite."""
    return f"{application().assets.path('vendor/icons.svg')}#{name}"


def theme() -> str:
    """Return the theme that the reader chose: here, in the account, or none (auto)."""
    chosen = session.get("theme") or current_actor().theme
    return chosen if chosen in THEMES else "auto"


def _select_locale() -> str:
    if not has_request_context():
        return application().settings.default_locale  # jobs and commands say what they need
    chosen = session.get("locale") or current_actor().locale
    if chosen in LOCALES:
        return str(chosen)
    best = request.accept_languages.best_match(list(LOCALES))
    return best or application().settings.default_locale


def render(template: str, **context: Any) -> str:
    """Return a page as text. The names of `page_context` are there by themselves."""
    return render_template(template, **context)


def page(template: str, status: int = 200, **context: Any) -> Response:
    """Return a page with a status: 422 for a form with errors."""
    return make_response(render(template, **context), status)
