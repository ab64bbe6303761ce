"""A portal with its outbox and mail, and nothing above them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from app.access.actor import Actor, ActorKind
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.kernel.sealing import Sealer
from app.mail import services
from app.mail import wiring as mail_wiring
from app.mail.models import MailMessage
from app.mail.topics import MailTopic
from app.outbox import wiring as outbox_wiring
from app.outbox.models import Job
from app.outbox.registry import jobs_of
from app.outbox.worker import Worker
from app.web import templating
from app.web.application import Application
from config import Settings

BASE_URL = "https://assess.halden.example"
LINK = f"{BASE_URL}/i/one-time-secret-8rT2vK0c"
TOPIC = "sample.invitation"
REMINDER = "sample.reminder"
ADMINISTRATOR = Actor(
    ActorKind.STAFF,
    uuid.UUID("0190aaaa-0000-7000-8000-00000000000a"),
    "Ada Admin",
    roles=frozenset({Role.ADMINISTRATOR}),
)
COLLEAGUE = Actor(
    ActorKind.STAFF,
    uuid.UUID("0190aaaa-0000-7000-8000-00000000000b"),
    "Cleo Colleague",
    roles=frozenset({Role.COLLEAGUE}),
)

_TEMPLATES = {
    "subject.txt": "{{ organisation }} asks {{ vendor }} until {{ until }}",
    "txt": "Dear {{ to_name }},\n\n{{ vendor }}: {{ remark }}\n\n{{ link }}\n",
    "html": (
        '<!doctype html><html lang="{{ locale }}"><head><title>{{ subject }}</title></head>'
        "<body><p>Dear {{ to_name }},</p><p>{{ vendor }}: {{ remark }}</p>"
        '<a href="{{ link }}">Open</a></body></html>'
    ),
}
VALUES = {"vendor": "Northwind", "until": "11 Dec 2026", "remark": "please answer"}


@dataclass
class Post:
    """The mail of one portal, as a test drives it."""

    app: Application
    database: Database
    settings: Settings

    @property
    def worker(self) -> Worker:
        """Return a worker that has not started."""
        return Worker(
            self.database,
            jobs_of(self.app),
            threads=1,
            lease_seconds=self.settings.lease_seconds,
            around=self.app.app_context,
        )

    def send(self, **changes: object) -> uuid.UUID:
        """Send the sample mail, committed; return its id."""
        arguments: dict[str, object] = {
            "topic": TOPIC,
            "to": "jana@northwind.example",
            "to_name": "Jana Reuter",
            "values": VALUES,
            "secrets": {"link": LINK},
            "subject_type": "assessment",
            "subject_id": "a-1",
        }
        arguments.update(changes)
        with unit_of_work(self.database) as session:
            mail = services.send(session, ADMINISTRATOR, **arguments)  # type: ignore[arg-type]
            return mail.id

    def mail(self, mail_id: uuid.UUID) -> MailMessage:
        """Return a mail as it stands."""
        with unit_of_work(self.database, write=False) as session:
            return session.get_one(MailMessage, mail_id)

    def deliver(self) -> int:
        """Run what is due; return the number of attempts."""
        return self.worker.run_until_empty()

    def jobs(self) -> list[Job]:
        """Return the delivery jobs, oldest first."""
        with unit_of_work(self.database, write=False) as session:
            statement = sa.select(Job).where(Job.topic == services.DELIVER).order_by(Job.id)
            return list(session.scalars(statement))

    def audit(self) -> list[AuditEvent]:
        """Return the audit trail."""
        with unit_of_work(self.database, write=False) as session:
            return list(session.scalars(sa.select(AuditEvent).order_by(AuditEvent.sequence)))


MakePost = Callable[..., Post]


def build_post(database: Database, settings: Settings) -> Post:
    """Wire a portal on a database, with two sample topics."""
    app = Application(settings, database)
    app.sealer = Sealer([settings.secret_key, *settings.secret_key_fallbacks])
    templating.install(app)
    outbox_wiring.init_app(app)
    mail_wiring.init_app(app)
    folder = settings.data_dir / "templates" / "mail" / "sample"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("invitation", "reminder"):
        for part, text in _TEMPLATES.items():
            (folder / f"{name}.{part}").write_text(text, encoding="utf-8")
    app.jinja_loader.searchpath.append(str(settings.data_dir / "templates"))  # type: ignore[union-attr]
    topics = mail_wiring.mail_of(app).topics
    for name, once in ((TOPIC, False), (REMINDER, True)):
        topics.register(
            MailTopic(name, name, "The vendor", VALUES, {"link": LINK}, at_most_once=once)
        )
    return Post(app, database, settings)


@pytest.fixture
def make_post(database: Database, settings: Settings) -> Iterator[MakePost]:
    """Return a maker of portals on one database: `make_post(smtp_port=…)`."""
    hooks = list(database.on_session)

    def make(**values: object) -> Post:
        database.on_session[:] = hooks
        defaults = {"base_url": BASE_URL, "organisation_name": "Halden Insurance"}
        return build_post(database, settings.with_values(**{**defaults, **values}))

    yield make
    database.on_session[:] = hooks


@pytest.fixture
def post(make_post: MakePost) -> Post:
    """Return a portal without a mail server."""
    return make_post()
