"""Serves the assets: immutable, compressed where the browser takes it."""

from __future__ import annotations

from flask import Response, abort, request

from app.access.permissions import PUBLIC
from app.web.application import application
from app.web.page_blueprint import PageBlueprint

pages = PageBlueprint("assets", __name__)


@pages.get("/assets/<etag>/<path:name>", access=PUBLIC)
def file(etag: str, name: str) -> Response:
    """Send one asset; an address with another content's hash is a 404."""
    asset = application().assets.find(etag, name)
    if asset is None:
        abort(404)
    response = Response(asset.content, content_type=asset.media_type)
    if request.accept_encodings["gzip"] and len(asset.packed) < len(asset.content):
        response.set_data(asset.packed)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.set_etag(asset.etag + response.headers.get("Content-Encoding", ""))
    response.make_conditional(request)
    return response


@pages.get("/favicon.ico", access=PUBLIC)
def favicon() -> Response:
    """Answer browsers that ask for the old address."""
    return Response(status=308, headers={"Location": application().assets.path("img/mark.svg")})
