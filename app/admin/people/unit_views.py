"""Business units: list, add, rename, archive, take into use again."""

from __future__ import annotations

import uuid

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.access.permissions import Permission
from app.admin.people.forms import UnitNameForm
from app.identity import units as services
from app.identity.models import BusinessUnit
from app.identity.queries import get_unit, list_units
from app.kernel.errors import DomainError
from app.web.page_blueprint import PageBlueprint
from app.web.redirects import see_other
from app.web.request import current_actor, current_session
from app.web.templating import page

pages = PageBlueprint("units", __name__, url_prefix="/admin/units")


@pages.get("/", access=Permission.PEOPLE_READ)
def index() -> Response:
    """List the units in use, or the archived ones."""
    actor = current_actor()
    every = list_units(current_session(), actor, with_archived=True)
    show_archived = request.args.get("archived") == "yes"
    return page(
        "admin/people/units_index.html",
        units=[unit for unit in every if (unit.archived_at is not None) == show_archived],
        in_use=sum(unit.archived_at is None for unit in every),
        archived=sum(unit.archived_at is not None for unit in every),
        show_archived=show_archived,
        may_add=actor.may(Permission.BUSINESS_UNITS_MANAGE) and actor.business_units is None,
        sees_all=actor.business_units is None,
    )


@pages.get("/new", access=Permission.BUSINESS_UNITS_MANAGE)
def new() -> Response:
    """Ask for the name of a new unit."""
    return _name_page(UnitNameForm(), None)


@pages.post("/new", access=Permission.BUSINESS_UNITS_MANAGE, endpoint="add")
def add() -> AnyResponse:
    """Make a unit."""
    session, form = current_session(), UnitNameForm()
    if not form.validate_on_submit():
        return _name_page(form, None, 422)
    try:
        with session.begin_nested():
            unit = services.create_unit(session, current_actor(), form.name.data or "")
    except DomainError as error:
        form.add_error(error)
        return _name_page(form, None, error.status)
    flash(_("%(name)s is added.", name=unit.name), "ok")
    return see_other(url_for(".index"))


@pages.get("/<uuid:unit_id>/rename", access=Permission.BUSINESS_UNITS_MANAGE)
def rename(unit_id: uuid.UUID) -> Response:
    """Ask for another name."""
    unit = get_unit(current_session(), current_actor(), unit_id)
    return _name_page(UnitNameForm(data={"name": unit.name, "version": unit.version}), unit)


@pages.post(
    "/<uuid:unit_id>/rename", access=Permission.BUSINESS_UNITS_MANAGE, endpoint="rename_unit"
)
def rename_unit(unit_id: uuid.UUID) -> AnyResponse:
    """Give a unit another name."""
    session, form = current_session(), UnitNameForm()
    unit = get_unit(session, current_actor(), unit_id)
    before = unit.name
    if not form.validate_on_submit():
        return _name_page(form, unit, 422)
    try:
        with session.begin_nested():
            services.rename_unit(
                session, current_actor(), unit, form.name.data or "", version=form.wanted_version()
            )
    except DomainError as error:
        form.add_error(error)
        return _name_page(form, unit, error.status)
    flash(_("%(before)s is now called %(name)s.", before=before, name=unit.name), "ok")
    return see_other(url_for(".index"))


@pages.get("/<uuid:unit_id>/archive", access=Permission.BUSINESS_UNITS_MANAGE)
def archive(unit_id: uuid.UUID) -> Response:
    """Ask once before a unit goes out of use."""
    unit = get_unit(current_session(), current_actor(), unit_id)
    return page("admin/people/unit_archive.html", unit=unit)


@pages.post(
    "/<uuid:unit_id>/archive", access=Permission.BUSINESS_UNITS_MANAGE, endpoint="archive_unit"
)
def archive_unit(unit_id: uuid.UUID) -> AnyResponse:
    """Take a unit out of use."""
    unit = get_unit(current_session(), current_actor(), unit_id)
    services.archive_unit(current_session(), current_actor(), unit)
    flash(_("%(name)s is archived.", name=unit.name), "ok")
    return see_other(url_for(".index"))


@pages.post("/<uuid:unit_id>/restore", access=Permission.BUSINESS_UNITS_MANAGE)
def restore(unit_id: uuid.UUID) -> AnyResponse:
    """Take an archived unit into use again."""
    unit = get_unit(current_session(), current_actor(), unit_id)
    services.restore_unit(current_session(), current_actor(), unit)
    flash(_("%(name)s is in use again.", name=unit.name), "ok")
    return see_other(url_for(".index"))


def _name_page(form: UnitNameForm, unit: BusinessUnit | None, status: int = 200) -> Response:
    return page("admin/people/unit_name.html", status, form=form, unit=unit)
