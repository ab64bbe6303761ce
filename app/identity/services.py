"""What administrators do with people. Everything in the caller's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Collection

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access.actor import Actor, require
from app.access.permissions import Permission
from app.access.roles import Role
from app.audit.recorder import Values
from app.identity import links, notifications
from app.identity.addresses import email_of, key_of, name_of
from app.identity.lifecycle import ACCOUNT, AccountAction, AccountState, EndReason, LinkPurpose
from app.identity.models import RecoveryCode, RoleGrant, StaffAccount
from app.identity.policies import (
    Roles,
    check_not_raising_self,
    check_roles,
    require_grantable_units,
    require_manage,
)
from app.identity.safeguards import check_free, check_version, keep_an_administrator, units_by_id
from app.identity.sessions import end_sessions_of
from app.identity.setup import setup_of
from app.identity.trail import note
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, NotFound


def invite(
    session: Session,
    actor: Actor,
    *,
    email: str,
    name: str,
    roles: Roles,
    unit_ids: Collection[uuid.UUID] = (),
    sees_all_units: bool = False,
    locale: str | None = None,
) -> StaffAccount:
    """Make an account and send its person a link to set a password (7 days, works once).

    `roles` maps each role to its last day, None for no end. Raises DomainError on `email`,
    `name`, `roles`, `ends_on` or `units`; Forbidden for units that the actor does not see.
    """
    require(actor, Permission.PEOPLE_MANAGE)
    setup = setup_of(session)
    address, person = email_of(email), name_of(name)
    check_roles(roles, today=setup.today())
    require_grantable_units(actor, unit_ids, sees_all_units)
    check_free(session, address)
    account = StaffAccount(
        email=address,
        email_key=key_of(address),
        name=person,
        name_key=key_of(person),
        sees_all_units=sees_all_units,
        locale=locale or setup.default_locale,
        grants=[RoleGrant(role=role, ends_on=ends_on) for role, ends_on in roles.items()],
        units=units_by_id(session, actor, unit_ids),
    )
    session.add(account)
    session.flush()
    after = {"email": address, **_access(account)}
    note(session, actor, "account.invited", account, after=after)
    _send_invitation(session, actor, account)
    return account


def resend_invitation(session: Session, actor: Actor, account: StaffAccount) -> None:
    """Send a fresh link; older ones stop working. Also invites a disabled person again.

    Raises Conflict when the person has a password already.
    """
    require_manage(actor, account)
    if account.password_hash is not None:
        raise Conflict(_("This person has accepted already. Enable the account instead."))
    before = account.state
    account.state = ACCOUNT.after(account.state, AccountAction.INVITE_AGAIN)
    account.changed_at = clock.now()
    note(
        session, actor, "account.invited_again", account,
        before={"state": before.value}, after={"state": account.state.value},
    )  # fmt: skip
    _send_invitation(session, actor, account)


def change_roles(
    session: Session,
    actor: Actor,
    account: StaffAccount,
    roles: Roles,
    *,
    version: int | None = None,
) -> None:
    """Give an account exactly these roles (role → last day); they hold from the next request on.

    `version` is the one that the form showed. Raises Forbidden when somebody would raise
    his own roles, Conflict for the last administrator or a stale version, DomainError on
    `roles` or `ends_on`.
    """
    require_manage(actor, account)
    check_version(account, version)
    check_roles(roles, today=setup_of(session).today())
    check_not_raising_self(actor, account, roles)
    if not (Role.ADMINISTRATOR in roles and roles[Role.ADMINISTRATOR] is None):
        keep_an_administrator(session, account)
    before = _access(account)
    held = {grant.role: grant for grant in account.grants}
    for role in held.keys() - roles.keys():
        account.grants.remove(held[role])
    for role, ends_on in roles.items():
        if role in held:
            held[role].ends_on = ends_on
        else:
            account.grants.append(RoleGrant(role=role, ends_on=ends_on))
    _changed(session, actor, account, before, field="roles")


def change_units(
    session: Session,
    actor: Actor,
    account: StaffAccount,
    *,
    unit_ids: Collection[uuid.UUID],
    sees_all_units: bool,
    version: int | None = None,
) -> None:
    """Let an account see exactly these business units, or all.

    Raises Forbidden for units that the actor does not see, Conflict for the last
    administrator who sees all units or a stale version.
    """
    require_manage(actor, account)
    check_version(account, version)
    require_grantable_units(actor, unit_ids, sees_all_units)
    if not sees_all_units:
        keep_an_administrator(session, account)
    before = _access(account)
    account.sees_all_units = sees_all_units
    account.units = units_by_id(session, actor, unit_ids, held=account.units)
    _changed(session, actor, account, before, field="units")


def disable(
    session: Session, actor: Actor, account: StaffAccount, *, version: int | None = None
) -> None:
    """Close an account: its sessions end at once and its links stop working.

    Withdraws the invitation of a person who has not accepted. Raises Forbidden for one's
    own account, Conflict for the last administrator, an account that is closed already or
    a stale version.
    """
    require_manage(actor, account)
    check_version(account, version)
    if actor.id == account.id:
        raise Forbidden(_("Nobody can disable his own account. Ask another administrator."))
    after = ACCOUNT.after(account.state, AccountAction.DISABLE)
    keep_an_administrator(session, account)
    before, account.state = account.state, after
    account.changed_at = clock.now()
    note(
        session, actor, "account.disabled", account,
        before={"state": before.value}, after={"state": after.value},
    )  # fmt: skip
    end_sessions_of(session, actor, account, EndReason.ACCOUNT_DISABLED)
    links.take_back(
        session, account.id, LinkPurpose.INVITATION, LinkPurpose.RESET, LinkPurpose.EMAIL_CHANGE
    )


def enable(
    session: Session, actor: Actor, account: StaffAccount, *, version: int | None = None
) -> None:
    """Open a disabled account again, with the password it had.

    Raises Conflict when it is not disabled, or its person never set a password: then it is
    invited again (`resend_invitation`).
    """
    require_manage(actor, account)
    check_version(account, version)
    if account.state is AccountState.DISABLED and account.password_hash is None:
        raise Conflict(_("This person never set a password. Send the invitation again instead."))
    before = account.state
    account.state = ACCOUNT.after(account.state, AccountAction.ENABLE)
    account.changed_at = clock.now()
    note(
        session, actor, "account.enabled", account,
        before={"state": before.value}, after={"state": account.state.value},
    )  # fmt: skip


def reset_second_factor(session: Session, actor: Actor, account: StaffAccount) -> None:
    """Take the second factor off an account whose person lost it, end its sessions, and tell him.

    Raises Forbidden for one's own account (that is done with a code), Conflict when there
    is none.
    """
    require_manage(actor, account)
    if actor.id == account.id:
        raise Forbidden(_("Turn off your own second factor on your account page."))
    if account.totp_seed is None:
        raise Conflict(_("This person has no second factor set up."))
    remove_second_factor(session, account)
    note(session, actor, "second_factor.reset", account)
    end_sessions_of(session, actor, account, EndReason.SECOND_FACTOR_CHANGED)
    notifications.second_factor_changed(session, actor, account, notifications.FACTOR_RESET)


def end_sessions(
    session: Session, actor: Actor, account: StaffAccount, session_id: uuid.UUID | None = None
) -> int:
    """End one open session of a person, or all; return how many.

    Raises NotFound when the one is not (or no longer) an open session of this person.
    """
    require_manage(actor, account)
    ended = end_sessions_of(
        session, actor, account, EndReason.ENDED_BY_ADMINISTRATOR, only=session_id
    )
    if session_id is not None and not ended:
        raise NotFound(_("This session has ended already."))
    return ended


def remove_second_factor(session: Session, account: StaffAccount) -> None:
    """Forget the seed and the recovery codes of an account."""
    account.totp_seed = account.totp_confirmed_at = account.totp_last_step = None
    account.changed_at = clock.now()
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def _send_invitation(session: Session, actor: Actor, account: StaffAccount) -> None:
    token, until = links.issue(session, LinkPurpose.INVITATION, account.id)
    notifications.invitation(session, actor, account, token, until)


def _access(account: StaffAccount) -> dict[str, str | int | bool | list[str] | None]:
    """Return roles and units as the audit trail keeps them."""
    return {
        "roles": sorted(
            f"{grant.role.value} until {grant.ends_on.isoformat()}"
            if grant.ends_on
            else grant.role.value
            for grant in account.grants
        ),
        "units": sorted(unit.name for unit in account.units),
        "sees_all_units": account.sees_all_units,
    }


def _changed(
    session: Session, actor: Actor, account: StaffAccount, before: Values, *, field: str
) -> None:
    """Note a change of access, when there is one, and raise the version."""
    after = _access(account)
    if before == after:
        return
    account.changed_at = clock.now()
    names = [field] if field == "roles" else [field, "sees_all_units"]
    note(
        session, actor, f"account.{field}_changed", account,
        before={name: before[name] for name in names},
        after={name: after[name] for name in names},
    )  # fmt: skip
    session.flush()
