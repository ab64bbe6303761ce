"""The first lines: sign-in, the list of people, the audit page."""

from __future__ import annotations

import re

from tests.benchmarks.client import Answer, Ask, BenchError, Connection
from tests.benchmarks.data import PASSWORD, email_of, people_of
from tests.benchmarks.lines import MakeAsk, Stage, line

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@line("sign in", reference="r4", goal=1.3, growth=1.3)
def sign_in(stage: Stage) -> MakeAsk:
    """Mail address and password, by different people."""
    cookie, token = _sign_in_form(stage)
    count = people_of(stage.size)

    def make(number: int) -> Ask:
        return _sign_in(cookie, token, number % count)

    return make


@line("list of people", reference="r2", goal=4, growth=1.3)
def people(stage: Stage) -> MakeAsk:
    """The first page, sorted by name, in turn with the page after it."""
    cookie = signed_in(stage)
    second = _next_page(stage, "/admin/people/", cookie)
    pages = ("/admin/people/", second)
    return lambda number: Ask("GET", pages[number % 2], {"Cookie": cookie})


@line("audit page", reference="r2", goal=4, growth=1.3)
def audit_page(stage: Stage) -> MakeAsk:
    """The newest events, in turn with the page after them."""
    cookie = signed_in(stage)
    second = _next_page(stage, "/admin/audit/", cookie)
    pages = ("/admin/audit/", second)
    return lambda number: Ask("GET", pages[number % 2], {"Cookie": cookie})


def signed_in(stage: Stage, number: int = 0) -> str:
    """Sign account `number` in through the real form; return its cookie. 0: the administrator."""
    cookie, token = _sign_in_form(stage)
    with Connection(stage.url) as connection:
        return _cookie(connection.ask(_sign_in(cookie, token, number)))


def _sign_in_form(stage: Stage) -> tuple[str, str]:
    with Connection(stage.url) as connection:
        answer = connection.ask(Ask("GET", "/sign-in"))
    found = _TOKEN.search(answer.body.decode())
    if found is None:
        raise BenchError("The sign-in page has no token.")
    return _cookie(answer), found[1]


def _sign_in(cookie: str, token: str, number: int) -> Ask:
    form = {"csrf_token": token, "email": email_of(number), "password": PASSWORD}
    return Ask("POST", "/sign-in", {"Cookie": cookie}, form, status=303)


def _cookie(answer: Answer) -> str:
    return answer.headers["set-cookie"].partition(";")[0]


def _next_page(stage: Stage, path: str, cookie: str) -> str:
    with Connection(stage.url) as connection:
        body = connection.ask(Ask("GET", path, {"Cookie": cookie})).body.decode()
    found = re.search(rf'href="({re.escape(path)}\?[^"]*after=[^"]+)"', body)
    if found is None:
        raise BenchError(f"{path} has no next page.")
    return found[1].replace("&amp;", "&")
