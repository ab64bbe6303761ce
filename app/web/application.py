"""The Flask application, with what the features are given at start as typed attributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask import Flask, Request, current_app, g
from flask.typing import ResponseReturnValue

from app.access.actor import ANONYMOUS, Actor
from app.access.permissions import AccessRule
from app.db.engine import Database
from app.kernel.sealing import Sealer
from app.web.assets import AssetLibrary
from app.web.navigation import Navigation
from app.web.request_body import LimitedRequest
from app.web.transaction import RequestTransaction
from app.web.work import WorkSources
from config import Settings

ActorLoader = Callable[[Request], Actor]
EntryCheck = Callable[[Actor, str], ResponseReturnValue | None]


class Application(Flask):
    """One portal process. The factory fills the attributes; `wiring.init_app` adds to them.

    Packages above `app.web` keep their part in `app.extensions` and give a typed way to it:
    `app.outbox.registry.jobs_of(app)`, `app.files.storage.storage_of(app)`.
    """

    request_class = LimitedRequest
    settings: Settings
    database: Database
    sealer: Sealer
    assets: AssetLibrary
    navigation: Navigation
    work: WorkSources
    access_rules: dict[str, AccessRule]
    """Endpoint → who may call it; an endpoint that is not here is refused."""
    step_up_endpoints: set[str]
    """Endpoints of sensitive acts: the password is asked again when the last proof is old."""
    actor_loader: ActorLoader
    entry_checks: list[EntryCheck]
    """Asked on every page of a signed-in person; an answer is sent in place of the page."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Make an application without routes."""
        super().__init__("app", static_folder=None, template_folder="templates")
        self.settings = settings
        self.database = database
        self.assets = AssetLibrary()
        self.navigation = Navigation()
        self.work = WorkSources()
        self.access_rules = {}
        self.step_up_endpoints = set()
        self.actor_loader = lambda _request: ANONYMOUS
        self.entry_checks = []

    def dispatch_request(self) -> ResponseReturnValue:
        """Call the view in its transaction: committed before the answer leaves, or rolled back.

        A view that returns commits, whatever status it returns; one that raises does not.
        """
        with RequestTransaction(self.database) as transaction:
            g.transaction = transaction
            return super().dispatch_request()


def application() -> Application:
    """Return the application at work, typed."""
    return cast(Application, cast(Any, current_app)._get_current_object())
