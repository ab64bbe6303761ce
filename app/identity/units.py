"""What administrators do with business units. Everything in the caller's transaction."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access.actor import Actor, require
from app.access.permissions import Permission
from app.audit.recorder import Values, record
from app.identity.addresses import key_of
from app.identity.models import MAX_UNIT_NAME, BusinessUnit
from app.kernel import clock
from app.kernel.errors import Conflict, DomainError, Forbidden
from app.mail.addresses import one_line


def create_unit(session: Session, actor: Actor, name: str) -> BusinessUnit:
    """Make a business unit. Raises DomainError on `name`, Conflict when the name is taken."""
    require(actor, Permission.BUSINESS_UNITS_MANAGE)
    if actor.business_units is not None:
        raise Forbidden(_("Only an administrator who sees all units can make new ones."))
    text = _unit_name(session, name)
    unit = BusinessUnit(name=text, name_key=key_of(text))
    session.add(unit)
    session.flush()
    _note(session, actor, "business_unit.created", unit, after={"name": text})
    return unit


def rename_unit(
    session: Session, actor: Actor, unit: BusinessUnit, name: str, *, version: int | None = None
) -> None:
    """Give a business unit another name. Raises DomainError on `name`, Conflict."""
    _require_unit(actor, unit)
    if version is not None and version != unit.version:
        raise Conflict(
            _("Somebody else changed this unit while you had it open. Reload the page."),
            code="stale",
        )
    before, text = unit.name, _unit_name(session, name, but=unit)
    if before == text:
        return
    unit.name, unit.name_key = text, key_of(text)
    session.flush()
    _note(
        session, actor, "business_unit.renamed", unit, before={"name": before}, after={"name": text}
    )


def archive_unit(session: Session, actor: Actor, unit: BusinessUnit) -> None:
    """Take a business unit out of use; who sees it goes on seeing what belongs to it."""
    _require_unit(actor, unit)
    if unit.archived_at is not None:
        raise Conflict(_("This unit is archived already."))
    unit.archived_at = clock.now()
    session.flush()
    _note(session, actor, "business_unit.archived", unit)


def restore_unit(session: Session, actor: Actor, unit: BusinessUnit) -> None:
    """Take an archived business unit into use again."""
    _require_unit(actor, unit)
    if unit.archived_at is None:
        raise Conflict(_("This unit is in use already."))
    unit.archived_at = None
    session.flush()
    _note(session, actor, "business_unit.restored", unit)


def _require_unit(actor: Actor, unit: BusinessUnit) -> None:
    require(actor, Permission.BUSINESS_UNITS_MANAGE)
    if not actor.sees_unit(unit.id):
        raise Forbidden(_("Ask an administrator who sees this unit."))


def _unit_name(session: Session, name: str, *, but: BusinessUnit | None = None) -> str:
    text = unicodedata.normalize("NFC", one_line(name))
    if not any(char.isalnum() for char in text):
        raise DomainError(_("Enter the name of the unit."), code="name_missing", field="name")
    if len(text) > MAX_UNIT_NAME:
        raise DomainError(
            _("Shorten the name to %(count)d characters or fewer.", count=MAX_UNIT_NAME),
            code="name_long",
            field="name",
        )
    taken = sa.select(BusinessUnit.id).where(BusinessUnit.name_key == key_of(text))
    if but is not None:
        taken = taken.where(BusinessUnit.id != but.id)
    if session.scalar(taken) is not None:
        raise Conflict(
            _("There is a business unit with this name already. Choose another name."),
            field="name",
        )
    return text


def _note(
    session: Session,
    actor: Actor,
    verb: str,
    unit: BusinessUnit,
    *,
    before: Values | None = None,
    after: Values | None = None,
) -> None:
    record(
        session,
        actor,
        verb,
        subject_type="business_unit",
        subject_id=unit.id,
        subject_name=unit.name,
        before=before,
        after=after,
    )
