"""The audit trail: every change, who made it, from what to what."""

from __future__ import annotations

from flask import Response, request, url_for
from flask_babel import gettext as _

from app.access.permissions import Permission
from app.admin.audit.entries import shown_entry
from app.admin.audit.forms import EventFilterForm
from app.audit.queries import count_all, list_events
from app.outbox.queries import last_finished
from app.web.page_blueprint import PageBlueprint
from app.web.request import current_actor, current_session
from app.web.templating import page

pages = PageBlueprint("audit", __name__, url_prefix="/admin/audit")

VERIFY_TOPIC = "audit.verify"


@pages.get("/", access=Permission.AUDIT_READ)
def index() -> Response:
    """List events, newest first, with the filter of the address."""
    session = current_session()
    form = EventFilterForm(request.args)
    is_valid = form.validate()
    who = request.args.get("actor") or None
    what = request.args.get("id") or None
    found = None
    if is_valid:
        wanted = form.wanted(actor_id=who, subject_id=what)
        found = list_events(
            session, current_actor(), wanted, cursor=request.args.get("after")
        )
    kept = {name: value for name, value in request.args.items() if value and name != "after"}
    entries = [shown_entry(event) for event in found.items] if found else []
    return page(
        "admin/audit/index.html",
        status=200 if is_valid else 422,
        form=form,
        entries=entries,
        found=found,
        total=count_all(session),
        chips=_chips(kept, form, entries),
        first_href=None if found is None or found.is_first else url_for(".index", **kept),
        next_href=(
            url_for(".index", **kept, after=found.next_cursor)
            if found and found.next_cursor
            else None
        ),
        is_filtered=bool(kept),
        last_check=last_finished(session, VERIFY_TOPIC),
    )


def _chips(kept: dict[str, str], form: EventFilterForm, entries: list[object]) -> list[dict[str, object]]:
    """Return one chip per filter at work; its address is the list without it."""
    words = {
        "verb": dict(form.verb.choices).get(form.verb.data, ""),
        "subject": dict(form.subject.choices).get(form.subject.data, ""),
        "since": _("From %(day)s", day=form.since.data),
        "until": _("Until %(day)s", day=form.until.data),
        "actor": _("By one person"),
        "id": _("One thing"),
    }
    return [
        {
            "label": words[name],
            "href": url_for(".index", **{k: v for k, v in kept.items() if k != name}),
            "active": True,
        }
        for name in kept
        if name in words
    ]
