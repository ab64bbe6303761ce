"""Write the pages of docs/ that follow from the code."""

from __future__ import annotations

import sys

import click

from app.commands.exits import FOUND_WRONG
from app.commands.portal import open_portal
from app.reference import pages


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; end with 1 when a page is out of date.")
def docs(check: bool) -> None:
    """Write the settings table and the access matrix in docs/ anew."""
    stale = []
    for path, text in pages(open_portal(checked=False)).items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not check:
            path.write_text(text, encoding="utf-8")
            click.echo(f"Wrote {path}")
    if check and stale:
        for path in stale:
            click.echo(f"Out of date: {path}. Run `./run docs`.", err=True)
        sys.exit(FOUND_WRONG)
