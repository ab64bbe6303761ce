"""The worker as a command: as many processes as wanted, on any machine that sees the database."""

from __future__ import annotations

import threading

import click
from flask.cli import with_appcontext

from app.db.schema import SchemaError, check_schema
from app.outbox.registry import jobs_of
from app.outbox.worker import Worker, stop_on_signals
from app.web.application import Application, application


def worker_for(app: Application) -> Worker:
    """Return a worker with the settings and topics of an application."""
    return Worker(
        app.database,
        jobs_of(app),
        threads=app.settings.worker_threads,
        lease_seconds=app.settings.lease_seconds,
        around=app.app_context,
    )


@click.command("worker")
@click.option("--until-empty", is_flag=True, help="Stop when nothing is due any more.")
@with_appcontext
def worker_command(until_empty: bool) -> None:
    """Run jobs until stopped; a first Ctrl-C or SIGTERM lets those at hand finish."""
    app = application()
    try:
        check_schema(app.database)
    except SchemaError as error:
        raise click.ClickException(str(error)) from error
    worker = worker_for(app)
    if until_empty:
        click.echo(f"{worker.run_until_empty()} attempts made.")
        return
    stop = threading.Event()
    stop_on_signals(stop)
    worker.run_forever(stop)
