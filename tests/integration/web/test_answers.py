"""Headers, cookies, forged requests and error pages: what every answer of the portal keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint
from werkzeug.exceptions import abort

from app.access.permissions import PUBLIC
from app.access.roles import Role
from app.db.unit_of_work import unit_of_work
from app.kernel.errors import Conflict, TooLarge, TooMany, Unavailable
from app.web.application import Application
from app.web.page_blueprint import PageBlueprint
from tests.support.pages import PageClient
from tests.support.people import make_account, sign_in

PATHS = ("/sign-in", "/", "/no-such-page", "/health/live", "/assets/x/none.css")


@pytest.mark.parametrize("path", PATHS)
def test_v3_4_headers_stand_on_every_answer(client: PageClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "object-src 'none'", "base-uri 'none'",
                 "frame-ancestors 'none'", "form-action 'self'"):  # fmt: skip
        assert part in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in headers["Vary"]
    assert "Server" not in headers
    assert "Access-Control-Allow-Origin" not in headers


def test_v3_3_1_cookies_behind_tls_cannot_be_planted(make_app: Callable[..., Application]) -> None:
    client = make_app(base_url="https://assess.example").test_client()
    answer = client.get("/sign-in", base_url="https://assess.example")
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert part in cookie
        assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def signed_in(app: Application, client: PageClient) -> PageClient:
    with app.app_context(), unit_of_work(app.database) as session:
        account = make_account(session, roles=[Role.ADMINISTRATOR])
    sign_in(client, account)
    return client


def token_of(client: PageClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/").get_data(as_text=True))
    assert found
    return found[1]


@pytest.mark.parametrize(
    "request_of",
    [
        {"data": {"name": "Claims"}},
        {"data": {"name": "Claims", "csrf_token": "x"}},
        {"data": '{"name": "Claims"}', "content_type": "text/plain"},
        {"data": '{"name": "Claims"}', "content_type": "application/json"},
        {"data": {"name": "Claims"}, "headers": {"X-HTTP-Method-Override": "PUT"}},
        {"data": {"name": "Claims"}, "headers": {"Sec-Fetch-Site": "cross-site"}},
    ],
)
def test_a27_writes_without_the_token_change_nothing(
    app: Application, client: PageClient, request_of: dict[str, Any]
) -> None:
    signed_in(app, client)
    answer = client.post("/admin/units/new", **request_of)
    assert answer.status_code == 400
    assert "came from another site" in answer.get_data(as_text=True)
    assert "Claims" not in client.get("/admin/units/").get_data(as_text=True)


def test_a27_a_token_counts_only_from_our_own_pages(app: Application, client: PageClient) -> None:
    signed_in(app, client)
    token = token_of(client)
    crossing = client.post(
        "/sign-out", data={"csrf_token": token}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert crossing.status_code == 400
    assert client.get("/").status_code == 200
    own = client.post(
        "/sign-out", data={"csrf_token": token}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert own.status_code == 303
    assert client.get("/").status_code == 303


def test_a27_login_is_protected_too(client: PageClient) -> None:
    answer = client.post("/sign-in", data={"email": "a@example.org", "password": "x"})
    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "FOO"])
def test_v4_1_4_other_methods_get_405_and_the_list(client: PageClient, method: str) -> None:
    answer = client.open("/sign-in", method=method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a31_nonsense_in_an_address_is_never_a_500(app: Application, client: PageClient) -> None:
    signed_in(app, client)
    food = ("'", "1 OR 1=1", "%", "_", "(a+)+$", "\x00", "\u202e", "9" * 400, "-1", "x" * 5_000)
    for path in (
        "/admin/people/",
        "/admin/audit/",
        "/admin/jobs/",
        "/admin/mail/",
        "/admin/files/",
    ):
        for name in ("after", "sort", "state", "q", "since", "actor", "topic", "role", "unit"):
            for value in food:
                answer = client.get(path, query_string={name: value})
                assert answer.status_code in (200, 303, 400, 422), (path, name, value)


ERRORS: dict[str, tuple[int, Callable[[], Any]]] = {
    "400": (400, lambda: abort(400)),
    "403": (403, lambda: abort(403)),
    "404": (404, lambda: abort(404)),
    "409": (409, lambda: _throw(Conflict("Somebody approved it before you."))),
    "413": (413, lambda: _throw(TooLarge("Send a smaller file."))),
    "422": (422, lambda: abort(422)),
    "429": (429, lambda: _throw(TooMany("Wait a minute.", retry_after=60))),
    "500": (500, lambda: _throw(RuntimeError("SELECT secret FROM /etc/passwd"))),
    "503": (503, lambda: _throw(Unavailable("The database is away."))),
}


def _throw(error: Exception) -> None:
    raise error


@pytest.fixture
def failing(make_app: Callable[..., Application]) -> PageClient:
    app = make_app()
    pages = PageBlueprint("failing", __name__)

    @pages.get("/fail/<name>", access=PUBLIC)
    def fail(name: str) -> str:
        ERRORS[name][1]()
        return ""

    app.register_blueprint(pages)
    client: PageClient = app.test_client()
    return client


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_v16_5_1_error_pages_are_ours_and_give_nothing_away(
    failing: PageClient, name: str, language: str
) -> None:
    answer = failing.get(f"/fail/{name}", headers={"Accept-Language": language})
    text = answer.get_data(as_text=True)
    assert answer.status_code == ERRORS[name][0]
    assert f'<html lang="{language}"' in text
    assert 'class="as-btn"' in text
    for leak in ("SELECT", "/etc/passwd", "Traceback", "RuntimeError", ".py"):
        assert leak not in text
    if answer.status_code >= 500:
        assert answer.headers["X-Request-Id"] in text
    assert ("Retry-After" in answer.headers) == (name in ("429", "503"))


def test_errors_are_json_for_whoever_asks_for_it(failing: PageClient) -> None:
    answer = failing.get("/fail/409", headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["message"] == "Somebody approved it before you."


def test_a_route_without_a_rule_is_closed_and_cannot_be_registered(
    make_app: Callable[..., Application],
) -> None:
    app = make_app()
    with pytest.raises(TypeError, match="access rule"):
        PageBlueprint("x", __name__).route("/x")
    stranger = Blueprint("stranger", __name__)
    stranger.add_url_rule("/stranger", "page", lambda: "secret")
    app.register_blueprint(stranger)
    answer = app.test_client().get("/stranger")
    assert answer.status_code == 403
    assert b"secret" not in answer.data
