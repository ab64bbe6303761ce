"""What the running of the portal leaves waiting for a person on My work; one statement each."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.permissions import Permission
from app.admin.audit.jobs import VERIFY_TOPIC
from app.admin.jobs.queries import parked_jobs
from app.admin.people.queries import roles_that_end
from app.files.lifecycle import ScanState
from app.files.models import StoredFile
from app.identity.setup import setup_of
from app.mail.lifecycle import MailState
from app.mail.models import MailMessage
from app.outbox.queries import last_finished
from app.web.formatting import number
from app.web.labels import ROLE_LABELS
from app.web.work import WorkItem, WorkSources

ENDING = dt.timedelta(days=14)
"""A role that ends within this time is worth a look."""

_MAILS_TO_SEE = {
    MailState.FAILED: ("stop", "envelope"),
    MailState.NOT_SENT: ("wait", "envelope"),
}


def register(sources: WorkSources) -> None:
    """Add all sources of the platform."""
    for source in (broken_chain, parked, unsent_mails, held_files, ending_roles):
        sources.add(source)


def broken_chain(session: Session, actor: Actor) -> list[WorkItem]:
    """Return the broken audit trail, for who reads it."""
    if not actor.may(Permission.AUDIT_READ):
        return []
    check = last_finished(session, VERIFY_TOPIC)
    if check is None or not check.result or check.result.get("holds"):
        return []
    return [
        WorkItem(
            icon="exclamation-octagon",
            title=_("Look into the broken audit trail"),
            detail=str(check.result.get("reason", "")),
            href=url_for("audit.index"),
            button=_("Look into it"),
            date=check.finished_at,
            tone="stop",
        )
    ]


def parked(session: Session, actor: Actor) -> list[WorkItem]:
    """Return the parked jobs as one thing, for who may try them again."""
    if not actor.may(Permission.JOBS_MANAGE):
        return []
    count, since = parked_jobs(session)
    if not count:
        return []
    return [
        WorkItem(
            icon="list-task",
            title=_("Decide on parked jobs"),
            detail=ngettext(
                "%(number)s job came to nothing in every attempt",
                "%(number)s jobs came to nothing in every attempt",
                count,
                number=number(count),
            ),
            href=url_for("jobs.index", state="parked"),
            button=_("Decide on jobs"),
            date=since,
            tone="stop",
        )
    ]


def unsent_mails(session: Session, actor: Actor) -> list[WorkItem]:
    """Return the mails that did not get out, one thing for each reason, for who manages mail."""
    if not actor.may(Permission.MAIL_MANAGE):
        return []
    found = session.execute(
        sa.select(MailMessage.state, sa.func.count(), sa.func.min(MailMessage.queued_at))
        .where(MailMessage.state.in_(_MAILS_TO_SEE))
        .group_by(MailMessage.state)
        .order_by(MailMessage.state)
    )
    items = []
    for state, count, since in found:
        tone, icon = _MAILS_TO_SEE[state]
        is_failed = state is MailState.FAILED
        many = {"number": number(count)}
        if is_failed:
            words = ngettext(
                "%(number)s mail was refused or did not get out",
                "%(number)s mails were refused or did not get out",
                count,
                **many,
            )
        else:
            words = ngettext(
                "%(number)s mail lies in the data folder: no mail server is set up",
                "%(number)s mails lie in the data folder: no mail server is set up",
                count,
                **many,
            )
        items.append(
            WorkItem(
                icon=icon,
                title=_("See to failed mails") if is_failed else _("Hand over unsent mails"),
                detail=words,
                href=url_for("mail_admin.index", state=state.value),
                button=_("See to mails") if is_failed else _("Hand over mails"),
                date=since,
                tone=tone,
            )
        )
    return items


def held_files(session: Session, actor: Actor) -> list[WorkItem]:
    """Return the files that are held back as one thing, for who manages files."""
    if not actor.may(Permission.FILES_MANAGE):
        return []
    count, since = session.execute(
        sa.select(sa.func.count(), sa.func.min(StoredFile.scanned_at)).where(
            StoredFile.scan_state == ScanState.QUARANTINED, StoredFile.deleted_at.is_(None)
        )
    ).one()
    if not count:
        return []
    return [
        WorkItem(
            icon="file-earmark-lock",
            title=_("Decide on held files"),
            detail=ngettext(
                "%(number)s file is held back from everybody",
                "%(number)s files are held back from everybody",
                count,
                number=number(count),
            ),
            href=url_for("files.index", state=ScanState.QUARANTINED.value),
            button=_("Decide on files"),
            date=since,
            tone="wait",
        )
    ]


def ending_roles(session: Session, actor: Actor) -> list[WorkItem]:
    """Return the roles that end soon, the first ones by name, for who manages people."""
    if not actor.may(Permission.PEOPLE_MANAGE):
        return []
    today = setup_of(session).today()
    return [
        WorkItem(
            icon="person-gear",
            title=_("Extend a role, or let it end"),
            detail=_("%(name)s · %(role)s", name=ending.name, role=ROLE_LABELS[ending.role]),
            href=url_for("person.access", account_id=ending.account_id),
            button=_("Extend or let end"),
            date=ending.ends_on,
        )
        for ending in roles_that_end(session, actor, today, today + ENDING)
    ]
