"""Words for what the audit trail says about people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

VERBS = {
    "account.invited": _l("invited"),
    "account.invited_again": _l("invited again"),
    "account.accepted": _l("accepted the invitation"),
    "account.first_administrator_created": _l("became the first administrator"),
    "first_administrator.link_made": _l("made a link for the first administrator"),
    "account.roles_changed": _l("changed the roles"),
    "account.units_changed": _l("changed the business units"),
    "account.disabled": _l("disabled the account"),
    "account.enabled": _l("enabled the account"),
    "account.signed_in": _l("signed in"),
    "account.password_accepted": _l("typed the password; the code is next"),
    "account.sign_in_refused": _l("was refused at sign-in"),
    "account.signed_out": _l("signed out"),
    "account.confirmed": _l("confirmed with the password"),
    "account.confirmation_refused": _l("typed a wrong password to confirm"),
    "account.reset_asked": _l("asked for a new password"),
    "account.password_reset": _l("set a new password by mail"),
    "account.password_changed": _l("changed the password"),
    "account.email_change_asked": _l("asked to change the mail address"),
    "account.email_changed": _l("changed the mail address"),
    "account.profile_changed": _l("changed the profile"),
    "second_factor.started": _l("began to set up the second factor"),
    "second_factor.turned_on": _l("turned on the second factor"),
    "second_factor.turned_off": _l("turned off the second factor"),
    "second_factor.reset": _l("reset the second factor"),
    "second_factor.refused": _l("was refused a code"),
    "second_factor.recovery_used": _l("used a recovery code"),
    "second_factor.recovery_replaced": _l("made new recovery codes"),
    "session.revoked": _l("ended a session"),
    "business_unit.created": _l("made the business unit"),
    "business_unit.renamed": _l("renamed the business unit"),
    "business_unit.archived": _l("archived the business unit"),
    "business_unit.restored": _l("restored the business unit"),
}

FIELDS = {
    "email": _l("mail address"),
    "name": _l("name"),
    "roles": _l("roles"),
    "units": _l("business units"),
    "sees_all_units": _l("sees all units"),
    "state": _l("state"),
    "device": _l("device"),
    "address": _l("network address"),
    "reason": _l("reason"),
    "session": _l("session"),
    "mail_digest": _l("digest of the mail address"),
    "sent": _l("mail sent"),
    "language": _l("language"),
    "theme": _l("theme"),
}

SUBJECTS = {"account": _l("Person"), "business_unit": _l("Business unit")}
