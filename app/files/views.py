"""The Files page: what is stored, whether it is whole, and a place to try the store."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.access.permissions import Permission
from app.files import labels, queries, services
from app.files.download import send_stored_file
from app.files.forms import HoldForm, UploadForm
from app.files.jobs import ask_for_check
from app.files.lifecycle import TRANSITIONS, ScanAction, ScanState
from app.files.models import StoredFile
from app.files.storage import FileDamaged, storage_of
from app.files.upkeep import check_file
from app.kernel.errors import DomainError
from app.outbox.lifecycle import JobState
from app.outbox.models import Job
from app.web.addresses import address
from app.web.application import application
from app.web.page_blueprint import PageBlueprint
from app.web.redirects import see_other
from app.web.request import current_actor, current_session
from app.web.templating import page

pages = PageBlueprint("files", __name__, url_prefix="/admin/files")

_DAMAGED = "damaged"


@pages.get("/", access=Permission.FILES_READ)
def index() -> Response:
    """List the files, newest first, with the filter of the address."""
    session, actor = current_session(), current_actor()
    chosen = request.args.get("state", "")
    found = queries.list_files(session, actor, _wanted(chosen), cursor=request.args.get("after"))
    counts = queries.count_by_state(session, actor)
    kept = {"state": chosen or None}
    return page(
        "files/index.html",
        files=found.items,
        state_label=labels.state_label,
        type_name=labels.type_name,
        purpose_label=labels.purpose_label,
        chips=_chips(chosen, counts),
        total=sum(count for name, count in counts.items() if name != _DAMAGED),
        damaged=counts[_DAMAGED],
        is_filtered=bool(chosen),
        is_scanned=bool(application().settings.clamd_address),
        first_href=None if found.is_first else address(".index", kept),
        next_href=(address(".index", kept, after=found.next_cursor) if found.next_cursor else None),
        check=_check_facts(queries.last_check(session)),
    )


@pages.get("/upload", access=Permission.FILES_MANAGE)
def upload() -> Response:
    """Show the form, with what is accepted."""
    return _upload_page(UploadForm())


@pages.post("/upload", access=Permission.FILES_MANAGE, endpoint="upload_file")
def upload_file() -> AnyResponse:
    """Take in one file for the storage check."""
    form = UploadForm()
    if not form.validate_on_submit():
        return _upload_page(form, 422)
    try:
        stored = services.store_upload(
            current_session(),
            current_actor(),
            storage_of(application()),
            form.file.data.stream,
            name=form.file.data.filename or "",
            purpose="storage check",
            rules=services.rules_from(application().settings),
        )
    except DomainError as error:
        form.add_error(error)
        return _upload_page(form, error.status)
    flash(_("%(name)s is stored.", name=stored.original_name), "ok")
    return see_other(url_for(".show", file_id=stored.id))


@pages.get("/<uuid:file_id>", access=Permission.FILES_READ)
def show(file_id: uuid.UUID) -> Response:
    """Show what is known of one file."""
    stored = queries.get_file(current_session(), current_actor(), file_id)
    return page(
        "files/show.html",
        file=stored,
        state=labels.state_label(stored),
        type_name=labels.type_name(stored.media_type),
        purpose=labels.purpose_label(stored.purpose),
        damage=labels.DAMAGE_WORDS[stored.damage] if stored.damage else None,
        may_hold=_allows(stored, ScanAction.HOLD),
        may_release=_allows(stored, ScanAction.RELEASE),
    )


@pages.get("/<uuid:file_id>/download", access=Permission.FILES_READ)
def download(file_id: uuid.UUID) -> AnyResponse:
    """Send the file to be saved; damage is written down before the error page is shown."""
    stored = queries.get_file(current_session(), current_actor(), file_id)
    app = application()
    try:
        return send_stored_file(stored, storage_of(app), request)
    except FileDamaged:
        check_file(app.database, storage_of(app), stored)
        raise


@pages.get("/<uuid:file_id>/hold", access=Permission.FILES_MANAGE)
def hold(file_id: uuid.UUID) -> Response:
    """Ask why a file is held back."""
    stored = queries.get_file(current_session(), current_actor(), file_id)
    return page("files/hold.html", file=stored, form=HoldForm())


@pages.post("/<uuid:file_id>/hold", access=Permission.FILES_MANAGE, endpoint="hold_file")
def hold_file(file_id: uuid.UUID) -> AnyResponse:
    """Hold a file back from everybody."""
    form = HoldForm()
    if not form.validate_on_submit():
        stored = queries.get_file(current_session(), current_actor(), file_id)
        return page("files/hold.html", 422, file=stored, form=form)
    stored = services.quarantine(
        current_session(), current_actor(), file_id, form.reason.data or ""
    )
    flash(_("%(name)s is held back.", name=stored.original_name), "ok")
    return see_other(url_for(".show", file_id=file_id))


@pages.get("/<uuid:file_id>/release", access=Permission.FILES_MANAGE)
def release(file_id: uuid.UUID) -> Response:
    """Ask once before a file that was held back is handed out again."""
    stored = queries.get_file(current_session(), current_actor(), file_id)
    return page("files/release.html", file=stored)


@pages.post("/<uuid:file_id>/release", access=Permission.FILES_MANAGE, endpoint="release_file")
def release_file(file_id: uuid.UUID) -> AnyResponse:
    """Let people have a file again."""
    stored = services.release(current_session(), current_actor(), file_id)
    flash(_("%(name)s is released.", name=stored.original_name), "ok")
    return see_other(url_for(".show", file_id=file_id))


@pages.post("/check", access=Permission.FILES_MANAGE)
def check() -> AnyResponse:
    """Have all files checked now, in the background."""
    ask_for_check(current_session(), current_actor(), title=_("Check of all files"))
    return see_other(url_for(".index"))


@pages.get("/check", access=Permission.FILES_READ, endpoint="check_progress")
def check_progress() -> AnyResponse:
    """Show how far the check is: the part that a script asks for, or the page that holds it."""
    if request.headers.get("HX-Request") != "true":
        return see_other(url_for(".index"))
    return page("files/_check.html", check=_check_facts(queries.last_check(current_session())))


def _upload_page(form: UploadForm, status: int = 200) -> Response:
    limit = services.rules_from(application().settings).limit
    return page("files/upload.html", status, form=form, limit=limit)


def _wanted(chosen: str) -> queries.FileFilter:
    if chosen == _DAMAGED:
        return queries.FileFilter(damaged=True)
    known = chosen in {state.value for state in ScanState}
    return queries.FileFilter(scan_state=ScanState(chosen) if known else None)


def _chips(chosen: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    words = {state.value: labels.SCAN_LABELS[state].word for state in ScanState}
    words[_DAMAGED] = labels.DAMAGED.word
    return [
        {
            "label": word,
            "href": url_for(".index", state=None if name == chosen else name),
            "active": name == chosen,
            "count": counts[name],
        }
        for name, word in words.items()
        if counts[name] or name == chosen
    ]


def _allows(stored: StoredFile, action: ScanAction) -> bool:
    return stored.deleted_at is None and TRANSITIONS.allows(stored.scan_state, action)


def _check_facts(job: Job | None) -> dict[str, Any] | None:
    """Return what the page says about the last check of all files; None when there was none."""
    if job is None or job.state is JobState.CANCELLED:
        return None
    return {
        "at_work": job.state in (JobState.READY, JobState.RUNNING),
        "stopped": job.state is JobState.PARKED,
        "reason": job.last_error,
        "done": job.progress_done,
        "total": job.progress_total,
        "finished_at": job.finished_at,
        "result": job.result or {},
    }
