"""States of a staff account and the moves between them. Pure."""

from __future__ import annotations

import enum

from app.kernel.transitions import Transitions


class AccountState(enum.StrEnum):
    """Where an account stands. Only an active one can sign in."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class AccountAction(enum.StrEnum):
    """What can be done to an account as a whole."""

    ACCEPT = "accept"
    INVITE_AGAIN = "invite_again"
    DISABLE = "disable"
    ENABLE = "enable"


ACCOUNT = Transitions(
    "account",
    {
        (AccountState.INVITED, AccountAction.ACCEPT): AccountState.ACTIVE,
        (AccountState.INVITED, AccountAction.INVITE_AGAIN): AccountState.INVITED,
        (AccountState.INVITED, AccountAction.DISABLE): AccountState.DISABLED,
        (AccountState.ACTIVE, AccountAction.DISABLE): AccountState.DISABLED,
        # Only for an account that has a password; one that was never accepted is invited again.
        (AccountState.DISABLED, AccountAction.ENABLE): AccountState.ACTIVE,
        (AccountState.DISABLED, AccountAction.INVITE_AGAIN): AccountState.INVITED,
    },
)


def account_actions(state: AccountState, *, has_password: bool) -> list[AccountAction]:
    """Return what can be done to an account: buttons are drawn from it.

    A disabled account is enabled when its person once accepted, else invited again.
    """
    closed = {
        AccountState.DISABLED: {
            AccountAction.INVITE_AGAIN if has_password else AccountAction.ENABLE
        }
    }
    return [action for action in ACCOUNT.actions(state) if action not in closed.get(state, set())]


class LinkPurpose(enum.StrEnum):
    """What a one-time link is good for; one made for one purpose opens nothing else."""

    INVITATION = "invitation"
    RESET = "reset"
    FIRST_ADMINISTRATOR = "first_administrator"
    EMAIL_CHANGE = "email_change"


class EndReason(enum.StrEnum):
    """Why a session was ended before its time."""

    SIGNED_OUT = "signed_out"
    ENDED_BY_PERSON = "ended_by_person"
    ENDED_BY_ADMINISTRATOR = "ended_by_administrator"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason, not a password
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    ACCOUNT_DISABLED = "account_disabled"
    BACKUP_RESTORED = "backup_restored"
