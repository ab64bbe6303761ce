"""Words for the roles, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.access.roles import Role

ROLE_LABELS: Mapping[Role, LazyString] = {
    Role.COLLEAGUE: _l("Colleague"),
    Role.PROCUREMENT: _l("Procurement"),
    Role.REVIEWER: _l("Reviewer"),
    Role.APPROVER: _l("Approver"),
    Role.GOVERNANCE_LEAD: _l("AI governance lead"),
    Role.RISK_OWNER: _l("Risk owner"),
    Role.AUDITOR: _l("Auditor"),
    Role.ADMINISTRATOR: _l("Administrator"),
}

ROLE_HINTS: Mapping[Role, LazyString] = {
    Role.COLLEAGUE: _l("May ask for an AI system to be assessed."),
    Role.PROCUREMENT: _l("Registers vendors, sends assessments and chases answers."),
    Role.REVIEWER: _l("Rates answers, asks for clarification, raises findings."),
    Role.APPROVER: _l("Decides on what others asked for and reviewed."),
    Role.GOVERNANCE_LEAD: _l("Keeps the inventory, the risk register and the responsibilities."),
    Role.RISK_OWNER: _l("Treats risks, or accepts them until a date."),
    Role.AUDITOR: _l("Reads everything, changes nothing, until an end date."),
    Role.ADMINISTRATOR: _l("Manages people, mail, files and jobs; decides nothing."),
}
