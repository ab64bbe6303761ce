"""Every message that WTForms can show is ours, in both languages, with its numbers."""

from __future__ import annotations

from typing import Any

import pytest
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict
from wtforms import DateField, DecimalField, IntegerField, StringField
from wtforms.validators import Email, InputRequired, Length, NumberRange

from app.web.forms import Form


class Sample(Form):
    """One field of each kind."""

    name = StringField("Name", [InputRequired(), Length(max=3)])
    mail = StringField("Mail", [Email()])
    day = DateField("Day")
    count = IntegerField("Count", [NumberRange(min=1, max=9)])
    share = DecimalField("Share")
    note = StringField("Note", [Length(min=5)])


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({}, "name", "Fill this in."),
        ({"name": "four"}, "name", "Shorten this to 3 characters or less."),
        ({"mail": "x"}, "mail", "Enter a mail address, for example ada@example.org."),
        ({"day": "soon"}, "day", "Enter a date, for example 2026-12-03."),
        ({"count": "many"}, "count", "Enter a whole number, for example 30."),
        ({"count": "10"}, "count", "Enter a number from 1 to 9."),
        ({"share": "half"}, "share", "Enter a number, for example 2.5."),
        ({"note": "x"}, "note", "Enter 5 characters or more."),
    ],
)
def test_messages_say_what_to_do(
    app: Any, values: dict[str, str], field: str, sentence: str
) -> None:
    with app.test_request_context(method="POST"), force_locale("en"):
        form = Sample(MultiDict(values), meta={"csrf": False})
        assert not form.validate()
        assert str(form[field].errors[0]) == sentence
