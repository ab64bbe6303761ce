"""Put a backup back."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from app.backup.archive import open_archive
from app.backup.restoring import Restore
from app.commands.exits import FOUND_WRONG
from app.commands.portal import open_portal
from app.commands.progress import ProgressLine
from app.files.storage import storage_of
from app.identity.lifecycle import EndReason
from app.identity.sessions import end_all


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--end-sessions/--keep-sessions",
    default=True,
    show_default=True,
    help="End the sessions and one-time links of the old copy.",
)
def restore(file: Path, end_sessions: bool) -> None:
    """Put the backup FILE into an empty database and file store, of either kind.

    Never over what is there: set ASSAY_DATA_DIR to a new folder (and ASSAY_DATABASE_URL and
    ASSAY_STORAGE_URL to empty places, if you use them). Sessions and one-time links that
    were alive when the backup was taken end, since somebody may have ended them after it;
    everybody signs in again. Ends with 1 when the audit trail in it does not hold.
    """
    app = open_portal(checked=False)
    with open_archive(file) as archive, ProgressLine() as progress:
        storage = storage_of(app) if archive.manifest.file_list else None
        ending = partial(end_all, reason=EndReason.BACKUP_RESTORED) if end_sessions else None
        done = Restore(app.database, storage, app.sealer, ending, progress).run(archive)
    click.echo(
        f"Restored the backup of {done.manifest.made_at}: {done.manifest.rows} rows, "
        f"{done.manifest.file_count} files."
    )
    if done.ended is not None:
        click.echo(f"Ended {done.ended} sessions and links of the old copy.")
    if archive.manifest.file_list is None:
        click.echo("It has no files: run `./run files verify` to see whether the store fits.")
    if done.manifest.missing_files:
        click.echo(f"{len(done.manifest.missing_files)} files were not whole when it was taken.")
    if not done.key_fits:
        click.echo(
            "The secret key here is not the one of the backup: stored secrets such as second "
            "factors cannot be opened. Put the old key in place, or name it in "
            "ASSAY_SECRET_KEY_FALLBACKS.",
            err=True,
        )
    if not done.verdict.holds:
        click.echo(f"The audit trail in it does not hold. {done.verdict.reason}", err=True)
        sys.exit(FOUND_WRONG)
    click.echo(f"The audit trail holds: {done.verdict.events} events.")
