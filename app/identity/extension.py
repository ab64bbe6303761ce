"""What `wiring` put into the application, typed."""

from __future__ import annotations

from typing import cast

from flask import Flask, g

from app.identity.presence import Presence
from app.identity.setup import IdentitySetup
from app.web.application import application

EXTENSION = "assay.identity"


def setup_for(app: Flask) -> IdentitySetup:
    """Return the setup of an application."""
    return cast(IdentitySetup, app.extensions[EXTENSION])


def current_setup() -> IdentitySetup:
    """Return the setup of the application at work."""
    return setup_for(application())


def current_presence() -> Presence | None:
    """Return the signed-in person of this request, None for nobody."""
    presence: Presence | None = g.get("presence")
    return presence
