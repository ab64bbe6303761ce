"""One event as people read it; the History tab of every object uses it too."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask_babel import gettext as _

from app.audit.models import AuditEvent
from app.web.formatting import number
from app.web.verbs import field_label, subject_label, value_label, verb_label


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in words. `changes` are (field, before, after); None means there was nothing."""

    sequence: int
    at: dt.datetime
    actor_name: str
    actor_id: str | None
    verb_label: str
    subject: str
    subject_name: str
    changes: list[tuple[str, str | None, str | None]]
    request_id: str | None
    hash: str


def shown_entry(event: AuditEvent) -> Entry:
    """Return an event in the reader's language."""
    before, after = event.before or {}, event.after or {}
    names = [*before, *(name for name in after if name not in before)]
    return Entry(
        sequence=event.sequence,
        at=event.at,
        actor_name=event.actor_name,
        actor_id=event.actor_id,
        verb_label=verb_label(event.verb),
        subject=subject_label(event.subject_type),
        subject_name=event.subject_name,
        changes=[
            (
                field_label(name),
                _shown(event.subject_type, name, before.get(name)),
                _shown(event.subject_type, name, after.get(name)),
            )
            for name in names
            if before.get(name) != after.get(name)
        ],
        request_id=event.request_id,
        hash=event.hash,
    )


def _shown(subject_type: str, field: str, value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        parts = [value_label(subject_type, field, str(item)) for item in value]
        return ", ".join(parts) or None
    if isinstance(value, int):
        return number(value)
    return value_label(subject_type, field, str(value))
