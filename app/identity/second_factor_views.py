"""The second factor of the own account: square code, first code, recovery codes, turning off."""

from __future__ import annotations

import segno
from flask import Response, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from app.access.permissions import SIGNED_IN
from app.identity import cookie, factors, second_factor
from app.identity.account_views import pages
from app.identity.extension import current_setup
from app.identity.forms import CodeForm
from app.identity.models import StaffAccount
from app.identity.queries import own_account
from app.identity.setup import PRODUCT
from app.kernel.errors import Conflict, DomainError
from app.web.redirects import see_other
from app.web.request import current_actor, current_session
from app.web.templating import page

__all__ = ["pages"]
"""The blueprint of the account, made whole by the routes of this module."""


@pages.get("/second-factor", access=SIGNED_IN, step_up=True, endpoint="second_factor")
def show() -> Response:
    """Show where the second factor stands: off, waiting for its first code, or on."""
    return _page(own_account(current_session(), current_actor()), CodeForm())


@pages.post("/second-factor/start", access=SIGNED_IN, step_up=True, endpoint="start_second_factor")
def start() -> Redirect:
    """Make a seed and show its square code."""
    session, actor = current_session(), current_actor()
    second_factor.start(session, actor, own_account(session, actor))
    return see_other(url_for(".second_factor"))


@pages.post("/second-factor", access=SIGNED_IN, step_up=True, endpoint="turn_on_second_factor")
def turn_on() -> Response:
    """Take the first code; show the recovery codes, this once."""
    form = CodeForm()
    is_valid = form.validate()
    codes = second_factor.prepare_codes(current_setup().passwords) if is_valid else []
    session, actor = current_session(), current_actor()
    account = own_account(session, actor)
    is_waiting = second_factor.opened_seed(session, account) and not account.has_second_factor
    if is_waiting and not is_valid:
        return _page(account, form, 422)
    try:
        with session.begin_nested():
            token = second_factor.turn_on(session, actor, account, form.code.data or "", codes)
    except Conflict:
        raise  # nothing was started, so the page has no field to say it beside
    except DomainError as error:
        form.add_error(error)
        return _page(account, form, error.status)
    cookie.renew(token)
    return _codes_page(account, codes, is_new=True)


@pages.post("/second-factor/off", access=SIGNED_IN, step_up=True, endpoint="turn_off_second_factor")
def turn_off() -> Redirect:
    """Turn the second factor off."""
    session, actor = current_session(), current_actor()
    second_factor.turn_off(session, actor, own_account(session, actor))
    flash(_("The second factor is off. Your password alone lets you in now."), "warning")
    return see_other(url_for(".overview"))


@pages.get("/recovery-codes", access=SIGNED_IN, step_up=True)
def recovery_codes() -> Response:
    """Say how many recovery codes are left, and offer new ones."""
    session = current_session()
    account = own_account(session, current_actor())
    left = second_factor.recovery_codes_left(session, account.id)
    return page(
        "account/recovery_codes.html", account=account, left=left, total=factors.RECOVERY_CODES
    )


@pages.post("/recovery-codes", access=SIGNED_IN, step_up=True)
def replace_recovery_codes() -> Response:
    """Make new recovery codes and show them, this once."""
    codes = second_factor.prepare_codes(current_setup().passwords)
    session, actor = current_session(), current_actor()
    account = own_account(session, actor)
    second_factor.replace_recovery_codes(session, actor, account, codes)
    return _codes_page(account, codes, is_new=False)


def _page(account: StaffAccount, form: CodeForm, status: int = 200) -> Response:
    session, setup = current_session(), current_setup()
    seed = None if account.has_second_factor else second_factor.opened_seed(session, account)
    square = ""
    if seed is not None:
        issuer = f"{PRODUCT} {setup.organisation}"
        address = factors.provisioning_uri(seed, email=account.email, issuer=issuer)
        square = segno.make(address, error="m").png_data_uri(scale=5, border=4)
    return page(
        "account/second_factor.html",
        status,
        form=form,
        account=account,
        seed=seed,
        square=square,
        codes_left=second_factor.recovery_codes_left(session, account.id),
        must_have=setup.require_totp,
    )


def _codes_page(
    account: StaffAccount, codes: list[second_factor.PreparedCode], *, is_new: bool
) -> Response:
    """Show recovery codes. They are nowhere else: the file to save is part of the page."""
    shown = [code.shown for code in codes]
    text = "\n".join([_("Recovery codes for %(email)s", email=account.email), "", *shown, ""])
    return page(
        "account/recovery_codes_once.html", codes=shown, text=text, is_new=is_new, account=account
    )
