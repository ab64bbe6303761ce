"""What a view asks for: who acts, and the session of this request."""

from __future__ import annotations

from flask import g, request
from sqlalchemy.orm import Session

from app.access.actor import ANONYMOUS, Actor
from app.web.transaction import RequestTransaction


def current_session() -> Session:
    """Return the request's database session: read-only for GET, committed when a POST returns."""
    transaction: RequestTransaction = g.transaction
    return transaction.session()


def current_actor() -> Actor:
    """Return who makes this request; nobody when that could not be found out."""
    actor: Actor = g.get("actor", ANONYMOUS)
    return actor


def client_address() -> str:
    """Return the address of the caller, through as many proxies as the settings trust."""
    return request.remote_addr or "unknown"


def wants_json() -> bool:
    """Return whether the caller asked for JSON rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and request.accept_mimetypes["text/html"] < 1
