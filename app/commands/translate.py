"""Collect new texts into the catalogues of the other languages."""

from __future__ import annotations

import sys

import click

from app import languages
from app.commands.exits import FOUND_WRONG


@click.command()
def translate() -> None:
    """Bring the catalogues up to date with the texts; end with 1 when one lacks a translation."""
    lacking = 0
    for language in languages.TRANSLATED:
        total = len([text for text in languages.update(language) if text.id])
        missing = languages.missing(language)
        lacking += len(missing)
        click.echo(f"{language}: {total} texts, {len(missing)} without a translation")
        for text in missing:
            click.echo(f"  {text}", err=True)
    if lacking:
        click.echo("Fill them in, then run `./run translate` again.", err=True)
        sys.exit(FOUND_WRONG)
