"""One person: overview, roles and units, sessions, history, and what is done to the account."""

from __future__ import annotations

import uuid

from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from app.access.permissions import Permission
from app.admin.audit.history import history_page
from app.admin.people import labels
from app.admin.people.forms import ALL_UNITS, SOME_UNITS, RolesForm, UnitsForm
from app.admin.people.person_page import (
    account_of,
    actions_of,
    other_account,
    person_page,
    shown_roles,
)
from app.identity import queries, services
from app.identity.lifecycle import AccountAction, AccountState
from app.identity.models import StaffAccount
from app.identity.second_factor import recovery_codes_left
from app.kernel.errors import Conflict, DomainError
from app.web.formatting import number
from app.web.page_blueprint import PageBlueprint
from app.web.redirects import see_other
from app.web.request import current_actor, current_session
from app.web.templating import page

pages = PageBlueprint("person", __name__, url_prefix="/admin/people/<uuid:account_id>")


@pages.get("", access=Permission.PEOPLE_READ)
def show(account_id: uuid.UUID) -> Response:
    """Show who it is, what he may do and whether he can sign in."""
    account = account_of(account_id)
    session = current_session()
    return person_page(
        "overview",
        account,
        roles=shown_roles(account.grants),
        state_hint=labels.STATE_HINTS[account.state],
        invited_until=(
            queries.open_invitation(session, account)
            if account.state is AccountState.INVITED
            else None
        ),
        codes_left=(
            recovery_codes_left(session, account.id) if account.has_second_factor else None
        ),
    )


@pages.get("/access", access=Permission.PEOPLE_READ)
def access(account_id: uuid.UUID) -> Response:
    """Show roles and business units, each with its form."""
    account = account_of(account_id)
    return person_page("access", account, roles=shown_roles(account.grants))


@pages.get("/sessions", access=Permission.PEOPLE_READ)
def sessions(account_id: uuid.UUID) -> Response:
    """Show where the person is signed in."""
    account = account_of(account_id)
    rows = queries.sessions_of(current_session(), current_actor(), account.id)
    return person_page("sessions", account, sessions=rows)


@pages.get("/history", access=Permission.PEOPLE_READ)
def history(account_id: uuid.UUID) -> Response:
    """Show what was done to the account."""
    account = account_of(account_id)
    found = history_page(current_session(), "account", account.id)
    return person_page("history", account, history=found)


@pages.get("/roles", access=Permission.PEOPLE_MANAGE, step_up=True)
def roles(account_id: uuid.UUID) -> Response:
    """Show the form of the roles."""
    account = other_account(account_id)
    form = RolesForm(grants=account.grants, data={"version": account.version})
    return _roles_page(account, form)


@pages.post("/roles", access=Permission.PEOPLE_MANAGE, step_up=True, endpoint="change_roles")
def change_roles(account_id: uuid.UUID) -> AnyResponse:
    """Give exactly the ticked roles."""
    session, account = current_session(), other_account(account_id)
    form = RolesForm()
    if not form.validate_on_submit():
        return _roles_page(account, form, 422)
    try:
        with session.begin_nested():
            services.change_roles(
                session,
                current_actor(),
                account,
                form.wanted_roles(),
                version=form.wanted_version(),
            )
    except DomainError as error:
        form.add_error(error)
        return _roles_page(account, form, error.status)
    flash(_("The roles of %(name)s are changed.", name=account.name), "ok")
    return see_other(url_for(".access", account_id=account.id))


@pages.get("/units", access=Permission.PEOPLE_MANAGE)
def units(account_id: uuid.UUID) -> Response:
    """Show the form of the business units."""
    account = other_account(account_id)
    form = UnitsForm(
        data={
            "scope": ALL_UNITS if account.sees_all_units else SOME_UNITS,
            "units": [str(unit.id) for unit in account.units],
            "version": account.version,
        }
    )
    return _units_page(account, form)


@pages.post("/units", access=Permission.PEOPLE_MANAGE, endpoint="change_units")
def change_units(account_id: uuid.UUID) -> AnyResponse:
    """Let the person see exactly the ticked units, or all."""
    session, account = current_session(), other_account(account_id)
    form = UnitsForm()
    form.offer(_given_units())
    if not form.validate_on_submit():
        return _units_page(account, form, 422)
    try:
        with session.begin_nested():
            services.change_units(
                session,
                current_actor(),
                account,
                unit_ids=form.wanted_units(),
                sees_all_units=form.sees_all(),
                version=form.wanted_version(),
            )
    except DomainError as error:
        form.add_error(error)
        return _units_page(account, form, error.status)
    flash(_("What %(name)s sees is changed.", name=account.name), "ok")
    return see_other(url_for(".access", account_id=account.id))


@pages.post("/invite-again", access=Permission.PEOPLE_MANAGE)
def invite_again(account_id: uuid.UUID) -> AnyResponse:
    """Send a fresh link."""
    account = other_account(account_id)
    services.resend_invitation(current_session(), current_actor(), account)
    flash(
        _("A new invitation goes to %(email)s. Older links work no more.", email=account.email),
        "ok",
    )
    return see_other(url_for(".show", account_id=account.id))


@pages.get("/disable", access=Permission.PEOPLE_MANAGE, step_up=True)
def disable(account_id: uuid.UUID) -> Response:
    """Ask once before an account is closed."""
    account = other_account(account_id)
    _expect(account, AccountAction.DISABLE)
    open_sessions = queries.sessions_of(current_session(), current_actor(), account.id)
    return page("admin/people/disable.html", account=account, open_sessions=len(open_sessions))


@pages.post("/disable", access=Permission.PEOPLE_MANAGE, step_up=True, endpoint="disable_account")
def disableaccount_of(account_id: uuid.UUID) -> AnyResponse:
    """Close the account."""
    account = other_account(account_id)
    services.disable(current_session(), current_actor(), account)
    flash(_("%(name)s can sign in no more.", name=account.name), "ok")
    return see_other(url_for(".show", account_id=account.id))


@pages.get("/enable", access=Permission.PEOPLE_MANAGE)
def enable(account_id: uuid.UUID) -> Response:
    """Ask once before an account is opened again."""
    account = other_account(account_id)
    _expect(account, AccountAction.ENABLE)
    return page("admin/people/enable.html", account=account, roles=shown_roles(account.grants))


@pages.post("/enable", access=Permission.PEOPLE_MANAGE, endpoint="enable_account")
def enableaccount_of(account_id: uuid.UUID) -> AnyResponse:
    """Open the account again."""
    account = other_account(account_id)
    services.enable(current_session(), current_actor(), account)
    flash(_("%(name)s can sign in again.", name=account.name), "ok")
    return see_other(url_for(".show", account_id=account.id))


@pages.get("/second-factor", access=Permission.PEOPLE_MANAGE, step_up=True)
def second_factor(account_id: uuid.UUID) -> Response:
    """Ask once before the second factor is taken off."""
    account = other_account(account_id)
    if not account.has_second_factor:
        raise Conflict(_("This person has no second factor set up."))
    return page("admin/people/second_factor.html", account=account)


@pages.post(
    "/second-factor",
    access=Permission.PEOPLE_MANAGE,
    step_up=True,
    endpoint="reset_second_factor",
)
def reset_second_factor(account_id: uuid.UUID) -> AnyResponse:
    """Take the second factor off, for a person who lost it."""
    account = other_account(account_id)
    services.reset_second_factor(current_session(), current_actor(), account)
    flash(
        _("The second factor of %(name)s is taken off, and a mail says so.", name=account.name),
        "ok",
    )
    return see_other(url_for(".show", account_id=account.id))


@pages.post("/sessions/end", access=Permission.PEOPLE_MANAGE)
def end_sessions(account_id: uuid.UUID) -> AnyResponse:
    """End all sessions of the person."""
    account = other_account(account_id)
    count = services.end_sessions(current_session(), current_actor(), account)
    words = ngettext(
        "%(number)s session of %(name)s is ended.",
        "%(number)s sessions of %(name)s are ended.",
        count,
        number=number(count),
        name=account.name,
    )
    flash(words, "ok")
    return see_other(url_for(".sessions", account_id=account.id))


@pages.post("/sessions/<uuid:session_id>/end", access=Permission.PEOPLE_MANAGE)
def end_session(account_id: uuid.UUID, session_id: uuid.UUID) -> AnyResponse:
    """End one session of the person."""
    account = other_account(account_id)
    services.end_sessions(current_session(), current_actor(), account, session_id)
    flash(_("The session is ended."), "ok")
    return see_other(url_for(".sessions", account_id=account.id))


def _expect(account: StaffAccount, action: AccountAction) -> None:
    if action not in actions_of(account):
        raise Conflict(
            _("This cannot be done to the account as it stands now. Look at its page again.")
        )


def _roles_page(account: StaffAccount, form: RolesForm, status: int = 200) -> Response:
    return page("admin/people/roles.html", status, account=account, form=form)


def _given_units() -> list[queries.UnitRow]:
    """Return the units in use that the reader may give."""
    return queries.list_units(current_session(), current_actor())


def _units_page(account: StaffAccount, form: UnitsForm, status: int = 200) -> Response:
    units = _given_units()
    form.offer(units)
    return page(
        "admin/people/units.html",
        status,
        account=account,
        form=form,
        has_units=bool(units),
        sees_all=current_actor().business_units is None,
        archived=[unit.name for unit in account.units if unit.archived_at is not None],
    )
