"""The own account: overview, password, sessions, mail address, the password once more."""

from __future__ import annotations

import uuid

from flask import Response, flash, request, url_for
from flask import session as browser_session
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Redirect

from app.access.permissions import SIGNED_IN
from app.identity import cookie, credentials, profile, proofs
from app.identity.extension import current_presence, current_setup
from app.identity.forms import (
    ActForm,
    ConfirmForm,
    ConfirmWithCodeForm,
    EmailForm,
    PasswordForm,
    ProfileForm,
)
from app.identity.link_views import gone
from app.identity.links import LinkGone
from app.identity.queries import own_account, sessions_of
from app.identity.second_factor import recovery_codes_left
from app.identity.views import with_wait
from app.kernel.errors import DomainError
from app.web.application import application
from app.web.page_blueprint import PageBlueprint
from app.web.redirects import safe_next, see_other
from app.web.request import current_actor, current_session
from app.web.templating import page

pages = PageBlueprint("account", __name__, url_prefix="/account")


@pages.get("", access=SIGNED_IN)
def overview() -> Response:
    """Show who one is here, and what can be changed."""
    account = own_account(current_session(), current_actor())
    return _overview_page(
        ProfileForm(data={"name": account.name, "locale": account.locale, "theme": account.theme})
    )


@pages.post("", access=SIGNED_IN)
def send_profile() -> Response | Redirect:
    """Change name, language and theme."""
    session, actor, form = current_session(), current_actor(), ProfileForm()
    account = own_account(session, actor)
    if not form.validate():
        return _overview_page(form, 422)
    try:
        profile.change_profile(
            session,
            actor,
            account,
            name=form.name.data or "",
            locale=form.locale.data or "",
            theme=form.theme.data or "",
        )
    except DomainError as error:
        form.add_error(error)
        return _overview_page(form, error.status)
    # What was chosen here is to hold in this browser too.
    browser_session.pop("locale", None)
    browser_session.pop("theme", None)
    flash(_("Your account is saved."), "success")
    return see_other(url_for(".overview"))


def _overview_page(form: ProfileForm, status: int = 200) -> Response:
    session, actor = current_session(), current_actor()
    account = own_account(session, actor)
    return page(
        "account/overview.html",
        status,
        form=form,
        account=account,
        codes_left=recovery_codes_left(session, account.id),
        sessions_open=len(sessions_of(session, actor, account.id)),
    )


@pages.get("/password", access=SIGNED_IN)
def password() -> Response:
    """Ask for the present and a new password."""
    return page("account/password.html", form=PasswordForm())


@pages.post("/password", access=SIGNED_IN)
def send_password() -> Response | Redirect:
    """Change the password; every other session ends."""
    form, actor = PasswordForm(), current_actor()
    if not form.validate():
        return page("account/password.html", 422, form=form)
    assert actor.id is not None  # the guard let only a person in
    try:
        proofs.check_password(
            application().database,
            current_setup(),
            actor.id,
            form.present.data or "",
            field="present",
        )
        session = current_session()
        with session.begin_nested():
            token = credentials.change_password(
                session,
                actor,
                own_account(session, actor),
                form.password.data or "",
                cookie.client(),
            )
    except DomainError as error:
        form.add_error(error)
        return with_wait(page("account/password.html", error.status, form=form), error)
    cookie.renew(token)
    flash(_("Your password is changed. All your other sessions have ended."), "success")
    return see_other(url_for(".overview"))


@pages.get("/sessions", access=SIGNED_IN)
def sessions() -> Response:
    """List the open sessions."""
    session, actor = current_session(), current_actor()
    account = own_account(session, actor)
    return page("account/sessions.html", sessions=sessions_of(session, actor, account.id))


@pages.post("/sessions/<uuid:session_id>/end", access=SIGNED_IN)
def end_session(session_id: uuid.UUID) -> Redirect:
    """End one of one's own sessions; ending the one at hand signs out."""
    session, actor = current_session(), current_actor()
    profile.end_own_session(session, actor, own_account(session, actor), session_id)
    if session_id == actor.session_id:
        cookie.leave()
        flash(_("You are signed out."), "success")
        return see_other(url_for("identity.sign_in"))
    flash(_("The session has ended."), "success")
    return see_other(url_for(".sessions"))


@pages.post("/sessions/end-others", access=SIGNED_IN)
def end_other_sessions() -> Redirect:
    """End all own sessions but the one at hand."""
    session, actor = current_session(), current_actor()
    count = profile.end_other_sessions(session, actor, own_account(session, actor))
    flash(
        ngettext("%(num)s session has ended.", "%(num)s sessions have ended.", count)
        if count
        else _("There was no other session."),
        "success",
    )
    return see_other(url_for(".sessions"))


@pages.get("/confirm", access=SIGNED_IN)
def confirm() -> Response:
    """Ask for the password once more, before something sensitive."""
    return _confirm_page(_confirm_form())


@pages.post("/confirm", access=SIGNED_IN)
def send_confirm() -> Response | Redirect:
    """Check password (and code), give the session a new secret, go on to `next`."""
    form = _confirm_form()
    if not form.validate():
        return _confirm_page(form, 422)
    try:
        token = proofs.confirm(
            application().database,
            current_setup(),
            current_actor(),
            password=form.password.data or "",
            code=(form.code.data or "") if isinstance(form, ConfirmWithCodeForm) else "",
            client=cookie.client(),
        )
    except DomainError as error:
        form.add_error(error)
        return with_wait(_confirm_page(form, error.status), error)
    cookie.renew(token)
    return see_other(safe_next(request.args.get("next")))


def _confirm_form() -> ConfirmForm:
    presence = current_presence()
    with_code = presence is not None and presence.has_second_factor
    return ConfirmWithCodeForm() if with_code else ConfirmForm()


def _confirm_page(form: ConfirmForm, status: int = 200) -> Response:
    goal = safe_next(request.args.get("next"))
    return page(
        "account/confirm.html", status, form=form, action=url_for(".confirm", next=goal), goal=goal
    )


@pages.get("/email", access=SIGNED_IN, step_up=True)
def email() -> Response:
    """Ask for a new mail address."""
    account = own_account(current_session(), current_actor())
    return page("account/email.html", form=EmailForm(), account=account)


@pages.post("/email", access=SIGNED_IN, step_up=True)
def send_email() -> Response | Redirect:
    """Send a link to the new address; it takes effect when it is opened."""
    session, actor, form = current_session(), current_actor(), EmailForm()
    account = own_account(session, actor)
    if not form.validate():
        return page("account/email.html", 422, form=form, account=account)
    try:
        address = credentials.request_email_change(session, actor, account, form.email.data or "")
    except DomainError as error:
        form.add_error(error)
        return with_wait(
            page("account/email.html", error.status, form=form, account=account), error
        )
    flash(
        _(
            "If %(email)s is free, a mail with a link is on its way there. Your address changes "
            "when you open it.",
            email=address,
        ),
        "info",
    )
    return see_other(url_for(".overview"))


@pages.get("/email/<token>", access=SIGNED_IN)
def confirm_email(token: str) -> Response:
    """Show which address a link confirms; opening it changes nothing."""
    session, actor = current_session(), current_actor()
    try:
        address = credentials.new_email_of(session, own_account(session, actor), token)
    except LinkGone as error:
        return gone("email", error)
    response = page("account/confirm_email.html", form=ActForm(), address=address, token=token)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@pages.post("/email/<token>", access=SIGNED_IN)
def send_confirm_email(token: str) -> Response | Redirect:
    """Put the new address in place."""
    session, actor = current_session(), current_actor()
    try:
        credentials.confirm_email_change(session, actor, own_account(session, actor), token)
    except LinkGone as error:
        return gone("email", error)
    flash(_("Your mail address is changed. Sign in with it from now on."), "success")
    return see_other(url_for(".overview"))
