"""Roles and the permissions they hold: the one readable table (see docs/access-matrix.md)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping

from app.access.permissions import Permission


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


PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.COLLEAGUE: frozenset(),
    Role.PROCUREMENT: frozenset(),
    Role.REVIEWER: frozenset(),
    Role.APPROVER: frozenset(),
    Role.GOVERNANCE_LEAD: frozenset({Permission.PEOPLE_READ, Permission.AUDIT_READ}),
    Role.RISK_OWNER: frozenset(),
    Role.AUDITOR: frozenset({Permission.PEOPLE_READ, Permission.AUDIT_READ}),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.PEOPLE_READ,
            Permission.PEOPLE_MANAGE,
            Permission.BUSINESS_UNITS_MANAGE,
            Permission.AUDIT_READ,
            Permission.MAIL_READ,
            Permission.MAIL_MANAGE,
            Permission.JOBS_READ,
            Permission.JOBS_MANAGE,
            Permission.FILES_READ,
            Permission.FILES_MANAGE,
        }
    ),
}

READ_ONLY = frozenset({Role.AUDITOR})
"""Roles that change nothing; a role of this kind always has an end date."""


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return all permissions that the roles hold together."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))
