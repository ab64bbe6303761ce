"""Measure how fast the portal is; the measuring itself is no part of the product."""

from __future__ import annotations

import os
import sys

import click

from app.commands.children import environment
from app.commands.exits import Refusal
from config import ROOT

_PACKAGE = "tests.benchmarks"


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Measure the portal against plain Flask pages in the same run; --help says how."""
    if not (ROOT / _PACKAGE.replace(".", "/")).is_dir():
        raise Refusal("Benchmarks come with the source: run them from a checkout.")
    sys.stdout.flush()
    command = [sys.executable, "-P", "-m", _PACKAGE, *arguments]
    os.execve(sys.executable, command, environment())  # noqa: S606 - our own interpreter
