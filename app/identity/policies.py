"""Who may do what to whom. The database is asked elsewhere; these look at what was loaded."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping

from flask_babel import gettext as _

from app.access.actor import Actor, require
from app.access.permissions import Permission
from app.access.roles import READ_ONLY, Role
from app.identity.models import RoleGrant, StaffAccount
from app.kernel.errors import DomainError, Forbidden, NotFound

Roles = Mapping[Role, dt.date | None]
"""Roles of an account with the last day of each, None for no end."""


def sees_account(actor: Actor, account_id: uuid.UUID, unit_ids: Collection[uuid.UUID]) -> bool:
    """Return whether an actor may see a person: himself, and who shares a unit with him.

    Who sees all units sees everybody. People without a unit, and those who see all units,
    are seen by those only.
    """
    if actor.business_units is None or actor.id == account_id:
        return True
    return not actor.business_units.isdisjoint(unit_ids)


def require_manage(actor: Actor, account: StaffAccount) -> None:
    """Raise unless the actor may change this person: an administrator whose units hold all of his.

    Raises Forbidden without the role, NotFound for a person outside of his sight.
    """
    require(actor, Permission.PEOPLE_MANAGE)
    units = {unit.id for unit in account.units}
    if not sees_account(actor, account.id, units):
        raise NotFound(_("There is no such account."))
    if actor.business_units is not None and (
        account.sees_all_units or not units <= actor.business_units
    ):
        raise Forbidden(
            _("This person also belongs to units that you do not see. Ask one who sees them.")
        )


def require_grantable_units(
    actor: Actor, unit_ids: Collection[uuid.UUID], sees_all_units: bool
) -> None:
    """Raise Forbidden when an actor would give more units than he sees himself."""
    if actor.business_units is None:
        return
    if sees_all_units or not set(unit_ids) <= actor.business_units:
        raise Forbidden(_("You can only give units that you see yourself."))


def check_roles(roles: Roles, *, today: dt.date) -> None:
    """Raise DomainError when roles are missing, or an end date is missing or has passed."""
    if not roles:
        raise DomainError(_("Choose at least one role."), code="roles_missing", field="roles")
    for role, ends_on in roles.items():
        if role in READ_ONLY and ends_on is None:
            raise DomainError(
                _("Enter the date on which the auditor's access ends."),
                code="end_missing",
                field="ends_on",
            )
        if ends_on is not None and ends_on < today:
            raise DomainError(
                _("Enter an end date from today on."), code="end_passed", field="ends_on"
            )


def check_not_raising_self(actor: Actor, account: StaffAccount, roles: Roles) -> None:
    """Raise Forbidden when somebody gives himself a role, or more time in one."""
    if actor.id != account.id:
        return
    held = {grant.role: grant.ends_on for grant in account.grants}
    for role, ends_on in roles.items():
        end_held = held.get(role)
        is_more_time = end_held is not None and (ends_on is None or ends_on > end_held)
        if role not in held or is_more_time:
            raise Forbidden(
                _("Nobody can raise his own roles. Ask another administrator to do it.")
            )


def in_force(grants: Collection[RoleGrant], *, today: dt.date) -> frozenset[Role]:
    """Return the roles that hold today; an end date is the last day."""
    return frozenset(
        grant.role for grant in grants if grant.ends_on is None or grant.ends_on >= today
    )
