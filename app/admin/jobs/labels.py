"""Words and signs for the platform's own jobs; features describe theirs where they wire them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.admin.audit.jobs import VERIFY_TOPIC as AUDIT_VERIFY
from app.files.topics import SCAN_TOPIC, SWEEP_TOPIC
from app.files.topics import VERIFY_TOPIC as FILES_VERIFY
from app.mail.jobs import FORGET
from app.mail.services import DELIVER
from app.outbox.jobs import PRUNE_TOPIC
from app.outbox.labels import STATES
from app.outbox.lifecycle import JobState
from app.outbox.models import Job
from app.outbox.outcomes import Outcome, describe_topic
from app.web.formatting import number


@dataclass(frozen=True, slots=True)
class StateLook:
    """How a state is drawn: word, icon, tone."""

    word: LazyString
    icon: str
    tone: str


LOOKS: Mapping[JobState, StateLook] = {
    JobState.READY: StateLook(STATES[JobState.READY], "clock-history", ""),
    JobState.RUNNING: StateLook(STATES[JobState.RUNNING], "hourglass-split", "doing"),
    JobState.PARKED: StateLook(STATES[JobState.PARKED], "exclamation-octagon", "stop"),
    JobState.DONE: StateLook(STATES[JobState.DONE], "check2-circle", "ok"),
    JobState.CANCELLED: StateLook(STATES[JobState.CANCELLED], "slash-circle", ""),
}
_TRIES_AGAIN = StateLook(_l("Tries again"), "arrow-return-left", "wait")
_STOPPING = StateLook(_l("Asked to stop"), "hourglass-split", "wait")

STATE_HINTS: Mapping[JobState, LazyString] = {
    JobState.READY: _l("Waits for its time, or for a worker."),
    JobState.RUNNING: _l("A worker is at it."),
    JobState.PARKED: _l("Every attempt came to nothing. Look at the reason, then try again."),
    JobState.DONE: _l("Nothing is left to do."),
    JobState.CANCELLED: _l("Somebody stopped it."),
}


def look_of(job: Job) -> StateLook:
    """Return how a job is drawn; one that stumbled or is asked to stop says so."""
    if job.state is JobState.READY and job.attempts:
        return _TRIES_AGAIN
    if job.state is JobState.RUNNING and job.cancel_requested:
        return _STOPPING
    return LOOKS[job.state]


def describe_platform_topics() -> None:
    """Give names to the jobs of mail, files, audit trail and outbox; called once at start."""
    describe_topic(DELIVER, _l("Delivery of a mail"))
    describe_topic(FORGET, _l("Removal of outdated links from mails"))
    describe_topic(SCAN_TOPIC, _l("Malware scan of a file"))
    describe_topic(SWEEP_TOPIC, _l("Clearance of leftovers in the file store"))
    describe_topic(FILES_VERIFY, _l("Check of all files"), _files_checked)
    describe_topic(AUDIT_VERIFY, _l("Check of the audit trail"), _trail_checked)
    describe_topic(PRUNE_TOPIC, _l("Removal of old jobs"))


def _files_checked(result: Mapping[str, Any]) -> Outcome:
    checked, damaged = int(result.get("checked", 0)), int(result.get("damaged", 0))
    href, link = url_for("files.index"), str(_("Look at the files"))
    if not damaged:
        words = ngettext(
            "%(number)s file is whole.",
            "All %(number)s files are whole.",
            checked,
            number=number(checked),
        )
        return Outcome(str(words), "ok", href, link)
    words = ngettext(
        "%(number)s file is not as it was uploaded.",
        "%(number)s files are not as they were uploaded.",
        damaged,
        number=number(damaged),
    )
    return Outcome(str(words), "stop", url_for("files.index", state="damaged"), link)


def _trail_checked(result: Mapping[str, Any]) -> Outcome:
    href, link = url_for("audit.index"), str(_("Look at the audit trail"))
    if not result.get("holds"):
        return Outcome(str(result.get("reason", "")), "stop", href, link)
    events = int(result.get("events", 0))
    words = ngettext(
        "The chain holds: %(number)s event.",
        "The chain holds: %(number)s events follow one from another.",
        events,
        number=number(events),
    )
    return Outcome(str(words), "ok", href, link)


def state_words(recorded: str) -> str:
    """Return a state of a job as the audit trail keeps it in words."""
    known = {state.value: str(look.word) for state, look in LOOKS.items()}
    return known.get(recorded, recorded)
