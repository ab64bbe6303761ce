"""The people of the sample organisation. Plain values: `./run demo` makes the accounts."""

from __future__ import annotations

from dataclasses import dataclass

from app.access.roles import Role

ORGANISATION = "Halden Insurance"
PASSWORD = "ferry past the harbour lights"  # noqa: S105 - printed on the sign-in page of the demo
UNITS = ("Claims", "Underwriting", "Customer service", "People and culture")


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One sample account. `units` are names of units; none means all."""

    name: str
    mailbox: str
    role: Role
    units: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        """Return the mail address, in a domain that can never exist."""
        return f"{self.mailbox}@halden.example"


PEOPLE = (
    DemoPerson("Ingrid Solheim", "ingrid", Role.ADMINISTRATOR),
    DemoPerson("Clara Weiss", "clara", Role.COLLEAGUE, ("Claims",)),
    DemoPerson("Paul Okafor", "paul", Role.PROCUREMENT),
    DemoPerson("Rita Marchetti", "rita", Role.REVIEWER),
    DemoPerson("Aron Lindqvist", "aron", Role.APPROVER),
    DemoPerson("Greta Nowak", "greta", Role.GOVERNANCE_LEAD),
    DemoPerson("Owen Hughes", "owen", Role.RISK_OWNER, ("Claims", "Underwriting")),
    DemoPerson("Ada Petrov", "ada", Role.AUDITOR),
)
"""One person for each role; the administrator comes first."""

INVITED = DemoPerson("Noor Haddad", "noor", Role.REVIEWER, ("Customer service",))
"""Has not accepted the invitation yet."""
