"""The forms of signing in and of the own account. Passwords are taken exactly as typed."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the stubs
    PasswordField,
    RadioField,
    SelectChoice,
    StringField,
)
from wtforms.validators import InputRequired, Length

from app.identity.addresses import MAX_EMAIL
from app.identity.passwords import MAX_LENGTH, MIN_LENGTH
from app.mail.addresses import MAX_NAME
from app.web.forms import Form, trimmed
from app.web.templating import LOCALES

_NEW_PASSWORD = {"autocomplete": "new-password"}
_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
_NEW_PASSWORD_HINT = _l(
    "%(least)d characters or more. Four words that have nothing to do with each other are "
    "strong and easy to keep. Signs and capitals are welcome and not asked for.",
    least=MIN_LENGTH,
)


def _email(label: Any, **render: str) -> StringField:
    return StringField(
        label,
        filters=[trimmed],
        validators=[
            InputRequired(_l("Enter the mail address, for example name@example.org.")),
            Length(max=MAX_EMAIL, message=_l("Enter one mail address.")),
        ],
        render_kw={"type": "email", "autocapitalize": "none", "spellcheck": "false", **render},
    )


def _name() -> StringField:
    return StringField(
        _l("Your name"),
        filters=[trimmed],
        description=_l("As colleagues and vendors should read it."),
        validators=[
            InputRequired(_l("Enter your name.")),
            Length(
                max=MAX_NAME,
                message=_l("Shorten the name to %(most)d characters or fewer.", most=MAX_NAME),
            ),
        ],
        render_kw={"autocomplete": "name"},
    )


def _new_password(label: Any) -> PasswordField:
    # Length is judged by the rules for passwords, whose sentence helps more.
    return PasswordField(
        label,
        description=_NEW_PASSWORD_HINT,
        validators=[InputRequired(_l("Enter a password."))],
        render_kw=_NEW_PASSWORD,
    )


def _present_password(label: Any) -> PasswordField:
    return PasswordField(
        label,
        validators=[
            InputRequired(_l("Enter your password.")),
            # Nobody has a longer one, and hashing has its price.
            Length(max=MAX_LENGTH, message=_l("This is longer than any password here.")),
        ],
        render_kw={"autocomplete": "current-password"},
    )


def _code(label: Any, description: Any) -> StringField:
    return StringField(
        label,
        filters=[trimmed],
        description=description,
        validators=[
            InputRequired(_l("Enter the code.")),
            Length(max=40, message=_l("Enter the code as it is shown, nothing else.")),
        ],
        render_kw=_CODE,
    )


class SignInForm(Form):
    """Mail address and password."""

    email = _email(_l("Mail address"), autocomplete="username")
    password = _present_password(_l("Password"))


class SecondFactorForm(Form):
    """The code of the app, or a recovery code in its place."""

    code = _code(
        _l("Code"),
        _l("Six digits from your authenticator app. Without it, type one of your recovery codes."),
    )


class ForgotForm(Form):
    """Where to send the link."""

    email = _email(_l("Mail address"), autocomplete="username")


class ResetForm(Form):
    """A new password after the link."""

    password = _new_password(_l("New password"))


class AcceptForm(Form):
    """What an invited person adds."""

    name = _name()
    password = _new_password(_l("Password"))


class FirstAdministratorForm(Form):
    """Who the first administrator is."""

    name = _name()
    email = _email(_l("Your mail address"), autocomplete="username")
    password = _new_password(_l("Password"))


class ConfirmForm(Form):
    """The password once more."""

    password = _present_password(_l("Your password"))


class ConfirmWithCodeForm(ConfirmForm):
    """The password and a code once more."""

    code = _code(_l("Code"), _l("Six digits from your authenticator app, or a recovery code."))


class ProfileForm(Form):
    """Name, language, theme."""

    name = _name()
    locale = RadioField(
        _l("Language"),
        validators=[InputRequired(_l("Choose a language."))],
        choices=[SelectChoice(value=code, label=name) for code, name in LOCALES.items()],
    )
    theme = RadioField(
        _l("Light or dark"),
        validators=[InputRequired(_l("Choose one of the three."))],
        choices=[
            SelectChoice(value="auto", label=_l("As on this device")),
            SelectChoice(value="light", label=_l("Light")),
            SelectChoice(value="dark", label=_l("Dark")),
        ],
    )


class PasswordForm(Form):
    """The present password and a new one."""

    present = _present_password(_l("Your password now"))
    password = _new_password(_l("New password"))


class EmailForm(Form):
    """The new address."""

    email = _email(_l("New mail address"), autocomplete="email")


class CodeForm(Form):
    """The first code of a new second factor."""

    code = _code(_l("Code"), _l("The six digits that the app shows now."))


class ActForm(Form):
    """Nothing but the token: for acts that are one button."""
