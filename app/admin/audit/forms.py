"""The filter of the audit page. It is a GET form: the address holds the filter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the stubs
    Form,
    SelectChoice,
    SelectField,
)
from wtforms.validators import Optional

from app.audit.queries import EventFilter
from app.web.formatting import zone
from app.web.forms import DayField
from app.web.verbs import known_subjects, known_verbs, subject_label, verb_label


class EventFilterForm(Form):
    """What to show of the trail."""

    verb = SelectField(_l("What was done"), validators=[Optional()])
    subject = SelectField(_l("To what kind of thing"), validators=[Optional()])
    since = DayField(_l("From"), validators=[Optional()])
    until = DayField(_l("Until"), validators=[Optional()])

    def __init__(self, values: MultiDict[str, str]) -> None:
        """Read the values of the address; offer the verbs and kinds that this portal knows."""
        super().__init__(values)
        self.verb.choices = _choices((verb, verb_label(verb)) for verb in known_verbs())
        self.subject.choices = _choices((kind, subject_label(kind)) for kind in known_subjects())

    def wanted(self, *, actor_id: str | None, subject_id: str | None) -> EventFilter:
        """Return the filter; the days are days in the portal's zone, both included."""
        until = self.until.data + dt.timedelta(days=1) if self.until.data else None
        return EventFilter(
            actor_id=actor_id,
            verb=self.verb.data or None,
            subject_type=self.subject.data or None,
            subject_id=subject_id,
            since=_start_of(self.since.data),
            until=_start_of(until),
        )


def _start_of(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else dt.datetime.combine(day, dt.time(), tzinfo=zone())


def _choices(words: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Return what can be chosen, by the alphabet, after "Anything"."""
    listed = sorted(words, key=lambda one: one[1].casefold())
    return [SelectChoice(value, label) for value, label in (("", _("Anything")), *listed)]
