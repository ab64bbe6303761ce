"""Make the sample organisation."""

from __future__ import annotations

import datetime as dt
import io
import uuid

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor, ActorKind
from app.access.roles import READ_ONLY, Role
from app.commands.exits import Refusal
from app.commands.portal import open_portal
from app.commands.seeding import seeders_of
from app.db.unit_of_work import unit_of_work
from app.files.services import rules_from, store_upload
from app.files.storage import storage_of
from app.identity import entry, links
from app.identity.demo import INVITED, PASSWORD, PEOPLE, UNITS, DemoPerson
from app.identity.lifecycle import EndReason, LinkPurpose
from app.identity.models import StaffAccount
from app.identity.services import invite
from app.identity.sessions import Client, end_sessions_of
from app.identity.setup import setup_of
from app.identity.units import create_unit
from app.web.application import Application

_CLIENT = Client("127.0.0.1", "the demo")
_LETTER = (
    "Halden Insurance: how we assess the vendors of AI systems\n\n"
    "Every AI system that we buy is assessed before it is used and again every year.\n"
)


@click.command("seed-demo")
def seed_demo() -> None:
    """Fill an empty portal with a sample organisation; `./run demo` does so by itself."""
    app = open_portal()
    if not app.settings.demo:
        raise Refusal("The sample organisation is only for a demo: use `./run demo`.")
    if not seed_when_empty(app):
        raise Refusal("There are people already; the sample organisation needs an empty portal.")
    click.echo("The sample organisation is there.")


def seed_when_empty(app: Application) -> bool:
    """Make the sample organisation unless there are accounts; return whether it was made."""
    with app.test_request_context(), unit_of_work(app.database) as session:
        if session.scalar(sa.select(StaffAccount.id).limit(1)) is not None:
            return False
        administrator = _first_person(session, app.settings.base_url)
        units = {name: create_unit(session, administrator, name).id for name in UNITS}
        for person in PEOPLE[1:]:
            _accept(session, _invite(session, administrator, person, units), person)
        _invite(session, administrator, INVITED, units)
        store_upload(
            session,
            administrator,
            storage_of(app),
            io.BytesIO(_LETTER.encode()),
            name="How we assess vendors.txt",
            purpose="demo",
            rules=rules_from(app.settings),
        )
        for seed in seeders_of(app):
            seed(session, administrator)
    return True


def _first_person(session: Session, base_url: str) -> Actor:
    first = PEOPLE[0]
    link = entry.first_administrator_link(session, base_url)
    assert link is not None
    account, _secret = entry.create_first_administrator(
        session,
        link.rpartition("/")[2],
        email=first.email,
        name=first.name,
        password=PASSWORD,
        locale="en",
        client=_CLIENT,
    )
    end_sessions_of(session, SYSTEM, account, EndReason.SIGNED_OUT)
    return Actor(
        ActorKind.STAFF,
        account.id,
        account.name,
        roles=frozenset({Role.ADMINISTRATOR}),
        business_units=None,
    )


def _invite(
    session: Session, actor: Actor, person: DemoPerson, units: dict[str, uuid.UUID]
) -> StaffAccount:
    ends_on = None
    if person.role in READ_ONLY:
        ends_on = setup_of(session).today() + dt.timedelta(days=90)
    return invite(
        session,
        actor,
        email=person.email,
        name=person.name,
        roles={person.role: ends_on},
        unit_ids=[units[name] for name in person.units],
        sees_all_units=not person.units,
    )


def _accept(session: Session, account: StaffAccount, person: DemoPerson) -> None:
    # The link in the mail is known to nobody but its reader, so another takes its place.
    secret, _until = links.issue(session, LinkPurpose.INVITATION, account.id)
    entry.accept_invitation(
        session, secret, name=person.name, password=PASSWORD, locale="en", client=_CLIENT
    )
    end_sessions_of(session, SYSTEM, account, EndReason.SIGNED_OUT)
