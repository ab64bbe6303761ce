"""The plainest pages that do a kind of work; each line is measured against one of them.

r1 hello world; r2 50 rows selected and rendered as a table; r3 one row updated and
committed; r4 one password checked. Served by the same gunicorn settings as the portal.
"""

from __future__ import annotations

import os
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask, render_template_string, request
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

ROWS = 10_000
PASSWORD = "correct horse battery staple"  # the word of a comic, and of nobody
TABLE = """<!doctype html><html lang="en"><title>Rows</title><table>
{% for row in rows %}<tr><td>{{ row.id }}</td><td>{{ row.name }}</td><td>{{ row.owner }}</td>
<td>{{ row.state }}</td><td>{{ row.counter }}</td></tr>
{% endfor %}</table></html>"""
REQUESTS = {"r1": "/r1", "r2": "/r2", "r3": "/r3", "r4": "/r4"}


class Base(DeclarativeBase):
    """Base of the one table."""


class Row(Base):
    """Something with a name."""

    __tablename__ = "reference_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    owner: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[str] = mapped_column(sa.String(20))
    counter: Mapped[int]


def open_engine(url: str) -> sa.Engine:
    """Return an engine; SQLite as durable as the portal has it."""
    engine = sa.create_engine(url, pool_size=8)
    if engine.dialect.name == "sqlite":

        def prepare(connection: Any, _record: Any) -> None:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
                connection.execute(f"PRAGMA {pragma}")

        sa.event.listen(engine, "connect", prepare)
    return engine


def fill(url: str) -> None:
    """Make the table and its rows, unless they are there."""
    engine = open_engine(url)
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        if session.scalar(sa.select(sa.func.count()).select_from(Row)) != ROWS:
            session.execute(sa.delete(Row))
            values = [
                {"id": n, "name": f"Row {n}", "owner": f"Owner {n % 97}", "state": "open",
                 "counter": 0}
                for n in range(1, ROWS + 1)
            ]  # fmt: skip
            session.execute(sa.insert(Row), values)
    engine.dispose()


def make_app(url: str) -> Flask:
    """Return the application with the four pages."""
    app = Flask(__name__)
    engine = open_engine(url)
    # What the portal uses: see app.identity.passwords.
    hasher = PasswordHasher(memory_cost=65_536, time_cost=3, parallelism=1)
    encoded = hasher.hash(PASSWORD)

    @app.get("/r1")
    def hello() -> str:
        return "Hello, world!"

    @app.get("/r2")
    def table() -> str:
        start = int(request.args.get("n", "0")) * 50 % (ROWS - 50)
        with Session(engine) as session:
            rows = session.scalars(
                sa.select(Row).where(Row.id > start).order_by(Row.id).limit(50)
            ).all()
            return render_template_string(TABLE, rows=rows)

    @app.get("/r3")
    def update() -> str:
        number = int(request.args.get("n", "0")) % ROWS + 1
        with Session(engine) as session:
            row = session.get_one(Row, number)
            row.counter += 1
            session.commit()
        return "done"

    @app.get("/r4")
    def check() -> str:
        return str(hasher.verify(encoded, PASSWORD))

    return app


if "ASSAY_BENCH_REFERENCES" in os.environ:
    application = make_app(os.environ["ASSAY_BENCH_REFERENCES"])
