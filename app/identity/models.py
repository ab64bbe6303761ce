"""Tables of people and access."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import READ_ONLY, Role
from app.db.base import Base, Identified, Stamped, Versioned
from app.db.constraints import explain
from app.db.types import CanonicalJson, state_column
from app.identity.lifecycle import AccountState, EndReason, LinkPurpose
from app.kernel import clock

MAX_UNIT_NAME = 120
_READ_ONLY = ", ".join(f"'{role.value}'" for role in sorted(READ_ONLY))


class BusinessUnit(Base, Identified, Stamped, Versioned):
    """A part of the organisation; people see what belongs to their units."""

    __tablename__ = "business_unit"

    name: Mapped[str] = mapped_column(sa.String(MAX_UNIT_NAME))
    name_key: Mapped[str] = mapped_column(sa.String(400), unique=True)
    archived_at: Mapped[dt.datetime | None]


explain(
    "uq_business_unit_name_key",
    "There is a business unit with this name already. Choose another name.",
    field="name",
)

staff_account_unit = sa.Table(
    "staff_account_unit",
    Base.metadata,
    sa.Column("account_id", sa.Uuid(), sa.ForeignKey("staff_account.id"), primary_key=True),
    sa.Column("unit_id", sa.Uuid(), sa.ForeignKey("business_unit.id"), primary_key=True),
    sa.Index("ix_staff_account_unit_unit_id", "unit_id", "account_id"),
)


class StaffAccount(Base, Identified, Stamped, Versioned):
    """A person of the organisation who signs in.

    `email_key` and `name_key` are the forms for comparing and sorting. `totp_seed` is
    sealed; it counts only once `totp_confirmed_at` is set. `changed_at` moves with every
    change that an administrator can make, so that `version` rises with roles and units too.
    """

    __tablename__ = "staff_account"

    email: Mapped[str] = mapped_column(sa.String(254))
    email_key: Mapped[str] = mapped_column(sa.String(400), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    name_key: Mapped[str] = mapped_column(sa.String(800))
    state: Mapped[AccountState] = mapped_column(
        state_column(AccountState), default=AccountState.INVITED
    )
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    password_changed_at: Mapped[dt.datetime | None]
    sees_all_units: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str] = mapped_column(sa.String(10))
    theme: Mapped[str] = mapped_column(sa.String(10), default="auto")
    totp_seed: Mapped[str | None] = mapped_column(sa.String(400))
    totp_confirmed_at: Mapped[dt.datetime | None]
    totp_last_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    last_signed_in_at: Mapped[dt.datetime | None]
    changed_at: Mapped[dt.datetime] = mapped_column(default=clock.now)

    grants: Mapped[list[RoleGrant]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="RoleGrant.role"
    )
    units: Mapped[list[BusinessUnit]] = relationship(
        secondary=staff_account_unit, lazy="selectin", order_by="BusinessUnit.name_key"
    )

    __table_args__ = (
        sa.CheckConstraint(
            "state <> 'active' OR password_hash IS NOT NULL", name="active_has_password"
        ),
        sa.CheckConstraint(
            "state <> 'invited' OR password_hash IS NULL", name="invited_has_no_password"
        ),
        sa.CheckConstraint(
            "totp_confirmed_at IS NULL OR totp_seed IS NOT NULL", name="factor_has_seed"
        ),
        sa.CheckConstraint("theme IN ('auto', 'light', 'dark')", name="theme"),
        sa.Index("ix_staff_account_name_key", "name_key", "id"),
        sa.Index("ix_staff_account_state", "state", "name_key", "id"),
    )

    @property
    def has_second_factor(self) -> bool:
        """Return whether a code is asked at sign-in."""
        return self.totp_confirmed_at is not None


explain(
    "uq_staff_account_email_key",
    "There is an account with this mail address already. Look for it in the list of people.",
    field="email",
)


class RoleGrant(Base):
    """A role of an account, until the end of `ends_on` in the zone of the portal."""

    __tablename__ = "role_grant"

    account_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("staff_account.id"), primary_key=True
    )
    role: Mapped[Role] = mapped_column(state_column(Role), primary_key=True)
    ends_on: Mapped[dt.date | None] = mapped_column(sa.Date)
    granted_at: Mapped[dt.datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        sa.CheckConstraint(
            f"role NOT IN ({_READ_ONLY}) OR ends_on IS NOT NULL", name="reader_has_end"
        ),
        sa.Index("ix_role_grant_role", "role", "account_id"),
    )


explain("ck_role_grant_reader_has_end", "Choose the date on which the auditor's access ends.")


class StaffSession(Base, Identified, Stamped):
    """A browser that is signed in. The cookie holds the secret, the table its SHA-256 only.

    A session with `second_factor_pending` opens nothing but the page that asks for the code.
    `confirmed_at` is when the person last proved who they are.
    """

    __tablename__ = "staff_session"

    account_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("staff_account.id"))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    last_seen_at: Mapped[dt.datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[dt.datetime]
    second_factor_pending: Mapped[bool] = mapped_column(default=False)
    confirmed_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]
    revoked_reason: Mapped[EndReason | None] = mapped_column(state_column(EndReason))
    device: Mapped[str] = mapped_column(sa.String(120))
    address: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = (
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revoked_has_reason"
        ),
        sa.Index("ix_staff_session_account_id", "account_id", "last_seen_at"),
        sa.Index("ix_staff_session_expires_at", "expires_at"),
    )


class RecoveryCode(Base, Identified, Stamped):
    """A code that stands in for the second factor once; only its slow hash is kept."""

    __tablename__ = "recovery_code"

    account_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("staff_account.id"))
    lookup: Mapped[str] = mapped_column(sa.String(8))
    code_hash: Mapped[str] = mapped_column(sa.String(200))
    used_at: Mapped[dt.datetime | None]

    __table_args__ = (sa.UniqueConstraint("account_id", "lookup"),)


class OneTimeLink(Base, Identified, Stamped):
    """A link that works once, for one purpose, for a while. `email` is the address to change to."""

    __tablename__ = "one_time_link"

    purpose: Mapped[LinkPurpose] = mapped_column(state_column(LinkPurpose))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    account_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("staff_account.id"), index=True
    )
    email: Mapped[str | None] = mapped_column(sa.String(254))
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    used_at: Mapped[dt.datetime | None]

    __table_args__ = (
        sa.CheckConstraint(
            "(purpose = 'first_administrator') = (account_id IS NULL)", name="whose"
        ),
        sa.CheckConstraint("(purpose = 'email_change') = (email IS NOT NULL)", name="to_where"),
    )


class Throttle(Base):
    """The recent tries of one bucket (an account, a caller), in milliseconds, oldest first.

    The row is locked while it is read and written, so that parallel tries in several
    processes count one after another.
    """

    __tablename__ = "throttle"

    bucket: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    marks: Mapped[list[int]] = mapped_column(CanonicalJson)
    told_at: Mapped[dt.datetime | None]
    """When this bucket was last found full; the audit trail is told once per filling."""
    forget_after: Mapped[dt.datetime] = mapped_column(index=True)


class RateLimitWindow(Base):
    """A counter of the rate limits that routes name; see `limits_storage`."""

    __tablename__ = "rate_limit_window"

    key: Mapped[str] = mapped_column(sa.String(400), primary_key=True)
    hits: Mapped[int] = mapped_column(sa.BigInteger)
    ends_at: Mapped[dt.datetime] = mapped_column(index=True)


ACCOUNT_STATE_LABELS = {
    AccountState.INVITED: _("Invited"),
    AccountState.ACTIVE: _("Active"),
    AccountState.DISABLED: _("Disabled"),
}
