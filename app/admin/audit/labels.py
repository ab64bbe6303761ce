"""Words for what the platform records; see `app.web.verbs`."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

VERBS = {
    "access.refused": _l("was refused entry to"),
    "audit.verified": _l("checked"),
    "audit.broken": _l("found broken"),
}
FIELDS = {
    "method": _l("method"),
    "path": _l("address"),
    "events": _l("events"),
    "reason": _l("reason"),
}
SUBJECTS = {
    "page": _l("page"),
    "audit_trail": _l("audit trail"),
}
