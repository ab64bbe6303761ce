"""Forms about people: inviting, roles, business units."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the stubs
    EmailField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.access.roles import READ_ONLY, Role
from app.identity.models import MAX_UNIT_NAME, RoleGrant
from app.identity.policies import Roles, in_force
from app.identity.queries import UnitRow
from app.kernel import clock
from app.kernel.errors import DomainError
from app.kernel.ids import parse_id
from app.web.formatting import zone
from app.web.forms import DayField, Form, trimmed
from app.web.labels import ROLE_HINTS, ROLE_LABELS
from app.web.templating import LOCALES

ALL_UNITS, SOME_UNITS = "all", "some"


class _Boxes(SelectMultipleField):
    """Several of a list, each with its own box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PersonPart(Form):
    """Who a new person is."""

    name = StringField(
        _l("Name"),
        validators=[DataRequired(_l("Enter the person's name, for example Jana Reuter."))],
        filters=[trimmed],
        render_kw={"autocomplete": "off"},
    )
    email = EmailField(
        _l("Work mail address"),
        validators=[DataRequired(_l("Enter the mail address that the invitation goes to."))],
        filters=[trimmed],
        description=_l("The invitation goes there. It works once, for seven days."),
        render_kw={"autocomplete": "off"},
    )
    language = RadioField(
        _l("Language of the invitation"),
        choices=[SelectChoice(code, name) for code, name in LOCALES.items()],
        validators=[InputRequired(_l("Choose a language."))],
        description=_l("The person can change it later."),
    )


class RolesForm(Form):
    """The roles of a person, each with an optional last day; `ends` holds the date fields."""

    roles = _Boxes(
        _l("Roles"),
        choices=[SelectChoice(role.value, label) for role, label in ROLE_LABELS.items()],
        description=_l("One person may have several. They hold from the next page on."),
    )
    version = HiddenField()

    def __init__(self, *args: Any, grants: Collection[RoleGrant] = (), **kwargs: Any) -> None:
        """Show the roles that hold today; one that has ended is not ticked."""
        held = in_force(grants, today=clock.today(zone()))
        kwargs.setdefault("data", {})
        kwargs["data"] = {
            "roles": [role.value for role in held],
            **{_end_name(grant.role): grant.ends_on for grant in grants if grant.role in held},
            **kwargs["data"],
        }
        super().__init__(*args, **kwargs)

    @property
    def ends(self) -> dict[str, Any]:
        """Return the date field of each role, by the role's text."""
        return {role.value: self[_end_name(role)] for role in Role}

    @property
    def hints(self) -> Mapping[str, str]:
        """Return what each role may do, for the line under its box."""
        return {role.value: str(hint) for role, hint in ROLE_HINTS.items()}

    def wanted_roles(self) -> Roles:
        """Return the chosen roles with their last days."""
        known = {role.value for role in Role}
        chosen = [Role(value) for value in self.roles.data or () if value in known]
        return {role: self[_end_name(role)].data for role in chosen}

    def wanted_version(self) -> int | None:
        """Return the version of the account that the form showed."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() and len(text) < 10 else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the boxes and, for each chosen role, its last day."""
        is_valid = bool(super().validate(extra_validators))
        today = clock.today(zone())
        if self.roles.errors:
            self.roles.errors = [_("Choose from the roles in the list.")]
        elif not self.roles.data:
            self.roles.errors = [_("Choose at least one role.")]
            is_valid = False
        for role, ends_on in self.wanted_roles().items():
            field = self[_end_name(role)]
            if field.errors:
                continue
            if ends_on is None and role in READ_ONLY:
                field.errors = [_("Enter the last day of the auditor's access.")]
            elif ends_on is not None and ends_on < today:
                field.errors = [_("Enter a day from today on.")]
            is_valid = is_valid and not field.errors
        return is_valid

    def add_error(self, error: DomainError) -> None:
        """Show what a service says of an end date beside the one that must be there."""
        if error.field == "ends_on":
            field = self[_end_name(Role.AUDITOR)]
            field.errors = [*field.errors, error.message]
        else:
            super().add_error(error)


def _end_name(role: Role) -> str:
    return f"ends_{role.value}"


def _add_end_fields(form: type[RolesForm]) -> None:
    for role in Role:
        label = _l("Last day") if role in READ_ONLY else _l("Last day, if it ends")
        setattr(form, _end_name(role), DayField(label, validators=[Optional()]))


_add_end_fields(RolesForm)


class UnitsPart(Form):
    """Which business units a person sees."""

    scope = RadioField(
        _l("What this person sees"),
        choices=[
            SelectChoice(ALL_UNITS, _l("All business units")),
            SelectChoice(SOME_UNITS, _l("Only some business units")),
        ],
        validators=[InputRequired(_l("Choose what this person sees."))],
    )
    units = _Boxes(_l("Business units"), choices=[])

    def offer(self, units: Sequence[UnitRow]) -> None:
        """List the units that may be given."""
        self.units.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]

    def wanted_units(self) -> list[uuid.UUID]:
        """Return the chosen units; none when all are seen."""
        if self.sees_all():
            return []
        return [one for text in self.units.data or () if (one := parse_id(text)) is not None]

    def sees_all(self) -> bool:
        """Return whether all units are seen."""
        return bool(self.scope.data == ALL_UNITS)

    def units_are_chosen(self) -> bool:
        """Return whether the choice is whole; else leave a sentence beside the boxes."""
        if self.scope.data == SOME_UNITS and not self.units.data:
            self.units.errors = [*self.units.errors, _("Choose at least one business unit.")]
            return False
        return True


class UnitsForm(UnitsPart):
    """The business units of a person."""

    version = HiddenField()

    def wanted_version(self) -> int | None:
        """Return the version of the account that the form showed."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() and len(text) < 10 else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the choice and what belongs to it."""
        return bool(super().validate(extra_validators)) and self.units_are_chosen()


class InviteForm(PersonPart, RolesForm, UnitsPart):
    """A new person: who it is, what he may do, what he sees."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Check everything at once, so that all that must change is said at once."""
        is_valid = bool(super().validate(extra_validators))
        return self.units_are_chosen() and is_valid


class UnitNameForm(Form):
    """The name of a business unit."""

    name = StringField(
        _l("Name of the business unit"),
        validators=[DataRequired(_l("Enter the name of the unit, for example Procurement."))],
        filters=[trimmed],
        description=_l("As people in your organisation call it, up to %(count)d characters.",
                       count=MAX_UNIT_NAME),
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    version = HiddenField()

    def wanted_version(self) -> int | None:
        """Return the version of the unit that the form showed."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() and len(text) < 10 else None
