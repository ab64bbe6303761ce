"""Who acts. Every service is told; the audit trail writes it down."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from dataclasses import dataclass

from app.access.permissions import AccessRule, OpenTo, Permission
from app.access.roles import Role, permissions_of
from app.kernel.errors import Forbidden


class ActorKind(enum.StrEnum):
    """Where an actor comes from."""

    ANONYMOUS = "anonymous"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or the portal itself, as the rules see it; plain values, safe to keep.

    `business_units` is None for a person who sees all units. `confirmed_at` is the last
    time the person proved who they are (password, and second factor where there is one).
    `locale` and `theme` are what the person chose for reading.
    """

    kind: ActorKind
    id: uuid.UUID | None
    name: str
    roles: frozenset[Role] = frozenset()
    business_units: frozenset[uuid.UUID] | None = frozenset()
    session_id: uuid.UUID | None = None
    confirmed_at: dt.datetime | None = None
    locale: str | None = None
    theme: str = "auto"

    @property
    def permissions(self) -> frozenset[Permission]:
        """Return what the roles allow."""
        return permissions_of(self.roles)

    @property
    def is_signed_in(self) -> bool:
        """Return whether this is a person with an account."""
        return self.kind is ActorKind.STAFF

    @property
    def initials(self) -> str:
        """Return one or two letters for the round sign beside the name."""
        words = [word for word in self.name.split() if word[0].isalpha()]
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"

    def may(self, rule: AccessRule) -> bool:
        """Return whether the rule lets this actor in."""
        if rule is OpenTo.PUBLIC:
            return True
        if rule is OpenTo.SIGNED_IN:
            return self.is_signed_in
        return self.kind is ActorKind.SYSTEM or rule in self.permissions

    def sees_unit(self, unit_id: uuid.UUID | None) -> bool:
        """Return whether things of this business unit may be seen; None belongs to everybody."""
        return self.business_units is None or unit_id is None or unit_id in self.business_units


ANONYMOUS = Actor(ActorKind.ANONYMOUS, None, "Nobody signed in")
SYSTEM = Actor(ActorKind.SYSTEM, None, "Assay", business_units=None)


def require(actor: Actor, rule: AccessRule) -> None:
    """Raise Forbidden unless the rule lets the actor in."""
    if not actor.may(rule):
        raise Forbidden(
            "You do not have the role for this. Ask an administrator if you think you should.",
            details={"rule": str(rule)},
        )
