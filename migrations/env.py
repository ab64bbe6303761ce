"""Runs the migrations on the connection that `app.db.migrate` opened, inside its transaction."""

from __future__ import annotations

from alembic import context

from app.db.base import Base

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    # Two processes that start at once must not both upgrade; nobody waits for ever.
    connection.exec_driver_sql("SET LOCAL lock_timeout = '20s'")
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4200142001)")
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
