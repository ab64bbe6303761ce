"""What administration asks about people beside the lists of identity."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.access.actor import Actor, require
from app.access.permissions import Permission
from app.access.roles import Role
from app.identity.lifecycle import AccountState
from app.identity.models import RoleGrant, StaffAccount, staff_account_unit


@dataclass(frozen=True, slots=True)
class EndingRole:
    """A role of a person with its last day."""

    account_id: uuid.UUID
    name: str
    role: Role
    ends_on: dt.date | None


def roles_that_end(
    session: Session, actor: Actor, since: dt.date, until: dt.date, *, limit: int = 20
) -> list[EndingRole]:
    """Return roles of other people whose last day lies in a span, both days included.

    Soonest first, only people whom the actor sees and who may sign in. Raises Forbidden.
    """
    require(actor, Permission.PEOPLE_READ)
    statement = (
        sa.select(RoleGrant.account_id, StaffAccount.name, RoleGrant.role, RoleGrant.ends_on)
        .join(StaffAccount, StaffAccount.id == RoleGrant.account_id)
        .where(
            RoleGrant.ends_on.between(since, until),
            StaffAccount.state != AccountState.DISABLED,
            StaffAccount.id != actor.id,
        )
        .order_by(RoleGrant.ends_on, StaffAccount.name_key, RoleGrant.role)
        .limit(limit)
    )
    if actor.business_units is not None:
        member = staff_account_unit.c
        statement = statement.where(
            sa.exists().where(
                member.account_id == StaffAccount.id, member.unit_id.in_(actor.business_units)
            )
        )
    return [EndingRole(*row) for row in session.execute(statement)]
