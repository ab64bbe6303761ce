"""Puts the file store, its jobs, its page and its words into the application."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.access.permissions import Permission
from app.files import jobs, labels
from app.files.backends import open_storage
from app.files.cli import commands
from app.files.scan import Scanner
from app.files.storage import EXTENSION
from app.files.views import pages
from app.outbox.registry import jobs_of
from app.web.application import Application
from app.web.navigation import Section
from app.web.verbs import describe


def init_app(app: Application) -> None:
    """Open the store that the settings name, and register everything that has to do with files."""
    settings = app.settings
    storage = app.extensions[EXTENSION] = open_storage(settings)
    scanner = Scanner(settings.clamd_address) if settings.clamd_address else None
    jobs.register(jobs_of(app), app.database, storage, scanner)
    describe(verbs=labels.VERBS, fields=labels.FIELDS, subjects=labels.SUBJECTS)
    app.register_blueprint(pages)
    app.cli.add_command(commands)
    app.navigation.add_section(
        Section(label=_l("Files"), endpoint="files.index", access=Permission.FILES_READ, order=50)
    )
