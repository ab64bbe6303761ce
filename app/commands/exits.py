"""How commands end."""

from __future__ import annotations

from typing import Any

import click

FOUND_WRONG, BAD_USAGE, NOT_DONE = 1, 2, 3
"""Exit codes, beside 0 for done: see `app.cli`."""


class Refusal(click.ClickException):
    """The work could not be done: one sentence on standard error."""

    exit_code = NOT_DONE

    def show(self, file: Any = None) -> None:
        """Print the sentence, without the word Error before it."""
        click.echo(self.message, file=file, err=file is None)


class UsageRefusal(Refusal):
    """The command or the settings make no sense."""

    exit_code = BAD_USAGE


class WrongFound(Refusal):
    """Something was looked at and is not right."""

    exit_code = FOUND_WRONG
