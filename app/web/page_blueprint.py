"""Pages are registered with their access rule; without one they cannot be registered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint

from app.access.permissions import AccessRule, OpenTo, Permission

View = TypeVar("View", bound=Callable[..., Any])


class PageBlueprint(Blueprint):
    """A blueprint whose every route says who may call it.

    `@pages.get("/", access=Permission.AUDIT_READ)` and `@pages.post(..., access=..., step_up=True)`
    are the only ways in; `step_up` asks for the password again when the last proof is old.
    """

    def __init__(self, name: str, import_name: str, **options: Any) -> None:
        """Make an empty blueprint; options are Flask's."""
        super().__init__(name, import_name, **options)
        self.rules: dict[str, AccessRule] = {}
        self.step_ups: set[str] = set()

    def get(  # type: ignore[override]  # the access rule is not optional here
        self, rule: str, *, access: AccessRule, step_up: bool = False, endpoint: str | None = None
    ) -> Callable[[View], View]:
        """Register a reading view (GET and HEAD)."""
        return self._page(rule, "GET", access, step_up, endpoint)

    def post(  # type: ignore[override]  # the access rule is not optional here
        self, rule: str, *, access: AccessRule, step_up: bool = False, endpoint: str | None = None
    ) -> Callable[[View], View]:
        """Register a writing view (POST)."""
        return self._page(rule, "POST", access, step_up, endpoint)

    def _page(
        self, rule: str, method: str, access: AccessRule, step_up: bool, endpoint: str | None
    ) -> Callable[[View], View]:
        if not isinstance(access, Permission | OpenTo):
            raise TypeError(f"{rule}: access must be a Permission, SIGNED_IN or PUBLIC")

        def register(view: View) -> View:
            name = endpoint or view.__name__
            known = self.rules.setdefault(name, access)
            if known != access:
                raise ValueError(f"{self.name}.{name} is registered with two access rules")
            if step_up:
                self.step_ups.add(name)
            super(PageBlueprint, self).add_url_rule(rule, name, view, methods=[method])
            return view

        return register

    def route(self, rule: str, **_options: Any) -> Any:
        """Refuse: a route without an access rule is how pages leak."""
        raise TypeError(f"{rule}: use .get or .post, which ask for the access rule")

    def register(self, app: Any, options: dict[str, Any]) -> None:
        """Hand the rules to the application (`app.web.application`) together with the routes."""
        super().register(app, options)
        app.access_rules.update({f"{self.name}.{name}": rule for name, rule in self.rules.items()})
        app.step_up_endpoints.update(f"{self.name}.{name}" for name in self.step_ups)
