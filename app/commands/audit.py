"""Look at the audit trail."""

from __future__ import annotations

import sys

import click

from app.audit.verify import verify as verify_chain
from app.commands.exits import FOUND_WRONG
from app.commands.portal import open_portal
from app.commands.progress import ProgressLine
from app.db.unit_of_work import unit_of_work


@click.group()
def audit() -> None:
    """Look at the audit trail."""


@audit.command()
def verify() -> None:
    """Read the whole trail again; names the first event that does not follow.

    Ends with 0 when every event holds and with 1 when not.
    """
    app = open_portal()
    with ProgressLine() as progress, unit_of_work(app.database, write=False) as session:
        verdict = verify_chain(session, lambda done, total: progress("Reading events", done, total))
    if verdict.holds:
        click.echo(
            f"The audit trail holds: {verdict.events} events, each follows from the one before. "
            f"The last one is {verdict.head_hash}."
        )
        return
    where = "" if verdict.broken_at is None else f" at event {verdict.broken_at}"
    click.echo(f"The audit trail is broken{where}. {verdict.reason}")
    sys.exit(FOUND_WRONG)
