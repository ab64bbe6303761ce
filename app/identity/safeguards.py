"""What must hold whatever an administrator does; the checks that need the database."""

from __future__ import annotations

import uuid
from collections.abc import Collection

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.roles import Role
from app.identity.addresses import key_of
from app.identity.lifecycle import AccountState
from app.identity.models import BusinessUnit, RoleGrant, StaffAccount
from app.kernel.errors import Conflict, DomainError


def keep_an_administrator(session: Session, account: StaffAccount) -> None:
    """Raise Conflict when, without this account, nobody would be left to manage the portal.

    Counted are active administrators without an end date who see all units. The rows are
    locked first and counted in a second statement, which sees what others committed
    while this one waited: of two who go at once, one stays.
    """
    is_lasting = sa.and_(RoleGrant.role == Role.ADMINISTRATOR, RoleGrant.ends_on.is_(None))
    session.execute(
        sa.select(RoleGrant.account_id)
        .where(is_lasting)
        .order_by(RoleGrant.account_id)
        .with_for_update()
    ).all()
    lasting = set(
        session.scalars(
            sa.select(RoleGrant.account_id)
            .join(StaffAccount, StaffAccount.id == RoleGrant.account_id)
            .where(
                is_lasting,
                StaffAccount.state == AccountState.ACTIVE,
                StaffAccount.sees_all_units.is_(True),
            )
        )
    )
    if lasting == {account.id}:
        raise Conflict(
            _(
                "This is the last administrator. Make somebody else an administrator without an "
                "end date who sees all units first."
            ),
            code="last_administrator",
        )


def check_free(session: Session, email: str) -> None:
    """Raise Conflict on `email` when an account has this address; the constraint decides races."""
    taken = session.scalar(
        sa.select(StaffAccount.id).where(StaffAccount.email_key == key_of(email))
    )
    if taken is not None:
        raise Conflict(
            _("There is an account with this mail address already. Look for it in the list."),
            field="email",
        )


def check_version(account: StaffAccount, version: int | None) -> None:
    """Raise Conflict when somebody changed the account since the form was shown."""
    if version is not None and version != account.version:
        raise Conflict(
            _(
                "Somebody else changed this account while you had it open. Reload the page, look "
                "at the change and try again; nothing of theirs was overwritten."
            ),
            code="stale",
        )


def units_by_id(
    session: Session,
    actor: Actor,
    unit_ids: Collection[uuid.UUID],
    *,
    held: Collection[BusinessUnit] = (),
) -> list[BusinessUnit]:
    """Return business units in use, or archived but `held` already.

    Raises DomainError on `units` for any other.
    """
    wanted = set(unit_ids)
    kept = {unit.id for unit in held}
    found = [
        unit
        for unit in session.scalars(sa.select(BusinessUnit).where(BusinessUnit.id.in_(wanted)))
        if actor.sees_unit(unit.id) and (unit.archived_at is None or unit.id in kept)
    ]
    if len(found) != len(wanted):
        raise DomainError(
            _("Choose from the units in the list; one of these is not in use any more."),
            code="unit_unknown",
            field="units",
        )
    return found
