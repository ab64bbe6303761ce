"""What roles allow, and what they never do."""

from __future__ import annotations

import uuid

import pytest

from app.access.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, require
from app.access.permissions import PUBLIC, SIGNED_IN, Permission
from app.access.roles import PERMISSIONS, READ_ONLY, Role
from app.kernel.errors import Forbidden


def staff(*roles: Role, units: frozenset[uuid.UUID] | None = frozenset()) -> Actor:
    return Actor(
        ActorKind.STAFF, uuid.uuid4(), "Ada Byron", roles=frozenset(roles), business_units=units
    )


def test_every_role_is_in_the_table() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_reading_roles_hold_no_permission_that_changes_anything() -> None:
    for role in READ_ONLY:
        assert all(permission.endswith(".read") for permission in PERMISSIONS[role])


def test_anonymous_sees_only_what_is_public() -> None:
    assert ANONYMOUS.may(PUBLIC)
    assert not ANONYMOUS.may(SIGNED_IN)
    assert not any(ANONYMOUS.may(permission) for permission in Permission)


def test_a_colleague_is_signed_in_and_no_more() -> None:
    actor = staff(Role.COLLEAGUE)
    assert actor.may(SIGNED_IN)
    with pytest.raises(Forbidden):
        require(actor, Permission.PEOPLE_MANAGE)


def test_roles_add_up() -> None:
    actor = staff(Role.COLLEAGUE, Role.AUDITOR)
    assert actor.may(Permission.AUDIT_READ)
    assert not actor.may(Permission.PEOPLE_MANAGE)


def test_business_units_limit_what_is_seen() -> None:
    ours, theirs = uuid.uuid4(), uuid.uuid4()
    actor = staff(Role.PROCUREMENT, units=frozenset({ours}))
    assert actor.sees_unit(ours)
    assert actor.sees_unit(None)
    assert not actor.sees_unit(theirs)
    assert staff(Role.AUDITOR, units=None).sees_unit(theirs)
    assert SYSTEM.sees_unit(theirs)


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Ada Byron", "AB"), ("Ada", "A"), ("Ada King Byron", "AB"), ("  ", "?"), ("(x) 3", "?"),
     ("Øyvind Ås", "ØÅ"), ("王 伟", "王伟")],
)  # fmt: skip
def test_initials(name: str, initials: str) -> None:
    assert Actor(ActorKind.STAFF, None, name).initials == initials
