"""A job in plain facts: what it carries, and what happened to it when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.outbox.lifecycle import JobState
from app.outbox.models import Job
from app.web.formatting import clock_time
from app.web.verbs import field_label

_LISTED = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One moment in the life of a job; `state` is '', 'done', 'next' or 'late'."""

    date: dt.datetime
    text: str
    state: str


def shown_facts(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a JSON object as (words, text) in its order; what is nested reads as one line."""
    return [(_sentence(field_label(name)), shown_value(value)) for name, value in values.items()]


def shown_value(value: Any) -> str:
    """Return a JSON value as a person reads it."""
    if value is None or value in ("", [], {}):
        return str(_("nothing"))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {shown_value(part)}" for name, part in value.items())
    if isinstance(value, list):
        text = "; ".join(shown_value(part) for part in value[:_LISTED])
        rest = len(value) - _LISTED
        return text if rest <= 0 else text + " " + str(_("and %(number)s more", number=rest))
    return str(value)


def steps_of(job: Job) -> list[Step]:
    """Return what happened to a job and what comes next, earliest first."""
    steps = [_step(job.created_at, _("Asked for"), "done")]
    if job.started_at is not None:
        words = (
            _("Last attempt began")
            if job.attempts > 1
            else _("Attempt began")
        )  # fmt: skip
        steps.append(_step(job.started_at, words, "done"))
    if job.finished_at is not None:
        words = _("Done") if job.state is JobState.DONE else _("Cancelled")
        steps.append(_step(job.finished_at, words, "done"))
    elif job.state is JobState.READY:
        words = _("Next attempt") if job.attempts else _("May begin")
        steps.append(_step(job.available_at, words, "next"))
    elif job.state is JobState.RUNNING and job.lease_until is not None:
        words = _("Another worker takes over unless this one is heard of")
        steps.append(_step(job.lease_until, words, "next"))
    return steps


def _step(at: dt.datetime, words: str, state: str) -> Step:
    return Step(at, str(_("%(what)s at %(time)s", what=words, time=clock_time(at))), state)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
