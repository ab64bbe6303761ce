"""Forms of the Mail page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, StringField
from wtforms.validators import InputRequired, Length

from app.mail.addresses import MAX_NAME
from app.web.forms import Form, trimmed


class ReaddressForm(Form):
    """Who gets the mail in place of the first recipient."""

    name = StringField(
        _l("Name"),
        description=_l("The mail greets this person."),
        filters=[trimmed],
        validators=[Length(max=MAX_NAME, message=_l("Shorten the name to 200 characters."))],
    )
    address = EmailField(
        _l("Mail address"),
        filters=[trimmed],
        validators=[InputRequired(_l("Enter the address that the mail is to go to."))],
    )
