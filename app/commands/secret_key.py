"""Make the secret key."""

from __future__ import annotations

import os

import click

from config import load_secret_key, load_settings, secret_key_file


@click.command("make-secret-key")
def make_secret_key() -> None:
    """Make the secret key file in the data folder, unless there is one.

    The key signs cookies and opens stored secrets. Keep a copy apart from the backups:
    they never hold it.
    """
    # Production settings are refused as long as there is no key.
    os.environ["ASSAY_ENVIRONMENT"] = "development"
    settings = load_settings()
    path = secret_key_file(settings)
    if settings.secret_key:
        click.echo("ASSAY_SECRET_KEY is set, so no file is made.")
    elif path.exists():
        click.echo(f"There is a secret key already: {path}")
    else:
        load_secret_key(settings)
        click.echo(f"Made {path}. Keep a copy apart from the backups.")
