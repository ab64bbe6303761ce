"""Coming in: sign-in, code, sign-out, new password, invitation, the first administrator."""

from __future__ import annotations

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Redirect

from app.access.permissions import PUBLIC, SIGNED_IN
from app.identity import cookie, credentials, demo, profile, proofs
from app.identity.extension import current_setup
from app.identity.forms import (
    ForgotForm,
    SecondFactorForm,
    SignInForm,
)
from app.identity.queries import own_account
from app.identity.sign_in import sign_in as try_sign_in
from app.kernel.errors import DomainError, TooMany
from app.web.application import application
from app.web.labels import ROLE_LABELS
from app.web.page_blueprint import PageBlueprint
from app.web.redirects import safe_next, see_other
from app.web.request import current_actor, current_session
from app.web.templating import page

pages = PageBlueprint("identity", __name__)


@pages.get("/sign-in", access=PUBLIC)
def sign_in() -> Response | Redirect:
    """Ask for mail address and password."""
    if current_actor().is_signed_in:
        return see_other(safe_next(request.args.get("next")))
    return _sign_in_page(SignInForm())


@pages.post("/sign-in", access=PUBLIC)
def send_sign_in() -> Response | Redirect:
    """Check mail address and password; the answer to a wrong one never says what was wrong."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form, 422)
    result = try_sign_in(
        application().database,
        current_setup(),
        email=form.email.data or "",
        password=form.password.data or "",
        client=cookie.client(),
    )
    if result.retry_after is not None:
        form.form_errors.append(
            _("Too many wrong tries.") + " " + _wait(result.retry_after) + " "
            + _("Or ask for a new password: the link is below.")
        )  # fmt: skip
        response = _sign_in_page(form, 429)
        response.headers["Retry-After"] = str(result.retry_after)
        return response
    if result.token is None:
        form.form_errors.append(
            _("Mail address and password do not fit together. Check both, or set a new password.")
        )
        return _sign_in_page(form, 422)
    _end_what_was()
    cookie.enter(result.token)
    goal = safe_next(request.args.get("next"))
    if result.needs_second_factor:
        return see_other(url_for(".second_factor", next=goal))
    return see_other(goal)


def _end_what_was() -> None:
    """End the session that this browser showed before: one browser, one session."""
    actor, secret = current_actor(), cookie.secret()
    if actor.is_signed_in:
        session = current_session()
        profile.sign_out(session, actor, own_account(session, actor))
    elif secret is not None:
        proofs.end_waiting(current_session(), secret)


def _sign_in_page(form: SignInForm, status: int = 200) -> Response:
    goal = safe_next(request.args.get("next"))
    return page(
        "identity/sign_in.html",
        status,
        form=form,
        action=url_for(".sign_in", next=goal),
        ended="ended" in request.args,
        demo=demo if application().settings.demo else None,
        role_labels=ROLE_LABELS,
    )


@pages.get("/sign-in/code", access=PUBLIC)
def second_factor() -> Response | Redirect:
    """Ask for the code of a session that waits for it."""
    secret = cookie.secret()
    if secret is None or proofs.pending_account(current_session(), secret) is None:
        return _to_first_step()
    return _code_page(SecondFactorForm())


@pages.post("/sign-in/code", access=PUBLIC)
def send_second_factor() -> Response | Redirect:
    """Check the code; the session gets a new secret and is whole."""
    form, secret = SecondFactorForm(), cookie.secret()
    if secret is None:
        return _to_first_step()
    if not form.validate():
        return _code_page(form, 422)
    try:
        token = proofs.complete_sign_in(
            application().database, current_setup(), secret, form.code.data or "", cookie.client()
        )
    except LookupError:
        return _to_first_step()
    except DomainError as error:
        form.add_error(error)
        return with_wait(_code_page(form, error.status), error)
    cookie.enter(token)
    return see_other(safe_next(request.args.get("next")))


def _code_page(form: SecondFactorForm, status: int = 200) -> Response:
    goal = safe_next(request.args.get("next"))
    return page(
        "identity/second_factor.html",
        status,
        form=form,
        action=url_for(".second_factor", next=goal),
        back_href=url_for(".leave_second_factor"),
    )


@pages.post("/sign-in/code/leave", access=PUBLIC)
def leave_second_factor() -> Redirect:
    """Go back to the first step: end the session that waits."""
    secret = cookie.secret()
    if secret is not None and not current_actor().is_signed_in:
        proofs.end_waiting(current_session(), secret)
        cookie.leave()
    return see_other(url_for(".sign_in"))


def _to_first_step() -> Redirect:
    return see_other(url_for(".sign_in", next=safe_next(request.args.get("next"))))


@pages.post("/sign-out", access=SIGNED_IN)
def sign_out() -> Redirect:
    """End the session at hand; its cookie opens nothing any more."""
    session, actor = current_session(), current_actor()
    profile.sign_out(session, actor, own_account(session, actor))
    cookie.leave()
    flash(_("You are signed out."), "success")
    return see_other(url_for(".sign_in"))


@pages.get("/forgot", access=PUBLIC)
def forgot() -> Response:
    """Ask where to send a link for a new password."""
    return page("identity/forgot.html", form=ForgotForm(), sent=False)


@pages.post("/forgot", access=PUBLIC)
def send_forgot() -> Response:
    """Send the link, if there is an account; the answer is the same if not."""
    form = ForgotForm()
    if not form.validate():
        return page("identity/forgot.html", 422, form=form, sent=False)
    try:
        credentials.request_reset(current_session(), form.email.data or "", cookie.client())
    except TooMany as error:
        form.add_error(error)
        return with_wait(page("identity/forgot.html", 429, form=form, sent=False), error)
    return page("identity/forgot.html", form=form, sent=True)


def with_wait(response: Response, error: DomainError) -> Response:
    """Return the response with the wait of a TooMany in its head."""
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _wait(seconds: int) -> str:
    minutes = max(1, -(-seconds // 60))
    text = ngettext(
        "Wait %(num)s minute, then try again.", "Wait %(num)s minutes, then try again.", minutes
    )
    return str(text)
