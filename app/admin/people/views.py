"""People: the list with its filters, its export, and the invitation of somebody new."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.access.permissions import Permission
from app.access.roles import Role
from app.admin.people import labels
from app.admin.people.forms import ALL_UNITS, InviteForm
from app.db.types import instant_text
from app.identity import services
from app.identity.lifecycle import AccountState
from app.identity.queries import (
    AccountFilter,
    AccountRow,
    AccountSort,
    UnitRow,
    count_accounts,
    list_accounts,
    list_units,
)
from app.kernel.errors import DomainError
from app.kernel.ids import parse_id
from app.web.addresses import address
from app.web.formatting import date
from app.web.labels import ROLE_LABELS
from app.web.page_blueprint import PageBlueprint
from app.web.redirects import see_other
from app.web.request import current_actor, current_session
from app.web.spreadsheets import plain_cell
from app.web.templating import page

pages = PageBlueprint("people", __name__, url_prefix="/admin/people")

EXPORT_LIMIT = 10_000
_MAX_SEARCH = 100


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The list that an address asks for; `kept` holds its parameters, those that make sense."""

    filters: AccountFilter
    sort: AccountSort
    kept: dict[str, str | None]


@pages.get("/", access=Permission.PEOPLE_READ)
def index() -> Response:
    """List people with the filter of the address."""
    session, actor, wanted = current_session(), current_actor(), _wanted()
    found = list_accounts(session, actor, wanted.filters, wanted.sort, request.args.get("after"))
    units = list_units(session, actor)
    kept = wanted.kept
    return page(
        "admin/people/index.html",
        people=found.items,
        total=count_accounts(session, actor, wanted.filters),
        looks=labels.LOOKS,
        role_labels=ROLE_LABELS,
        chips=_chips(wanted, units),
        more=_more_filters(kept, units),
        sorts=[
            (AccountSort.NAME.value, _("Name")),
            (AccountSort.EMAIL.value, _("Mail address")),
            (AccountSort.NEWEST.value, _("Newest first")),
        ],
        sort=wanted.sort.value,
        text=wanted.filters.text,
        kept_for_search=_pairs(kept, without="q"),
        kept_for_sort=_pairs(kept, without="sort"),
        is_filtered=wanted.filters != AccountFilter(),
        without_text_href=address(".index", kept, q=None),
        export_href=address(".export", kept),
        first_href=None if found.is_first else address(".index", kept),
        next_href=(address(".index", kept, after=found.next_cursor) if found.next_cursor else None),
    )


@pages.get("/export.csv", access=Permission.PEOPLE_READ)
def export() -> Response:
    """Send exactly the people of the list, all its pages, as CSV."""
    wanted = _wanted()
    found = list_accounts(
        current_session(), current_actor(), wanted.filters, wanted.sort, size=EXPORT_LIMIT
    )
    if found.next_cursor:
        raise DomainError(
            _(
                "More than %(limit)s people are listed. Narrow the list, and export in parts.",
                limit=EXPORT_LIMIT,
            )
        )
    return Response(
        _csv(found.items),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="people.csv"'},
    )


@pages.get("/invite", access=Permission.PEOPLE_MANAGE, step_up=True)
def invite() -> Response:
    """Show the form for a new person."""
    actor = current_actor()
    units = list_units(current_session(), actor)
    given: dict[str, Any] = {"language": str(get_locale())}
    if not units and actor.business_units is None:
        given["scope"] = ALL_UNITS
    return _invite_page(InviteForm(data=given), units)


@pages.post("/invite", access=Permission.PEOPLE_MANAGE, step_up=True, endpoint="send_invitation")
def send_invitation() -> AnyResponse:
    """Make an account and send its person a link."""
    session, actor = current_session(), current_actor()
    units, form = list_units(session, actor), InviteForm()
    form.offer(units)
    if not form.validate_on_submit():
        return _invite_page(form, units, 422)
    try:
        with session.begin_nested():
            account = services.invite(
                session,
                actor,
                email=form.email.data or "",
                name=form.name.data or "",
                roles=form.wanted_roles(),
                unit_ids=form.wanted_units(),
                sees_all_units=form.sees_all(),
                locale=form.language.data,
            )
    except DomainError as error:
        form.add_error(error)
        return _invite_page(form, units, error.status)
    flash(
        _("%(name)s is invited; the mail goes to %(email)s.",
          name=account.name, email=account.email),
        "ok",
    )  # fmt: skip
    return see_other(url_for("person.show", account_id=account.id))


def _invite_page(form: InviteForm, units: list[UnitRow], status: int = 200) -> Response:
    form.offer(units)
    return page(
        "admin/people/invite.html",
        status,
        form=form,
        has_units=bool(units),
        sees_all=current_actor().business_units is None,
    )


def _wanted() -> _Wanted:
    kept: dict[str, str | None] = {}
    text = request.args.get("q", "").strip()[:_MAX_SEARCH]
    state = _one_of(AccountState, request.args.get("state"))
    role = _one_of(Role, request.args.get("role"))
    sort = _one_of(AccountSort, request.args.get("sort")) or AccountSort.NAME
    unit_id = parse_id(request.args.get("unit", ""))
    factor = {"yes": True, "no": False}.get(request.args.get("factor", ""))
    for name, value in (
        ("q", text),
        ("state", state),
        ("role", role),
        ("unit", None if unit_id is None else str(unit_id)),
        ("factor", None if factor is None else request.args["factor"]),
        ("sort", None if sort is AccountSort.NAME else sort),
    ):
        if value:
            kept[name] = str(value)
    filters = AccountFilter(
        text=text, state=state, role=role, unit_id=unit_id, second_factor=factor
    )
    return _Wanted(filters, sort, kept)


def _one_of(kind: type[Any], text: str | None) -> Any:
    return kind(text) if text in {one.value for one in kind} else None


def _pairs(kept: dict[str, str | None], *, without: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in kept.items() if value and name != without]


def _chips(wanted: _Wanted, units: list[UnitRow]) -> list[dict[str, Any]]:
    """Return the states and the missing factor as chips, then what else is at work."""
    kept, filters = wanted.kept, wanted.filters

    def chip(label: Any, name: str, value: str) -> dict[str, Any]:
        active = kept.get(name) == value
        return {
            "label": label,
            "href": address(".index", kept, **{name: None if active else value}),
            "active": active,
        }

    chips = [chip(look.word, "state", state.value) for state, look in labels.LOOKS.items()]
    chips.append(chip(_("Without second factor"), "factor", "no"))
    if filters.second_factor:
        chips.append(chip(_("With second factor"), "factor", "yes"))
    if filters.role is not None:
        chips.append(chip(ROLE_LABELS[filters.role], "role", filters.role.value))
    if filters.unit_id is not None:
        names = {unit.id: unit.name for unit in units}
        label = names.get(filters.unit_id, _("Another business unit"))
        chips.append(chip(label, "unit", str(filters.unit_id)))
    return chips


def _more_filters(kept: dict[str, str | None], units: list[UnitRow]) -> list[tuple[str, str]]:
    roles = [
        (str(label), address(".index", kept, role=role.value))
        for role, label in ROLE_LABELS.items()
        if kept.get("role") != role.value
    ]
    in_units = [
        (
            str(_("Sees %(unit)s", unit=unit.name)),
            address(".index", kept, unit=str(unit.id)),
        )
        for unit in units
        if kept.get("unit") != str(unit.id)
    ]
    return [*roles, *in_units]


def _csv(people: Iterable[AccountRow]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [_("Name"), _("Mail address"), _("State"), _("Roles"), _("Business units"),
         _("Second factor"), _("Account since"), _("Last signed in")]
    )  # fmt: skip
    for person in people:
        cells = (
            person.name,
            person.email,
            str(labels.LOOKS[person.state].word),
            "; ".join(_role_text(held) for held in person.roles if not held.ended),
            str(_("all")) if person.sees_all_units else "; ".join(person.units),
            str(_("yes") if person.has_second_factor else _("no")),
            instant_text(person.created_at),
            instant_text(person.last_signed_in_at) if person.last_signed_in_at else "",
        )
        writer.writerow([plain_cell(cell) for cell in cells])
    # The mark at the front is what makes spreadsheets read UTF-8.
    return "\ufeff" + text.getvalue()


def _role_text(held: Any) -> str:
    label = str(ROLE_LABELS[held.role])
    if held.ends_on is None:
        return label
    return str(_("%(role)s until %(day)s", role=label, day=date(held.ends_on)))
