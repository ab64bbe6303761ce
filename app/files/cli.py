"""Commands for operators: check all files, bring rows and bytes together."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from app.files.storage import storage_of
from app.files.upkeep import sweep, verify_files
from app.web.application import application

commands = AppGroup("files", help="Check and tidy the stored files.")


@commands.command("verify")
def verify_command() -> None:
    """Read every file and compare it with its digest; name those that are wrong.

    Ends with 1 when one is wrong.
    """
    app = application()
    report = verify_files(app.database, storage_of(app))
    for file in report.damaged:
        click.echo(f"damaged ({file.damage.value}): {file.id} {file.name}")
    click.echo(f"{report.checked} files checked, {len(report.damaged)} damaged.")
    if report.damaged:
        click.echo("Restore the damaged ones from a backup, then run this again.")
        sys.exit(1)


@commands.command("sweep")
def sweep_command() -> None:
    """Remove bytes that belong to no file and are older than a day; name files without bytes."""
    app = application()
    report = sweep(app.database, storage_of(app), scan=bool(app.settings.clamd_address))
    for file in report.missing:
        click.echo(f"content is gone: {file.id} {file.name}")
    click.echo(
        f"Removed: {report.orphans} contents without a file, {report.erased} of erased files, "
        f"{report.drafts} unfinished uploads. Files without content: {len(report.missing)}."
    )
    if report.missing:
        sys.exit(1)
