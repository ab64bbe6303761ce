"""How commands end."""

from __future__ import annotations

from typing import Any

import click

FOUND_WRONG, BAD_USAGE, NOT_DONE = 1, 2, 3
"""Exit codes, beside 0 for done: see `app.cli`."""


class Refusal(click.ClickException):
    """One sentence on standard error, and how the process ends."""

    def __init__(self, message: str, exit_code: int = NOT_DONE) -> None:
        """Keep the sentence and the exit code."""
        super().__init__(message)
        self.exit_code = exit_code

    def show(self, file: Any = None) -> None:
        """Print the sentence, without the word Error before it."""
        click.echo(self.message, file=file, err=file is None)
