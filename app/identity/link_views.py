"""One-time links from mails and the terminal: new password, invitation, first administrator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, flash, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from app.access.permissions import PUBLIC
from app.identity import cookie, credentials, entry
from app.identity.forms import AcceptForm, FirstAdministratorForm, ResetForm
from app.identity.links import LinkGone
from app.identity.views import pages
from app.kernel.errors import DomainError
from app.web.application import application
from app.web.forms import Form
from app.web.limits import limiter
from app.web.redirects import see_other
from app.web.request import current_session
from app.web.templating import page

__all__ = ["gone", "pages"]
"""`pages` is the blueprint of coming in, made whole by the routes of this module."""

link_limit = limiter.limit("60 per 5 minutes")
"""Opening links: nobody types them, so who opens many is guessing."""


@pages.get("/new-password/<token>", access=PUBLIC)
@link_limit
def reset(token: str) -> Response:
    """Show the form for a new password; opening the link changes nothing."""
    return _link_page(
        lambda: credentials.reset_account(current_session(), token), "reset", ResetForm()
    )


@pages.post("/new-password/<token>", access=PUBLIC)
@link_limit
def send_reset(token: str) -> Response | Redirect:
    """Set the new password and use up the link; signing in comes after."""
    form = ResetForm()
    return _use_link(
        form,
        "reset",
        look=lambda: credentials.reset_account(current_session(), token),
        act=lambda: credentials.reset_password(
            current_session(), token, form.password.data or "", cookie.client()
        ),
        done=_after_reset,
    )


def _after_reset(_account: Any) -> Redirect:
    cookie.leave()
    flash(_("Your new password is set. Sign in with it."), "success")
    return see_other(url_for(".sign_in"))


@pages.get("/invitation/<token>", access=PUBLIC)
@link_limit
def accept(token: str) -> Response:
    """Show what the invitation is for; opening the link changes nothing."""
    form = AcceptForm()

    def look() -> Any:
        account = entry.invited_account(current_session(), token)
        form.name.data = account.name
        return account

    return _link_page(look, "accept", form)


@pages.post("/invitation/<token>", access=PUBLIC)
@link_limit
def send_accept(token: str) -> Response | Redirect:
    """Set name and password, use up the invitation, sign in."""
    form = AcceptForm()
    return _use_link(
        form,
        "accept",
        look=lambda: entry.invited_account(current_session(), token),
        act=lambda: entry.accept_invitation(
            current_session(),
            token,
            name=form.name.data or "",
            password=form.password.data or "",
            locale=_reading_language(),
            client=cookie.client(),
        ),
        done=_after_entry,
    )


@pages.get("/first-administrator/<token>", access=PUBLIC)
@link_limit
def first_administrator(token: str) -> Response:
    """Show the form for the first administrator; opening the link changes nothing."""
    return _link_page(
        lambda: entry.check_first_administrator_link(current_session(), token),
        "first_administrator",
        FirstAdministratorForm(),
    )


@pages.post("/first-administrator/<token>", access=PUBLIC)
@link_limit
def send_first_administrator(token: str) -> Response | Redirect:
    """Make the first administrator, use up the link, sign in."""
    form = FirstAdministratorForm()
    return _use_link(
        form,
        "first_administrator",
        look=lambda: entry.check_first_administrator_link(current_session(), token),
        act=lambda: entry.create_first_administrator(
            current_session(),
            token,
            email=form.email.data or "",
            name=form.name.data or "",
            password=form.password.data or "",
            locale=_reading_language(),
            client=cookie.client(),
        ),
        done=_after_entry,
    )


def _after_entry(entered: tuple[Any, str]) -> Redirect:
    account, token = entered
    cookie.enter(token)
    flash(_("Welcome, %(name)s. You are signed in.", name=account.name), "success")
    return see_other("/")


def _reading_language() -> str:
    return str(get_locale() or application().settings.default_locale)


def _link_page(look: Callable[[], Any], kind: str, form: Form) -> Response:
    """Return the page of a link that works, or the one that says what to do instead."""
    try:
        subject = look()
    except LinkGone as error:
        return gone(kind, error)
    return _unreferred(page(f"identity/{kind}.html", form=form, subject=subject))


def _use_link(
    form: Form,
    kind: str,
    *,
    look: Callable[[], Any],
    act: Callable[[], Any],
    done: Callable[[Any], Redirect],
) -> Response | Redirect:
    """Use a link: all of `act` holds or nothing, and a refused form leaves the link working."""
    try:
        subject = look()
        if form.validate():
            with current_session().begin_nested():
                return done(act())
    except LinkGone as error:
        return gone(kind, error)
    except DomainError as error:
        form.add_error(error)
    return _unreferred(page(f"identity/{kind}.html", 422, form=form, subject=subject))


def gone(kind: str, error: LinkGone) -> Response:
    """Return the page for a link that does not work: the same for used, old and unknown ones."""
    return _unreferred(page("identity/gone.html", error.status, kind=kind, message=error.message))


def _unreferred(response: Response) -> Response:
    """Let the address of this page, which holds a secret, go nowhere."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
