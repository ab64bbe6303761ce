"""The Jobs page: what waits, runs, is parked or done; and the workers that do it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from app.access.permissions import Permission
from app.admin.audit.history import history_page
from app.admin.jobs import labels, queries
from app.admin.jobs.facts import shown_facts, steps_of
from app.outbox import services
from app.outbox.lifecycle import TRANSITIONS, JobAction, JobState
from app.outbox.models import Job
from app.outbox.outcomes import job_name, outcome_of, topic_label
from app.outbox.queries import JobFilter, find_job, list_jobs, list_workers
from app.outbox.registry import jobs_of
from app.web.addresses import address
from app.web.application import application
from app.web.formatting import number
from app.web.page_blueprint import PageBlueprint
from app.web.redirects import see_other
from app.web.request import current_actor, current_session
from app.web.templating import page

pages = PageBlueprint("jobs", __name__, url_prefix="/admin/jobs")


@pages.get("/", access=Permission.JOBS_READ)
def index() -> Response:
    """List jobs, newest first, with the filter of the address."""
    session, actor, kept = current_session(), current_actor(), _kept()
    wanted = _wanted(kept)
    found = list_jobs(session, actor, wanted, cursor=request.args.get("after"))
    counts = queries.count_jobs(session, actor)
    return page(
        "admin/jobs/index.html",
        jobs=found.items,
        owners=queries.names_of_owners(session, found.items),
        look_of=labels.look_of,
        job_name=job_name,
        topic_label=topic_label,
        attempts_allowed=_attempts_allowed,
        counts=counts,
        doors=_doors(counts),
        chips=_chips(kept),
        more=_topic_links(kept),
        kept=kept,
        state_word=labels.LOOKS[wanted.state].word if wanted.state else None,
        parked=counts.by_state[JobState.PARKED],
        workers=list_workers(session, actor),
        first_href=None if found.is_first else address(".index", kept),
        next_href=(address(".index", kept, after=found.next_cursor) if found.next_cursor else None),
    )


@pages.get("/<uuid:job_id>", access=Permission.JOBS_READ)
def show(job_id: uuid.UUID) -> Response:
    """Show one job: what it is for, how far it is, what went wrong, what came of it."""
    session, actor = current_session(), current_actor()
    job = find_job(session, actor, job_id)
    return page(
        "admin/jobs/show.html",
        job=job,
        name=job_name(job),
        topic=topic_label(job.topic),
        look=labels.look_of(job),
        hint=labels.STATE_HINTS[job.state],
        owner=queries.names_of_owners(session, [job]).get(job.owner_id) if job.owner_id else None,
        attempts_allowed=_attempts_allowed(job),
        payload=shown_facts(job.payload),
        result=shown_facts(job.result or {}),
        outcome=outcome_of(job),
        steps=steps_of(job),
        may_retry=TRANSITIONS.allows(job.state, JobAction.RETRY),
        may_cancel=TRANSITIONS.allows(job.state, JobAction.CANCEL) and not job.cancel_requested,
        history=history_page(session, "job", job.id),
    )


@pages.post("/<uuid:job_id>/retry", access=Permission.JOBS_MANAGE)
def retry(job_id: uuid.UUID) -> AnyResponse:
    """Make a job ready now, with all its attempts."""
    job = services.retry_job(current_session(), current_actor(), job_id)
    flash(_("%(name)s is tried again as soon as a worker is free.", name=job_name(job)), "ok")
    return see_other(url_for(".show", job_id=job_id))


@pages.get("/retry-parked", access=Permission.JOBS_MANAGE)
def retry_parked() -> Response:
    """Ask once before all parked jobs are tried again."""
    topic = _known_topic(request.args.get("topic"))
    return page(
        "admin/jobs/retry_parked.html",
        count=queries.count_parked(current_session(), topic),
        topic=topic,
        topic_word=topic_label(topic) if topic else None,
    )


@pages.post("/retry-parked", access=Permission.JOBS_MANAGE, endpoint="retry_all_parked")
def retry_all_parked() -> AnyResponse:
    """Make all parked jobs, of one kind or of all, ready now."""
    topic = _known_topic(request.form.get("topic"))
    count = services.retry_all_parked(current_session(), current_actor(), topic=topic)
    if count:
        words = ngettext(
            "%(number)s parked job is tried again.",
            "%(number)s parked jobs are tried again.",
            count,
            number=number(count),
        )
        flash(words, "ok")
    else:
        flash(_("No job was parked any more."))
    return see_other(url_for(".index", topic=topic))


@pages.get("/<uuid:job_id>/cancel", access=Permission.JOBS_MANAGE)
def cancel(job_id: uuid.UUID) -> Response:
    """Ask once before a job is stopped for good."""
    job = find_job(current_session(), current_actor(), job_id)
    return page("admin/jobs/cancel.html", job=job, name=job_name(job), topic=topic_label(job.topic))


@pages.post("/<uuid:job_id>/cancel", access=Permission.JOBS_MANAGE, endpoint="cancel_job")
def cancel_job(job_id: uuid.UUID) -> AnyResponse:
    """Stop a job for good."""
    job = services.cancel_job(current_session(), current_actor(), job_id)
    if job.state is JobState.CANCELLED:
        flash(_("%(name)s is cancelled.", name=job_name(job)), "ok")
    else:
        flash(_("%(name)s is asked to stop; it ends at its next step.", name=job_name(job)))
    return see_other(url_for(".show", job_id=job_id))


def _kept() -> dict[str, str | None]:
    """Return the filters of the address that make sense."""
    state, topic = request.args.get("state", ""), _known_topic(request.args.get("topic"))
    kept: dict[str, str | None] = {}
    if state in {one.value for one in JobState}:
        kept["state"] = state
    if topic:
        kept["topic"] = topic
    return kept


def _known_topic(text: str | None) -> str | None:
    return text if text in jobs_of(application()).topics else None


def _wanted(kept: dict[str, str | None]) -> JobFilter:
    state = kept.get("state")
    return JobFilter(state=JobState(state) if state else None, topic=kept.get("topic"))


def _attempts_allowed(job: Job) -> int | None:
    topic = jobs_of(application()).find(job.topic)
    return topic.retry.max_attempts if topic else None


def _doors(counts: queries.JobCounts) -> list[dict[str, Any]]:
    return [
        {
            "value": _counted(counts.by_state[state]),
            "label": look.word,
            "href": url_for(".index", state=state.value),
        }
        for state, look in labels.LOOKS.items()
    ]


def _counted(count: int) -> str:
    if count > queries.COUNTED:
        return str(_("over %(number)s", number=number(queries.COUNTED)))
    return number(count)


def _chips(kept: dict[str, str | None]) -> list[dict[str, Any]]:
    """Return the filters at work; states are chosen by the doors above."""
    words = {
        "state": lambda value: labels.LOOKS[JobState(value)].word,
        "topic": topic_label,
    }
    return [
        {
            "label": words[name](value),
            "href": address(".index", kept, **{name: None}),
            "active": True,
        }
        for name, value in kept.items()
        if value
    ]


def _topic_links(kept: dict[str, str | None]) -> list[tuple[str, str]]:
    links = [
        (topic_label(topic), address(".index", kept, topic=topic))
        for topic in jobs_of(application()).topics
        if topic != kept.get("topic")
    ]
    return sorted(links)
