"""Stands before every view: no rule, no entry; wrong actor, no entry; and both are recorded."""

from __future__ import annotations

import datetime as dt

import structlog
from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actor import Actor
from app.access.permissions import PUBLIC
from app.audit.recorder import record
from app.db.unit_of_work import unit_of_work
from app.kernel import clock
from app.kernel.errors import DomainError, Forbidden
from app.web.application import Application
from app.web.redirects import see_other
from app.web.transaction import READING_METHODS

log = structlog.get_logger()

SIGN_IN_ENDPOINT = "identity.sign_in"
CONFIRM_ENDPOINT = "account.confirm"


def install(app: Application) -> None:
    """Let the guard look at every request of the application."""

    def guard() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None  # no such page, or not with this method: routing answers
        rule = app.access_rules.get(request.endpoint)
        if rule is None:
            log.error("access.no_rule", endpoint=request.endpoint)
            raise Forbidden("This address is closed.")
        actor = g.actor = app.actor_loader(request)
        if not actor.may(rule):
            if not actor.is_signed_in:
                return _to_sign_in()
            note_refusal(app, actor, request.endpoint)
            raise Forbidden(
                "You do not have the role for this page. Ask an administrator if you think you "
                "should."
            )
        if actor.is_signed_in and rule is not PUBLIC:
            for check in app.entry_checks:
                answer = check(actor, request.endpoint)
                if answer is not None:
                    return answer
        if request.endpoint in app.step_up_endpoints and not is_fresh(app, actor):
            return _to_confirmation()
        return None

    app.before_request(guard)


def is_fresh(app: Application, actor: Actor) -> bool:
    """Return whether the person proved who they are within the step-up time."""
    limit = dt.timedelta(minutes=app.settings.step_up_minutes)
    return actor.confirmed_at is not None and clock.now() - actor.confirmed_at < limit


def note_refusal(app: Application, actor: Actor, what: str) -> None:
    """Write a refused access to the audit trail, in a transaction of its own."""
    try:
        with unit_of_work(app.database) as session:
            record(
                session,
                actor,
                "access.refused",
                subject_type="page",
                subject_id=what,
                after={"method": request.method, "path": request.path[:300]},
            )
    except DomainError:
        # The refusal itself stands whether or not the trail could take the note now.
        log.warning("access.refusal_not_recorded", endpoint=what)


def _to_sign_in() -> ResponseReturnValue:
    if request.method in READING_METHODS:
        return redirect(url_for(SIGN_IN_ENDPOINT, next=request.full_path.rstrip("?")), 303)
    return redirect(url_for(SIGN_IN_ENDPOINT, ended="1"), 303)


def _to_confirmation() -> ResponseReturnValue:
    back = request.full_path.rstrip("?")
    if request.method not in READING_METHODS:
        # A body cannot be kept over the question; the form's own page is where to go on.
        back = request.referrer or "/"
    return see_other(url_for(CONFIRM_ENDPOINT, next=back))
