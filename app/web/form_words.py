"""Our words in place of WTForms' own: what to do, not that something is invalid."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln

_SENTENCES: Mapping[str, LazyString] = {
    "This field is required.": _l("Fill this in."),
    "Invalid input.": _l("Change this: it is not in the form that the hint shows."),
    "Invalid email address.": _l("Enter a mail address, for example ada@example.org."),
    "Invalid URL.": _l("Enter a full address, for example https://example.org."),
    "Not a valid choice.": _l("Choose one of the options shown."),
    "Invalid Choice: could not coerce.": _l("Choose one of the options shown."),
    "Not a valid date value.": _l("Enter a date, for example 2026-12-03."),
    "Not a valid datetime value.": _l("Enter a date and time, for example 2026-12-03 14:30."),
    "Not a valid time value.": _l("Enter a time, for example 14:30."),
    "Not a valid integer value.": _l("Enter a whole number, for example 30."),
    "Not a valid decimal value.": _l("Enter a number, for example 2.5."),
    "Not a valid float value.": _l("Enter a number, for example 2.5."),
    "Field must be equal to %(other_name)s.": _l("Enter the same in both fields."),
    "Number must be at least %(min)s.": _l("Enter %(min)s or more."),
    "Number must be at most %(max)s.": _l("Enter %(max)s or less."),
    "Number must be between %(min)s and %(max)s.": _l(
        "Enter a number from %(min)s to %(max)s."
    ),
}  # fmt: skip

_SHORTENED = "Field cannot be longer than %(max)d characters."
_LENGTHENED = "Field must be at least %(min)d characters long."
_BETWEEN = "Field must be between %(min)d and %(max)d characters long."


class FormWords:
    """What WTForms asks for its messages; texts that it does not know pass unchanged."""

    def gettext(self, text: str) -> str:
        """Return our sentence for a message, with the placeholders kept as they are."""
        found = _SENTENCES.get(text)
        return text if found is None else str(found)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return our sentence for a message about lengths."""
        if plural == _SHORTENED:
            return str(
                _ln(
                    "Shorten this to %(num)d character or less.",
                    "Shorten this to %(num)d characters or less.",
                    number,
                )
            )
        if plural == _LENGTHENED:
            return str(
                _ln(
                    "Enter %(num)d character or more.",
                    "Enter %(num)d characters or more.",
                    number,
                )
            )
        if plural == _BETWEEN:
            return str(_l("Enter from %(min)d to %(max)d characters."))
        return singular if number == 1 else plural
