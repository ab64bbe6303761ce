"""My notices: every signed-in person sees what he asked for, how far it is and what came of it."""

from __future__ import annotations

import uuid

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.access.permissions import SIGNED_IN
from app.kernel.errors import NotFound
from app.outbox import services
from app.outbox.lifecycle import TRANSITIONS, JobAction, JobState
from app.outbox.models import Job
from app.outbox.outcomes import outcome_of
from app.outbox.queries import count_unseen, find_job, jobs_of_owner
from app.web.page_blueprint import PageBlueprint
from app.web.redirects import see_other
from app.web.request import current_actor, current_session
from app.web.templating import page

pages = PageBlueprint("notices", __name__, url_prefix="/notices")

_AT_WORK = (JobState.READY, JobState.RUNNING)


@pages.get("/", access=SIGNED_IN)
def index() -> Response:
    """Show what is at work, what is new, and what was put away before."""
    jobs = jobs_of_owner(current_session(), current_actor())
    return page(
        "admin/notices/index.html",
        at_work=[job for job in jobs if job.state in _AT_WORK],
        unseen=[job for job in jobs if job.state not in _AT_WORK and job.seen_at is None],
        earlier=[job for job in jobs if job.state not in _AT_WORK and job.seen_at is not None],
        outcome_of=outcome_of,
        may_stop=_may_stop,
    )


@pages.get("/<uuid:job_id>", access=SIGNED_IN)
def progress(job_id: uuid.UUID) -> AnyResponse:
    """Answer the script that asks how far a job is; without script, go back to the list."""
    job = _own_job(job_id)
    if request.headers.get("HX-Request") != "true":
        return see_other(url_for(".index"))
    return page("admin/notices/_job.html", job=job, outcome_of=outcome_of, may_stop=_may_stop)


@pages.post("/<uuid:job_id>/stop", access=SIGNED_IN)
def stop(job_id: uuid.UUID) -> AnyResponse:
    """Stop one's own job."""
    job = services.cancel_job(current_session(), current_actor(), _own_job(job_id).id)
    flash(_("%(name)s is stopped, or stops at its next step.", name=job.title), "ok")
    return see_other(url_for(".index"))


@pages.post("/<uuid:job_id>/put-away", access=SIGNED_IN)
def put_away(job_id: uuid.UUID) -> AnyResponse:
    """Take one notice off the list of new ones."""
    services.put_notice_away(current_session(), current_actor(), job_id)
    return see_other(url_for(".index"))


@pages.post("/put-away", access=SIGNED_IN)
def put_all_away() -> AnyResponse:
    """Take all notices of ended work off the list of new ones."""
    services.put_all_notices_away(current_session(), current_actor())
    return see_other(url_for(".index"))


def unread() -> int:
    """Return the number beside the bell, in one statement; asked by the layout."""
    session = current_session()
    # A page that shows a form again may hold changes that must not be written.
    with session.no_autoflush:
        return count_unseen(session, current_actor())


def _own_job(job_id: uuid.UUID) -> Job:
    job = find_job(current_session(), current_actor(), job_id)
    if job.owner_id != current_actor().id:
        raise NotFound(_("There is no such notice."))
    return job


def _may_stop(job: Job) -> bool:
    return TRANSITIONS.allows(job.state, JobAction.CANCEL) and not job.cancel_requested
