"""The frame of a person's pages: who may be looked at, the tabs, the roles in words."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _

from app.access.permissions import Permission
from app.access.roles import Role
from app.admin.people import labels
from app.identity import queries
from app.identity.lifecycle import AccountAction, account_actions
from app.identity.models import RoleGrant, StaffAccount
from app.kernel import clock
from app.kernel.errors import Forbidden
from app.web.formatting import zone
from app.web.labels import ROLE_HINTS, ROLE_LABELS
from app.web.request import current_actor, current_session
from app.web.templating import page


@dataclass(frozen=True, slots=True)
class RoleShown:
    """A role of a person in words; `ended` when its last day has passed."""

    label: str
    hint: str
    ends_on: Any
    ended: bool


def account_of(account_id: uuid.UUID) -> StaffAccount:
    """Return an account that the reader may see. Raises NotFound for all others."""
    return queries.get_account(current_session(), current_actor(), account_id)


def other_account(account_id: uuid.UUID) -> StaffAccount:
    """Return an account that is not the reader's own. Raises Forbidden for that one."""
    account = account_of(account_id)
    if account.id == current_actor().id:
        raise Forbidden(
            _(
                "Nobody changes his own account here, so that there are always two people to a "
                "change of access. Ask another administrator."
            )
        )
    return account


def actions_of(account: StaffAccount) -> list[AccountAction]:
    """Return what can be done to an account as it stands."""
    return account_actions(account.state, has_password=account.password_hash is not None)


def shown_roles(grants: Sequence[RoleGrant]) -> list[RoleShown]:
    """Return the roles in words, in the order of the table."""
    today = clock.today(zone())
    by_role = {grant.role: grant for grant in grants}
    return [
        RoleShown(
            label=str(ROLE_LABELS[role]),
            hint=str(ROLE_HINTS[role]),
            ends_on=by_role[role].ends_on,
            ended=(day := by_role[role].ends_on) is not None and day < today,
        )
        for role in Role
        if role in by_role
    ]


def person_page(tab: str, account: StaffAccount, **facts: Any) -> Response:
    """Return one tab of a person's page with what the reader may do there."""
    actor = current_actor()
    is_own = actor.id == account.id
    may_change = actor.may(Permission.PEOPLE_MANAGE) and not is_own
    actions = actions_of(account) if may_change else []
    return page(
        f"admin/people/{tab}.html",
        account=account,
        look=labels.LOOKS[account.state],
        tabs=_tabs(tab, account),
        is_own=is_own,
        may_change=may_change,
        may_invite_again=AccountAction.INVITE_AGAIN in actions,
        may_disable=AccountAction.DISABLE in actions,
        may_enable=AccountAction.ENABLE in actions,
        **facts,
    )


def _tabs(current: str, account: StaffAccount) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "href": url_for(f".{endpoint}", account_id=account.id),
            "current": current == name,
        }
        for name, endpoint, label in (
            ("overview", "show", _("Overview")),
            ("access", "access", _("Roles and units")),
            ("sessions", "sessions", _("Sessions")),
            ("history", "history", _("History")),
        )
    ]
