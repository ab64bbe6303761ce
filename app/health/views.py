"""Pages for machines: alive, ready, figures. None of them shows anything about people or data."""

from __future__ import annotations

import hmac

from flask import Response, abort, jsonify, request
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from app.access.permissions import PUBLIC
from app.health.metrics import registry_for
from app.health.readiness import Readiness, is_ready
from app.web.application import Application, application
from app.web.page_blueprint import PageBlueprint

pages = PageBlueprint("health", __name__)

EXTENSION = "assay.readiness"


def readiness_of(app: Application) -> Readiness:
    """Return who looks at the parts of this process."""
    readiness: Readiness = app.extensions[EXTENSION]
    return readiness


@pages.get("/health/live", access=PUBLIC)
def live() -> Response:
    """Say that the process answers; looks at nothing else."""
    return Response("alive\n", mimetype="text/plain")


@pages.get("/health/ready", access=PUBLIC)
def ready() -> Response:
    """Say whether pages can be answered, and how each part is; 503 when they cannot."""
    parts = readiness_of(application()).look()
    is_good = is_ready(parts)
    response = jsonify(ready=is_good, parts=parts)
    if not is_good:
        response.status_code = 503
        response.headers["Retry-After"] = "5"
    return response


@pages.get("/metrics", access=PUBLIC)
def metrics() -> Response:
    """Show the figures to whoever has the token; without a token set there is no such page."""
    app = application()
    token = app.settings.metrics_token
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode("utf-8"), f"Bearer {token}".encode()):
        response = Response("Send the token: Authorization: Bearer …\n", mimetype="text/plain")
        response.status_code = 401
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    figures = generate_latest(registry_for(app.database))
    return Response(figures, content_type=CONTENT_TYPE_PLAIN_1_0_0)
