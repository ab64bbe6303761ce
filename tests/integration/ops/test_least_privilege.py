"""The roles of docs/recipes.md: the portal serves with rights that cannot touch the trail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from app.audit import recorder
from app.audit.verify import verify
from app.db.engine import Database
from app.db.migrate import upgrade
from app.db.schema import check_schema
from app.db.unit_of_work import unit_of_work
from app.files.backends import LocalStorage
from config import ROOT
from tests.integration.ops.backups import Place, save_one
from tests.support.databases import DatabaseSource

NAME = "least_privilege"


def recipe(heading: str) -> list[str]:
    """Return the statements of the SQL recipe, for a database of our own name."""
    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    block = text.partition(f"## {heading}")[2].partition("```\n")[2].partition("```")[0]
    statements = [part.strip() for part in re.split(r";|\\c assay", block) if part.strip()]
    assert len(statements) == 8
    return [part.replace("DATABASE assay", f"DATABASE {NAME}") for part in statements]


@pytest.mark.postgres
def test_the_roles_of_the_recipe_serve_and_cannot_touch_the_trail(
    database_source: DatabaseSource, tmp_path: Path
) -> None:
    statements = recipe("PostgreSQL with least privilege")
    roles, made, rights = statements[:2], statements[2], statements[3:]
    server = database_source.server
    outside = sa.create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    address = make_url(server.url(NAME))
    with outside.connect() as connection:
        for statement in (*roles, made):
            connection.exec_driver_sql(statement)
    try:
        inside = sa.create_engine(address, isolation_level="AUTOCOMMIT")
        with inside.connect() as connection:
            for statement in rights:
                connection.exec_driver_sql(statement)
        owner = Database(url_as(address, "assay_owner"))
        upgrade(owner)
        with owner.engine.begin() as connection:
            connection.exec_driver_sql("REVOKE UPDATE, DELETE ON audit_event FROM assay_serves")
        portal = Database(url_as(address, "assay_serves"))
        portal.on_session.append(recorder.install)
        check_schema(portal)
        place = Place(portal, LocalStorage(tmp_path / "files"))
        for number in range(3):
            save_one(place, number)
        assert place.back_up(tmp_path / "one.zip").rows > 3
        for forbidden in (
            "UPDATE audit_event SET verb = 'x'",
            "DELETE FROM audit_event",
            "TRUNCATE audit_event",
            "ALTER TABLE audit_event DISABLE TRIGGER USER",
            "DROP TABLE audit_event",
            "CREATE TABLE other (id int)",
        ):
            with pytest.raises(sa.exc.ProgrammingError), portal.engine.begin() as connection:
                connection.exec_driver_sql(forbidden)
        with unit_of_work(portal, write=False) as session:
            assert verify(session).holds
        for database in (owner, portal):
            database.dispose()
        inside.dispose()
    finally:
        server.drop(NAME)
        with outside.connect() as connection:
            for role in ("assay_owner", "assay_serves"):
                connection.exec_driver_sql(f"DROP ROLE IF EXISTS {role}")
        outside.dispose()


def url_as(address: sa.URL, role: str) -> str:
    """Return an address for a role."""
    return address.set(username=role).render_as_string(hide_password=False)
