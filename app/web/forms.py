"""The base of all forms: token, trimmed text, errors of the rules beside their fields."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, Field

from app.kernel.errors import DomainError
from app.web.form_words import FormWords


def trimmed(value: str | None) -> str | None:
    """Return text without the blanks around it that people paste along; a filter for fields."""
    return value.strip() if value else value


class DayField(DateField):
    """A day; what is none is answered with a sentence that shows how to write one."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the day as the browser sends it."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Enter a day such as 2026-11-30.")) from None


class Form(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """A form with the session's token. `field.description` is the hint above the control."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # flask-wtf has no types
        """Messages in our words."""

        def get_translations(self, _form: object) -> FormWords:
            """Return the words for messages of fields and validators."""
            return FormWords()

    def add_error(self, error: DomainError) -> None:
        """Show what a service refused: beside the field it names, or on top of the form."""
        field = self._fields.get(error.field) if error.field else None
        if field is None:
            self.form_errors.append(error.message)
        else:
            field.errors = [*field.errors, error.message]

    def error_list(self) -> list[tuple[str, str]]:
        """Return (id of the control, sentence) for the error summary, in the form's order."""
        found = [("", str(text)) for text in self.form_errors]
        for field in self._fields.values():
            found += [(_target(field), str(text)) for text in _flat(field.errors)]
        return found


def _target(field: Field) -> str:
    """Return the id to jump to: of a group its first control."""
    if field.type in ("RadioField", "SelectMultipleField", "CheckboxGroupField"):
        return f"{field.id}-0"
    return str(field.id)


def _flat(errors: Any) -> list[Any]:
    if isinstance(errors, dict):
        return [text for value in errors.values() for text in _flat(value)]
    if isinstance(errors, list | tuple):
        return [text for value in errors for text in _flat(value)]
    return [errors]
