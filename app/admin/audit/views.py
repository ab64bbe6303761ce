"""The audit trail: every change, who made it, from what to what."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from app.access.permissions import Permission
from app.admin.audit.entries import Entry, shown_entry
from app.admin.audit.forms import EventFilterForm
from app.admin.audit.jobs import VERIFY_TOPIC, ask_for_check
from app.audit.queries import EventFilter, count_all, list_events
from app.db.types import instant_text
from app.kernel.errors import DomainError
from app.outbox.queries import last_finished
from app.web.addresses import address
from app.web.formatting import date
from app.web.page_blueprint import PageBlueprint
from app.web.redirects import see_other
from app.web.request import current_actor, current_session
from app.web.spreadsheets import plain_cell
from app.web.templating import page
from app.web.verbs import subject_label, verb_label

pages = PageBlueprint("audit", __name__, url_prefix="/admin/audit")

EXPORT_LIMIT = 20_000
_CHIP_FIELDS = ("verb", "subject", "since", "until", "actor", "id")


@pages.get("/", access=Permission.AUDIT_READ)
def index() -> Response:
    """List events, newest first, with the filter of the address."""
    session, form = current_session(), EventFilterForm(request.args)
    is_valid = form.validate()
    found = None
    if is_valid:
        found = list_events(
            session, current_actor(), _wanted(form), cursor=request.args.get("after")
        )
    kept = {name: request.args[name] for name in _CHIP_FIELDS if request.args.get(name)}
    return page(
        "admin/audit/index.html",
        status=200 if is_valid else 422,
        form=form,
        entries=[shown_entry(event) for event in found.items] if found else [],
        total=count_all(session),
        chips=_chips(kept, form),
        kept_hidden=[(name, kept[name]) for name in ("actor", "id") if name in kept],
        export_href=address(".export", kept),
        first_href=None if found is None or found.is_first else address(".index", kept),
        next_href=(
            address(".index", kept, after=found.next_cursor)
            if found and found.next_cursor
            else None
        ),
        is_filtered=bool(kept),
        last_check=last_finished(session, VERIFY_TOPIC),
    )


@pages.get("/export.csv", access=Permission.AUDIT_READ)
def export() -> Response:
    """Send the events of the filter as CSV, newest first, up to a stated number."""
    form = EventFilterForm(request.args)
    if not form.validate():
        raise DomainError(_("Correct the filter on the audit page first, then export."))
    found = list_events(current_session(), current_actor(), _wanted(form), size=EXPORT_LIMIT)
    if found.next_cursor:
        raise DomainError(
            _(
                "More than %(limit)s events match. Narrow the days or the kind, and export in "
                "parts.",
                limit=EXPORT_LIMIT,
            )
        )
    return Response(
        _csv(shown_entry(event) for event in found.items),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit-trail.csv"'},
    )


@pages.post("/check", access=Permission.JOBS_MANAGE)
def check() -> Redirect:
    """Have the chain checked now, in the background."""
    ask_for_check(current_session(), current_actor(), title=_("Check of the audit trail"))
    flash(_("The chain is being checked. The result comes to you as a notice."))
    return see_other(url_for(".index"))


def _wanted(form: EventFilterForm) -> EventFilter:
    return form.wanted(
        actor_id=request.args.get("actor") or None, subject_id=request.args.get("id") or None
    )


def _chips(kept: dict[str, str], form: EventFilterForm) -> list[dict[str, Any]]:
    """Return one chip per filter at work; its address is the list without it."""
    words = {
        "verb": verb_label(form.verb.data or ""),
        "subject": subject_label(form.subject.data or ""),
        "since": _("From %(day)s", day=_day(form.since.data)),
        "until": _("Until %(day)s", day=_day(form.until.data)),
        "actor": _("By one person"),
        "id": _("To one thing"),
    }
    return [
        {
            "label": words[name],
            "href": address(".index", kept, **{name: None}),
            "active": True,
        }
        for name in kept
        if name not in form.errors
    ]


def _day(value: dt.date | None) -> str:
    return "" if value is None else date(value)


def _csv(entries: Iterable[Entry]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [_("No."), _("When"), _("Who"), _("What"), _("Kind"), _("Name"), _("Field"), _("Before"),
         _("After"), _("Request"), _("Hash")]
    )  # fmt: skip
    for entry in entries:
        for field, before, after in entry.changes or [("", None, None)]:
            writer.writerow(
                [
                    entry.sequence,
                    instant_text(entry.at),
                    *map(
                        plain_cell,
                        (entry.actor_name, entry.verb_label, entry.subject, entry.subject_name,
                         field, before or "", after or "", entry.request_id or ""),
                    ),
                    entry.hash,
                ]
            )  # fmt: skip
    # The mark at the front is what makes spreadsheets read UTF-8.
    return "\ufeff" + text.getvalue()
