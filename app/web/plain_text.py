"""Refuses the one character that no text field can hold."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from app.kernel.errors import DomainError
from app.web.application import Application


def install(app: Application) -> None:
    """Look for NUL in addresses and forms before anything is done with them.

    PostgreSQL keeps no NUL in text, and nobody types one: it comes from a broken program
    or from somebody who looks for a weak place.
    """

    def refuse_nul() -> None:
        values = [*request.args.items(multi=True), *request.form.items(multi=True)]
        if any("\x00" in name or "\x00" in value for name, value in values):
            raise DomainError(
                _("A field holds a character that is no text. Type it again by hand."),
                code="not_text",
            )

    app.before_request(refuse_nul)
