"""A test client that looks at everything it receives, and small ways to read a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from tests.support.html_tree import Element, read_html
from tests.support.page_checks import check_page


def check_links(root: Element, app: Flask, path: str) -> list[str]:
    """Return the links, forms, scripts and styles of a page that lead to no route of `app`."""
    problems = []
    adapter = app.url_map.bind("localhost")
    for element in root.elements():
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
            address = element.get(name)
            if address is None or address.startswith("#") or urlsplit(address).scheme:
                continue
            if address.startswith("//"):
                problems.append(f"{element} leads to another host")
                continue
            method = "GET"
            if name in ("action", "formaction"):
                form = element if element.tag == "form" else element.within("form")
                method = ((form.get("method") if form is not None else None) or "get").upper()
            elif name == "hx-post":
                method = "POST"
            target = urlsplit(urljoin(path, address)).path
            try:
                adapter.match(unquote(target), method=method)
            except (NotFound, MethodNotAllowed, RequestRedirect) as error:
                reason = type(error).__name__
                problems.append(f"{element}: {name} {address} answers no {method} ({reason})")
    return problems


def check_headers(response: TestResponse) -> list[str]:
    """Return what is wrong with the headers of any answer."""
    headers, problems = response.headers, []
    policy = headers.get("Content-Security-Policy", "")
    wanted = ("default-src", "base-uri 'none'", "frame-ancestors 'none'")
    is_page = response.mimetype == "text/html"
    if is_page and (any(word not in policy for word in wanted) or "unsafe" in policy):
        problems.append(f'the content policy is "{policy}"')
    if headers.get("X-Content-Type-Options") != "nosniff":
        problems.append("the answer may be sniffed (no X-Content-Type-Options)")
    if response.mimetype.startswith("text/") and "charset" not in headers.get("Content-Type", ""):
        problems.append(f"the type {headers.get('Content-Type')} names no charset")
    for cookie in headers.getlist("Set-Cookie"):
        if "SameSite" not in cookie or "Path=/" not in cookie:
            problems.append(f"the cookie {cookie.split('=')[0]} has no SameSite or no Path")
    return problems


class PageClient(FlaskClient):
    """Flask's test client that fails the test at once when an answer is not as it should be."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Send a request and look at the answer."""
        response = super().open(*args, **options)
        problems = check_headers(response)
        # What a redirect says no browser shows.
        is_redirect = 300 <= response.status_code < 400
        if response.mimetype == "text/html" and response.get_data() and not is_redirect:
            text = response.get_data(as_text=True)
            fragment = response.request.headers.get("HX-Request") == "true"
            problems += check_page(text, fragment=fragment)
            root, _, _ = read_html(text)
            problems += check_links(root, self.application, response.request.path)
        request = f"{response.request.method} {response.request.path}"
        assert not problems, f"{request} ({response.status_code}):\n  " + "\n  ".join(problems)
        return response

    def page(self, path: str, status: int = 200, **options: Any) -> Element:
        """Get a page, expect its status, and return its tree."""
        response = self.get(path, **options)
        assert response.status_code == status, (path, response.status_code, response.location)
        return tree(response)

    def submit(
        self, path: str, data: dict[str, Any] | None = None, *, form_at: str | None = None,
        **options: Any,
    ) -> TestResponse:  # fmt: skip
        """Post as a browser does: first get the page with the form, then send its token along.

        `form_at` is that page when it is not `path` itself.
        """
        source = tree(self.get(form_at or path))
        token = next(
            (e.get("value") for e in source.elements("input") if e.get("name") == "csrf_token"),
            None,
        )
        assert token, f"{form_at or path} has no form to send"
        return self.post(path, data={"csrf_token": token, **(data or {})}, **options)


def tree(response: TestResponse) -> Element:
    """Return the tree of a page."""
    return read_html(response.get_data(as_text=True))[0]


def find(root: Element, tag: str, **attributes: str) -> Element:
    """Return the one element with this tag and these attributes (`class_` holds one class)."""
    found = [element for element in root.elements(tag) if _matches(element, attributes)]
    assert len(found) == 1, f"{len(found)} of <{tag}> {attributes}: {[str(e) for e in found]}"
    return found[0]


def _matches(element: Element, attributes: dict[str, str]) -> bool:
    for name, value in attributes.items():
        if name == "class_":
            if value not in (element.get("class") or "").split():
                return False
        elif name == "text":
            if value not in element.text:
                return False
        elif element.get(name.replace("_", "-")) != value:
            return False
    return True
