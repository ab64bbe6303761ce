"""Bring the database to this version."""

from __future__ import annotations

from pathlib import Path

import click

from app.backup.writing import take_backup
from app.commands.portal import open_portal
from app.commands.progress import ProgressLine
from app.commands.version import app_version
from app.db import migrate, schema
from app.kernel import clock
from app.web.application import Application


@click.command()
@click.option(
    "--no-backup", is_flag=True, help="Take no backup first. Say it only with one at hand."
)
def upgrade(no_backup: bool) -> None:
    """Bring the database to this version; takes a backup of it first.

    The backup holds the database and not the files, which no upgrade touches. It lies in
    the folder `backups` of the data folder.
    """
    app = open_portal(checked=False)
    was_empty = schema.current_revision(app.database) is None
    if no_backup and not was_empty:
        click.echo("No backup is taken, as you said.")
    before = None if no_backup else lambda revision: backup_before_upgrade(app, revision)
    done = migrate.upgrade(app.database, before=before)
    head = schema.pinned_head()
    if not done:
        click.echo(f"The database stands at version {head} already; nothing to do.")
    elif was_empty:
        click.echo(f"The database is set up at version {head}.")
    else:
        click.echo(f"The database stands at version {head} now.")


def backup_before_upgrade(app: Application, revision: str) -> Path:
    """Take a backup of the database, say where it lies, and return that."""
    folder = app.settings.data_dir / "backups"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"before-{schema.pinned_head()}-{clock.now():%Y%m%dT%H%M%SZ}.zip"
    target = folder / name
    with ProgressLine() as progress:
        take_backup(
            app.database, None, app.sealer, target,
            app_version=app_version(), on_progress=progress,
        )  # fmt: skip
    click.echo(f"Backup of version {revision}: {target}")
    return target
