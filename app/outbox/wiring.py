"""Puts the outbox into the application: the registry that features fill, and the worker."""

from __future__ import annotations

from app.outbox import jobs, labels
from app.outbox.cli import worker_command
from app.outbox.registry import EXTENSION, JobRegistry
from app.web.application import Application
from app.web.verbs import describe


def init_app(app: Application) -> None:
    """Make the registry of jobs and register what the outbox itself needs."""
    registry = app.extensions[EXTENSION] = JobRegistry()
    jobs.register(registry, app.database)
    describe(verbs=labels.VERBS, fields=labels.FIELDS, subjects=labels.SUBJECTS)
    app.cli.add_command(worker_command)
