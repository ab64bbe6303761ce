"""Every permission of the product, in one table. A route names one; a role holds some."""

from __future__ import annotations

import enum


class Permission(enum.StrEnum):
    """What a person may do. The text is stable: it stands in the access matrix."""

    PEOPLE_READ = "people.read"
    PEOPLE_MANAGE = "people.manage"
    BUSINESS_UNITS_MANAGE = "business_units.manage"
    AUDIT_READ = "audit.read"
    MAIL_READ = "mail.read"
    MAIL_MANAGE = "mail.manage"
    JOBS_READ = "jobs.read"
    JOBS_MANAGE = "jobs.manage"
    FILES_READ = "files.read"
    FILES_MANAGE = "files.manage"


class OpenTo(enum.StrEnum):
    """Access that asks for no permission, said aloud where the route is registered."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"


PUBLIC = OpenTo.PUBLIC
SIGNED_IN = OpenTo.SIGNED_IN

AccessRule = Permission | OpenTo
