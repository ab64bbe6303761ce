"""Forms of the Files page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from app.web.forms import Form, trimmed


class UploadForm(Form):
    """One file, to see that the store works."""

    file = FileField(
        _l("File"), validators=[FileRequired(_l("Choose the file that you want to upload."))]
    )


class HoldForm(Form):
    """Why a file is held back."""

    reason = TextAreaField(
        _l("Why is it held back?"),
        description=_l("Whoever asks for the file is told to ask an administrator; you see this."),
        filters=[trimmed],
        validators=[
            InputRequired(_l("Say why this file is held back; others will ask.")),
            Length(max=200, message=_l("Say it in 200 characters or fewer.")),
        ],
    )
