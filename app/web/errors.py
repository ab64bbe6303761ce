"""The one translator of errors to pages (and to JSON for callers that ask for it)."""

from __future__ import annotations

import structlog
from flask import Response, g, jsonify
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from app.kernel.errors import DomainError, TooMany, Unavailable
from app.web.application import Application
from app.web.limits import limit_ends_in
from app.web.request import wants_json
from app.web.templating import render

log = structlog.get_logger()

_BARE_PAGE = (
    '<!doctype html><html lang="en"><head><title>{title}</title></head>'
    "<body><main><h1>{title}</h1><p>{message}</p></main></body></html>"
)
"""For when no template can be used; values are ours, never the caller's."""


def install(app: Application) -> None:
    """Answer every error of the application in our own look."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def words_for(status: int) -> tuple[str, str]:
    """Return the title and the sentence of an error page."""
    known = {
        400: (
            _("We could not read this request"),
            _("Go back, reload the page and send it again."),
        ),
        403: (
            _("This is not open to you"),
            _("Ask an administrator if you think that you should see it."),
        ),
        404: (
            _("There is no such page"),
            _("The address may be mistyped, or what it showed is not there for you."),
        ),
        405: (_("This cannot be done here"), _("Go back and use the buttons of the page.")),
        409: (
            _("Somebody else was first"),
            _("Reload the page, look at the change and try again. Nothing was overwritten."),
        ),
        410: (_("This link is used up"), _("Ask for a new one on the page that sent it.")),
        413: (
            _("This is too large"),
            _("Send a smaller file, or split it into parts."),
        ),
        422: (_("Something needs a change"), _("Go back and correct what is marked.")),
        429: (
            _("Too many tries"),
            _("Wait a moment, then try again. Nothing is lost."),
        ),
        500: (
            _("Something went wrong on our side"),
            _("What you had saved before is safe. Try again; if it stays, tell an administrator "
              "the reference below."),
        ),
        503: (
            _("The portal is busy"),
            _("Try again in a few seconds. What you had saved before is safe."),
        ),
    }  # fmt: skip
    return known.get(status, known[500] if status >= 500 else known[400])


def _answer(
    status: int,
    *,
    message: str | None = None,
    code: str | None = None,
    retry_after: int | None = None,
) -> Response:
    title, sentence = words_for(status)
    reference = str(g.get("request_id", ""))
    if wants_json():
        response = jsonify(
            code=code or str(status), message=message or sentence, reference=reference
        )
        response.status_code = status
    else:
        try:
            page = render(
                "errors/error.html",
                status_code=status,
                title=title,
                message=message or sentence,
                reference=reference if status >= 500 else None,
            )
        except Exception:
            log.exception("error_page.failed", status=status)
            page = _BARE_PAGE.format(
                title="Something went wrong", message=f"Go back and try again. {reference}"
            )
        response = Response(page, status=status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _domain_error(error: DomainError) -> Response:
    if error.status >= 500:
        log.warning("request.unavailable", code=error.code, cause=repr(error.__cause__)[:300])
    else:
        log.info("request.refused", code=error.code, status=error.status)
    retry_after = (
        error.retry_after
        if isinstance(error, TooMany)
        else 5
        if isinstance(error, Unavailable)
        else None
    )
    return _answer(error.status, message=error.message, code=error.code, retry_after=retry_after)


def _csrf_error(error: CSRFError) -> Response:
    log.warning("request.csrf_refused", reason=error.description)
    return _answer(
        400,
        message=_(
            "This page was open too long, or the request came from another site. Go back, "
            "reload the page and send it again."
        ),
        code="csrf",
    )


def _http_error(error: HTTPException) -> Response | HTTPException:
    if isinstance(error, SecurityError):
        # The name in the request is not ours, so there is nothing that we could link to.
        log.warning("request.host_refused")
        message = "This portal does not answer under that name. Use the address you were given."
        return Response(_BARE_PAGE.format(title="Wrong address", message=message), status=400)
    status = error.code or 500
    if status < 400 or error.response is not None:
        return error
    log.info("request.http_error", status=status)
    response = _answer(status, retry_after=limit_ends_in() if status == 429 else None)
    allowed = error.get_response().headers.get("Allow")
    if allowed:
        response.headers["Allow"] = allowed
    return response


def _unexpected(error: Exception) -> Response:
    log.exception("request.failed", kind=type(error).__name__)
    return _answer(500)
