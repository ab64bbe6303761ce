"""Lets libraries that know Flask-Login see who is signed in. The truth is our session row.

Flask-Login keeps nothing here: no user id in the cookie and no remember cookie, since what
it signs stays good after sign-out.
"""

from __future__ import annotations

from flask import Request
from flask_login import LoginManager, UserMixin

from app.access.actor import Actor
from app.web.application import Application
from app.web.request import current_actor


class CurrentUser(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """The actor in the shape that Flask-Login hands out as `current_user`."""

    def __init__(self, actor: Actor) -> None:
        """Wrap an actor."""
        self.actor = actor
        self.name = actor.name

    def get_id(self) -> str:
        """Return the account's id."""
        return str(self.actor.id)


def install(app: Application) -> None:
    """Make `flask_login.current_user` the actor of the request."""
    manager = LoginManager()
    manager.session_protection = None

    def load(_request: Request) -> CurrentUser | None:
        actor = current_actor()
        return CurrentUser(actor) if actor.is_signed_in else None

    manager.request_loader(load)
    manager.init_app(app)
