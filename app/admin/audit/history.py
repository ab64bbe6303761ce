"""The History tab of any object: what happened to it, newest first, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for
from sqlalchemy.orm import Session

from app.admin.audit.entries import Entry, shown_entry
from app.audit.queries import history_of

_CURSOR = "older"


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Entries for the macro `history`; `next_href` leads to older ones, None at the end."""

    entries: list[Entry]
    next_href: str | None


def history_page(session: Session, subject_type: str, subject_id: object) -> HistoryPage:
    """Return the part of an object's history that the address asks for, in one statement.

    The caller has found the object for its actor. The next page is this same page with a
    cursor, so any view can show it.
    """
    found = history_of(session, subject_type, subject_id, cursor=request.args.get(_CURSOR))
    next_href = None
    if found.next_cursor is not None:
        kept = {**request.args.to_dict(), **(request.view_args or {}), _CURSOR: found.next_cursor}
        next_href = url_for(request.endpoint or "", **kept)
    return HistoryPage([shown_entry(event) for event in found.items], next_href)
