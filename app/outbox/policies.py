"""Who may see a job, and who may act on it. Pure."""

from __future__ import annotations

from app.access.actor import Actor
from app.access.permissions import Permission
from app.outbox.models import Job


def may_see(actor: Actor, job: Job) -> bool:
    """Return whether the actor may see the job: the one who asked for it, and who reads jobs."""
    return _owns(actor, job) or actor.may(Permission.JOBS_READ)


def may_cancel(actor: Actor, job: Job) -> bool:
    """Return whether the actor may stop the job: the one who asked for it, and who manages jobs."""
    return _owns(actor, job) or actor.may(Permission.JOBS_MANAGE)


def _owns(actor: Actor, job: Job) -> bool:
    return actor.id is not None and actor.id == job.owner_id
