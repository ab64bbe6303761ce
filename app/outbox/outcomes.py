"""What jobs are called and what came of them, in words; packages describe their own topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString

from app.outbox.lifecycle import JobState
from app.outbox.models import Job


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a job in one sentence, and the page that shows more.

    `tone` is 'ok', 'wait' or 'stop'; `href` and `link` (its words) may be empty.
    """

    words: str
    tone: str = "ok"
    href: str = ""
    link: str = ""


OutcomeWords = Callable[[Mapping[str, Any]], Outcome]
"""Turns the stored result of a done job into an outcome; runs within a request."""

_LABELS: dict[str, LazyString] = {}
_OUTCOMES: dict[str, OutcomeWords] = {}


def describe_topic(topic: str, label: LazyString, outcome: OutcomeWords | None = None) -> None:
    """Give a topic its name and, where a result is worth words, the way to say it."""
    _LABELS[topic] = label
    if outcome is not None:
        _OUTCOMES[topic] = outcome


def topic_label(topic: str) -> str:
    """Return the name of a topic, or the topic itself when nobody described it."""
    return str(_LABELS.get(topic, topic))


def job_name(job: Job) -> str:
    """Return the words under which its owner asked for the job, else the name of its topic."""
    return job.title or topic_label(job.topic)


def outcome_of(job: Job) -> Outcome | None:
    """Return what came of a job; None while it is open or when there is nothing to say."""
    if job.state is not JobState.DONE or not job.result or job.topic not in _OUTCOMES:
        return None
    return _OUTCOMES[job.topic](job.result)
