"""Take a backup and check one."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.backup.archive import open_archive
from app.backup.manifest import Manifest
from app.backup.writing import take_backup
from app.commands.exits import FOUND_WRONG
from app.commands.portal import open_portal
from app.commands.progress import ProgressLine
from app.commands.version import app_version
from app.files.storage import storage_of

FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@FILE
@click.option("--without-files", is_flag=True, help="Only the database; the files stay out.")
def backup(file: Path, without_files: bool) -> None:
    """Write a backup of the database and the files to FILE, while people work.

    All that was answered as saved before the start is in it. It holds personal data and
    hashes of passwords, so keep it as safe as the portal; it never holds the secret key,
    which has to be kept apart. Ends with 1 when a stored file was not whole and is not in it.
    """
    app = open_portal()
    with ProgressLine() as progress:
        manifest = take_backup(
            app.database,
            None if without_files else storage_of(app),
            app.sealer,
            file,
            app_version=app_version(),
            on_progress=progress,
        )
    click.echo(f"Backup: {file}. {_contents(manifest)}")
    if manifest.missing_files:
        for key in manifest.missing_files:
            click.echo(f"not in it, its content is gone or changed: {key}", err=True)
        click.echo("Run `./run files verify` to see which they are.", err=True)
        sys.exit(FOUND_WRONG)


@click.command("check-backup")
@FILE
def check_backup(file: Path) -> None:
    """Read a backup and compare all of it with its digests. Ends with 1 when it is damaged."""
    with open_archive(file) as archive, ProgressLine() as progress:
        archive.verify(progress)
    click.echo(f"The backup is whole. {_contents(archive.manifest)}")


def _contents(manifest: Manifest) -> str:
    files = f"{manifest.file_count} files" if manifest.file_list else "no files"
    return (
        f"Taken {manifest.made_at}, version {manifest.revision}: {manifest.rows} rows in "
        f"{len(manifest.tables)} tables, {files}."
    )
