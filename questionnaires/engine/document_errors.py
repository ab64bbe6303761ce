"""What is wrong with a document: where it stands and what to do, for whoever wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.kernel.errors import DomainError
from questionnaires.engine.limits import ERRORS_SHOWN
from questionnaires.engine.sentences import Sentence as _

PathPart = str | int
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,59}")
_LONGEST_KEY_SHOWN = 60


@dataclass(frozen=True, slots=True)
class DocumentError:
    """One place and one sentence. `path` is like sections[2].questions[4].text; "" is the whole."""

    path: str
    message: str

    def __str__(self) -> str:
        """Return both in one line."""
        return f"{self.path}: {self.message}" if self.path else self.message


class DocumentErrors(DomainError):
    """The document cannot be read. `errors` holds the first of them, `more` says there are more."""

    code = "document_refused"

    def __init__(self, errors: Sequence[DocumentError]) -> None:
        """Keep the first errors; there must be one."""
        self.errors = tuple(errors[:ERRORS_SHOWN])
        self.more = len(errors) > ERRORS_SHOWN
        first = str(self.errors[0])
        super().__init__(
            _("The document cannot be read. %(first)s", first=first)
            if len(errors) == 1
            else _(
                "The document has %(count)s errors. The first: %(first)s",
                count=f"{len(self.errors)}+" if self.more else len(errors),
                first=first,
            ),
            details={
                "errors": [{"path": error.path, "message": error.message} for error in self.errors]
            },
        )


def one_error(path: Sequence[PathPart], message: str) -> DocumentErrors:
    """Return the exception for a single error."""
    return DocumentErrors([DocumentError(path_text(path), message)])


def path_text(parts: Sequence[PathPart]) -> str:
    """Write a path: ("sections", 2, "title") is sections[2].title."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            shown = part if len(part) <= _LONGEST_KEY_SHOWN else part[:_LONGEST_KEY_SHOWN] + "…"
            text += f"[{json.dumps(shown, ensure_ascii=False)}]"
    return text


def flatten(messages: Any, path: tuple[PathPart, ...] = ()) -> Iterator[DocumentError]:
    """Yield the errors of marshmallow's nested messages."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from flatten(inner, path if key == "_schema" else (*path, key))
    elif isinstance(messages, list):
        for inner in messages:
            yield from flatten(inner, path)
    else:
        yield DocumentError(path_text(path), messages)
