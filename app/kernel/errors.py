"""What can go wrong, in words for the person who meets it.

Services raise these; `app.web.errors` is the translator to pages. A message says what
to do next and never names a table, a path or another person's data.
"""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """A request that the rules refuse.

    `code` is stable and for machines, `message` is a sentence for people, `field` names the
    form field it belongs to, `details` holds what a page needs to explain it.
    """

    code = "refused"
    status = 422

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.field = field
        self.details = dict(details or {})


class NotFound(DomainError):
    """The object does not exist or this actor may not know of it: the same answer for both."""

    code = "not_found"
    status = 404


class Forbidden(DomainError):
    """The actor is known and may not do this."""

    code = "forbidden"
    status = 403


class StepUpNeeded(Forbidden):
    """The act is sensitive and the sign-in too old: the password is asked again."""

    code = "step_up_needed"


class Conflict(DomainError):
    """Somebody else was first; `details` may hold both texts."""

    code = "conflict"
    status = 409


class TooMany(DomainError):
    """A limit was reached; `retry_after` is the wait in seconds."""

    code = "too_many"
    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, details={"retry_after": retry_after})
        self.retry_after = retry_after


class TooLarge(DomainError):
    """The body or file is larger than the limit."""

    code = "too_large"
    status = 413


class Unavailable(DomainError):
    """A part that the portal needs does not answer; trying again later helps."""

    code = "unavailable"
    status = 503
