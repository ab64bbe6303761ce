"""Show every address of the portal and who may call it."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from app.commands.portal import open_portal


@click.command()
def routes() -> None:
    """List every address, its method, and the permission that it asks for."""
    app = open_portal(checked=False)
    table = Table("Address", "Method", "Access", "Page")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        access = app.access_rules.get(rule.endpoint)
        again = " + password" if rule.endpoint in app.step_up_endpoints else ""
        table.add_row(
            rule.rule,
            ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})),
            "nobody" if access is None else f"{access.value}{again}",
            rule.endpoint,
        )
    Console(width=None if Console().is_terminal else 200).print(table, highlight=False)
