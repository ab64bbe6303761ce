"""Finds a command by its name and loads only that one; turns what goes wrong into a sentence."""

from __future__ import annotations

import importlib
from typing import Any

import click
from flask.cli import ScriptInfo
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from app.backup.manifest import BackupError, DamagedBackup
from app.commands.exits import Refusal, UsageRefusal, WrongFound
from app.commands.portal import open_portal
from app.db.schema import SchemaError
from app.kernel.errors import DomainError
from config import SettingsError

OWN = {
    "serve": ("app.commands.serve", "serve"),
    "worker-beside": ("app.commands.serve", "worker_beside"),
    "upgrade": ("app.commands.upgrade", "upgrade"),
    "audit": ("app.commands.audit", "audit"),
    "backup": ("app.commands.backup", "backup"),
    "check-backup": ("app.commands.backup", "check_backup"),
    "restore": ("app.commands.restore", "restore"),
    "make-secret-key": ("app.commands.secret_key", "make_secret_key"),
    "routes": ("app.commands.routes", "routes"),
    "docs": ("app.commands.docs", "docs"),
    "translate": ("app.commands.translate", "translate"),
    "seed-demo": ("app.commands.demo", "seed_demo"),
    "bench": ("app.commands.bench", "bench"),
}
"""Command → its module and name there; the parts of the portal add theirs to `app.cli`."""


class PortalCommands(click.Group):
    """All commands: ours, each loaded when it is called, and those that parts of the portal add."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands; only ours where the portal cannot be opened."""
        try:
            added = open_portal(checked=False).cli.list_commands(ctx)
        except (SettingsError, DomainError, ArgumentError):
            added = []
        return sorted({*OWN, *added})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None when there is none of that name."""
        if cmd_name in OWN:
            module, name = OWN[cmd_name]
            command: click.Command = getattr(importlib.import_module(module), name)
            return command
        app = open_portal(checked=False)
        added = app.cli.get_command(ctx, cmd_name)
        if added is not None:
            # What a part of the portal adds expects to find the portal there.
            ctx.obj = ScriptInfo(create_app=lambda: app)
        return added

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what is expected to go wrong becomes a sentence and an exit code."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise UsageRefusal(str(error)) from error
        except DamagedBackup as error:
            raise WrongFound(str(error)) from error
        except (SchemaError, BackupError) as error:
            raise Refusal(str(error)) from error
        except DomainError as error:
            raise Refusal(error.message) from error
        except (ArgumentError, NoSuchModuleError) as error:
            raise UsageRefusal(
                "ASSAY_DATABASE_URL is not an address of a database, such as "
                "postgresql+psycopg://assay@db.example/assay."
            ) from error
        except DBAPIError as error:
            raise Refusal(
                f"The database does not do what it should: {_first_line(error)}. Look at "
                "ASSAY_DATABASE_URL and at the server."
            ) from error


def _first_line(error: DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0][:200].rstrip(".") if lines else type(error).__name__
