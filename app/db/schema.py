"""Whether the database fits this version of the portal; looks only, and is quick to load."""

from __future__ import annotations

import re

import sqlalchemy as sa

from app.db.engine import Database
from config import ROOT

FOLDER = ROOT / "migrations"

_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String))
_REVISION = re.compile(r"""^revision(?:\s*:\s*\w+)?\s*=\s*["'](\w+)["']""", re.MULTILINE)


class SchemaError(Exception):
    """The database does not fit this version of the portal; the message says what to run."""


def pinned_head() -> str:
    """Return the revision that this version of the portal works with."""
    return (FOLDER / "HEAD").read_text(encoding="ascii").strip()


def is_known(revision: str) -> bool:
    """Return whether this version of the portal has the migrations up to a revision."""
    files = (FOLDER / "versions").glob("*.py")
    return any(revision in _REVISION.findall(file.read_text(encoding="utf-8")) for file in files)


def current_revision(database: Database) -> str | None:
    """Return the revision of the database; None when it is empty."""
    with database.engine.connect() as connection:
        connection.execution_options(assay_read_only=True)
        if not sa.inspect(connection).has_table(_VERSION.name):
            return None
        revision: str | None = connection.execute(sa.select(_VERSION)).scalar_one_or_none()
        return revision


def check_schema(database: Database) -> None:
    """Raise SchemaError unless the database stands at the pinned head."""
    current, head = current_revision(database), pinned_head()
    if current == head:
        return
    if current is None:
        raise SchemaError("The database is empty. Run `./run upgrade` to set it up.")
    if is_known(current):
        raise SchemaError(
            f"The database is at version {current} and the portal needs {head}. "
            "Run `./run upgrade`; it takes a backup first."
        )
    raise SchemaError(
        f"The database is at version {current}, which this portal does not know: it was made by "
        "a newer one. Start that version, or restore a backup with `./run restore FILE`."
    )


def table_names(database: Database) -> list[str]:
    """Return the names of all tables, sorted."""
    with database.engine.connect() as connection:
        connection.execution_options(assay_read_only=True)
        return sorted(sa.inspect(connection).get_table_names())
