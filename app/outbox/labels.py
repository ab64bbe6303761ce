"""Words for what happens to jobs, on pages and in the audit trail."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.outbox.lifecycle import JobState

STATES = {
    JobState.READY: _l("Waiting"),
    JobState.RUNNING: _l("Running"),
    JobState.DONE: _l("Done"),
    JobState.PARKED: _l("Parked"),
    JobState.CANCELLED: _l("Cancelled"),
}
VERBS = {
    "job.retried": _l("retried"),
    "job.all_retried": _l("retried all parked"),
    "job.cancelled": _l("cancelled"),
}
FIELDS = {
    "attempts": _l("attempts"),
    "cancel_requested": _l("asked to stop"),
    "count": _l("number"),
}
SUBJECTS = {"job": _l("job")}
