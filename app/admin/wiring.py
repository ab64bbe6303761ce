"""Puts administration into the application: pages, tabs, words, the nightly check, the bell."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l

from app.access.permissions import Permission
from app.admin import work
from app.admin.audit import jobs as audit_jobs
from app.admin.audit import labels as audit_labels
from app.admin.audit import views as audit
from app.admin.jobs import labels as job_labels
from app.admin.jobs import views as jobs
from app.admin.mail import views as mail
from app.admin.notices import views as notices
from app.admin.people import labels as people_labels
from app.admin.people import person_views, unit_views
from app.admin.people import views as people
from app.mail.services import SUBJECT_TYPE as MAIL
from app.mail.wiring import mail_of
from app.outbox.registry import jobs_of
from app.web.application import Application
from app.web.navigation import Section
from app.web.request import current_actor
from app.web.verbs import describe, describe_value


def init_app(app: Application) -> None:
    """Register the pages of administration and what belongs to them."""
    for module in (people, person_views, unit_views, audit, mail, jobs, notices):
        app.register_blueprint(module.pages)
    for section in (
        Section(_l("People"), "people.index", Permission.PEOPLE_READ, 10, owns=("person",)),
        Section(_l("Business units"), "units.index", Permission.PEOPLE_READ, 20),
        Section(_l("Audit trail"), "audit.index", Permission.AUDIT_READ, 30),
        Section(_l("Mail"), "mail_admin.index", Permission.MAIL_READ, 40),
        Section(_l("Jobs"), "jobs.index", Permission.JOBS_READ, 60),
    ):
        app.navigation.add_section(section)
    describe(verbs=audit_labels.VERBS, fields=audit_labels.FIELDS, subjects=audit_labels.SUBJECTS)
    describe_value("account", "roles", people_labels.role_words)
    describe_value("account", "state", people_labels.state_words)
    describe_value("job", "state", job_labels.state_words)
    describe_value(MAIL, "topic", mail_of(app).topics.words)
    job_labels.describe_platform_topics()
    audit_jobs.register(jobs_of(app), app.database)
    work.register(app.work)
    app.context_processor(_bell)


def _bell() -> dict[str, Any]:
    """Return what the top bar needs to show the bell; nobody else has notices."""
    if not current_actor().is_signed_in:
        return {}
    return {"notices_href": url_for("notices.index"), "notices_unread": notices.unread}
