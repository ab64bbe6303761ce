"""Every way into the portal is registered with its access rule, and reading changes nothing."""

from __future__ import annotations

import ast
import re

from werkzeug.routing import Rule

from app.access.permissions import OpenTo, Permission
from app.web.application import Application
from app.web.page_blueprint import PageBlueprint
from tests.architecture.source_tree import calls, modules


def rules(app: Application) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def test_every_route_has_an_access_rule(app: Application) -> None:
    assert len(rules(app)) > 10
    without = [rule.endpoint for rule in rules(app) if rule.endpoint not in app.access_rules]
    assert not without


def test_every_access_rule_has_a_route(app: Application) -> None:
    endpoints = {rule.endpoint for rule in rules(app)}
    assert app.access_rules.keys() <= endpoints
    assert app.step_up_endpoints <= endpoints


def test_every_route_comes_from_a_page_blueprint(app: Application) -> None:
    strangers = {
        name for name, part in app.blueprints.items() if not isinstance(part, PageBlueprint)
    }
    assert not strangers
    assert all("." in rule.endpoint for rule in rules(app))


def test_an_address_reads_or_writes_never_both(app: Application) -> None:
    for rule in rules(app):
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), f"{rule.endpoint}: {sorted(methods)}"


def test_what_is_open_to_everybody_is_on_this_list(app: Application) -> None:
    """A route that needs no sign-in is a decision: it is written down a second time, here."""
    public = {name for name, rule in app.access_rules.items() if rule is OpenTo.PUBLIC}
    assert sorted(public) == sorted(PUBLIC_ENDPOINTS)


PUBLIC_ENDPOINTS = {
    "assets.favicon",
    "assets.file",
    "gallery.index",  # in development and tests only
    "gallery.plain",
    "gallery.vendor",
    "health.live",
    "health.metrics",  # asks for its own token
    "health.ready",
    "identity.accept",
    "identity.first_administrator",
    "identity.forgot",
    "identity.leave_second_factor",
    "identity.reset",
    "identity.second_factor",
    "identity.send_accept",
    "identity.send_first_administrator",
    "identity.send_forgot",
    "identity.send_reset",
    "identity.send_second_factor",
    "identity.send_sign_in",
    "identity.sign_in",
    "preferences.set_language",
    "preferences.set_theme",
}


def test_sensitive_writes_ask_for_the_password_again(app: Application) -> None:
    for endpoint in app.step_up_endpoints:
        assert app.access_rules[endpoint] is not OpenTo.PUBLIC, endpoint


def test_every_permission_opens_something(app: Application) -> None:
    asked = set(app.access_rules.values())
    in_code = " ".join(module.text for module in modules())
    for permission in Permission:
        checked = f"Permission.{permission.name}" in in_code or f"P.{permission.name}" in in_code
        assert permission in asked or checked, permission


def test_addresses_are_plain(app: Application) -> None:
    for rule in rules(app):
        bare = re.sub(r"<[^>]*>", "", rule.rule)
        assert re.fullmatch(r"[a-z0-9/.-]*", bare), rule.rule


def test_no_view_slips_past_the_page_blueprint() -> None:
    found = []
    for module in modules():
        if module.path == "app/web/page_blueprint.py":
            continue
        found += [module.at(node) for node, name in calls(module) if name.endswith(".add_url_rule")]
        for node in module.walk():
            for decorator in getattr(node, "decorator_list", []):
                if ast.unparse(decorator).split("(")[0].endswith(".route"):
                    found.append(module.at(node))
    assert not found
