"""Roles and the permissions they hold: the one readable table (see docs/access-matrix.md)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping

from app.access.permissions import Permission as P


class Role(enum.StrEnum):
    """A role given to a staff account; one person may have several."""

    COLLEAGUE = "colleague"
    PROCUREMENT = "procurement"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    GOVERNANCE_LEAD = "governance_lead"
    RISK_OWNER = "risk_owner"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


PERMISSIONS: Mapping[Role, frozenset[P]] = {
    Role.COLLEAGUE: frozenset(),
    Role.PROCUREMENT: frozenset(),
    Role.REVIEWER: frozenset(),
    Role.APPROVER: frozenset(),
    Role.GOVERNANCE_LEAD: frozenset({P.PEOPLE_READ, P.AUDIT_READ}),
    Role.RISK_OWNER: frozenset(),
    Role.AUDITOR: frozenset({P.PEOPLE_READ, P.AUDIT_READ}),
    Role.ADMINISTRATOR: frozenset(
        {
            P.PEOPLE_READ,
            P.PEOPLE_MANAGE,
            P.BUSINESS_UNITS_MANAGE,
            P.AUDIT_READ,
            P.MAIL_READ,
            P.MAIL_MANAGE,
            P.JOBS_READ,
            P.JOBS_MANAGE,
            P.FILES_READ,
            P.FILES_MANAGE,
        }
    ),
}

READ_ONLY = frozenset({Role.AUDITOR})
"""Roles that change nothing; a role of this kind always has an end date."""


def permissions_of(roles: Iterable[Role]) -> frozenset[P]:
    """Return all permissions that the roles hold together."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))
