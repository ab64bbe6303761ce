"""Who adds to the sample organisation. Features add theirs when the portal is put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import Flask
from sqlalchemy.orm import Session

from app.access.actor import Actor

Seeder = Callable[[Session, Actor], None]
"""Makes sample data through the services, in the transaction and as the person given."""

_EXTENSION = "assay.demo_seeders"


def seeders_of(app: Flask) -> list[Seeder]:
    """Return the list of seeders of an application, in the order in which they run."""
    return cast(list[Seeder], app.extensions.setdefault(_EXTENSION, []))
