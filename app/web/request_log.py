"""Every request has an id: in the log, in the audit trail, on the error page, in the answer."""

from __future__ import annotations

import time

import structlog
from flask import Response, g, request

from app.audit import recorder
from app.kernel import ids
from app.web.application import Application

log = structlog.get_logger()


def install(app: Application) -> None:
    """Number the requests of the application and log each in one line."""

    def begin() -> None:
        g.request_id = str(ids.new_id())
        g.started = time.perf_counter()
        recorder.request_id.set(g.request_id)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        if request.endpoint not in ("assets.file", "health.live"):
            log.info(
                "request",
                # The rule, not the path: links carry one-time tokens in their paths.
                route=request.url_rule.rule if request.url_rule else None,
                method=request.method,
                status=response.status_code,
                milliseconds=round((time.perf_counter() - g.started) * 1000, 1),
            )
        return response

    app.before_request(begin)
    app.after_request(end)
