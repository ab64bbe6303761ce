"""What people may do with mails, who may, and what is recorded."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa
import structlog

from app.access.actor import ANONYMOUS, Actor
from app.db.unit_of_work import unit_of_work
from app.kernel.errors import Conflict, DomainError, Forbidden, NotFound
from app.mail import queries, services
from app.mail.lifecycle import IN_FLIGHT_LIMIT, MailState
from app.mail.models import MailMessage
from app.mail.queries import MailFilter
from tests.integration.mail.conftest import (
    ADMINISTRATOR,
    COLLEAGUE,
    LINK,
    REMINDER,
    TOPIC,
    VALUES,
    MakePost,
    Post,
)
from tests.support.clock import Clock
from tests.support.smtp import SmtpMode, SmtpSink


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": "jana@northwind.example\r\nBcc: spy@evil.example"}, "email"),
        ({"to_name": "Jana\r\nBcc: spy@evil.example"}, "name"),
        ({"reply_to": "a@b.example\nBcc: spy@evil.example"}, "reply_to"),
    ],
)
def test_v1_3_11_line_breaks_in_the_head_are_refused(
    post: Post, changes: dict[str, str], field: str
) -> None:
    with pytest.raises(DomainError) as caught:
        post.send(**changes)
    assert caught.value.field == field
    assert 400 <= caught.value.status < 500


def test_v1_3_11_line_breaks_in_a_value_add_no_header(make_post: MakePost, smtp: SmtpSink) -> None:
    post = make_post(
        smtp_host=smtp.host,
        smtp_port=smtp.port,
        smtp_security="none",
        organisation_name="Halden\r\nBcc: spy@evil.example",
    )
    post.send(values={**VALUES, "vendor": "North\r\nBcc: spy@evil.example\r\n\r\nwind\u2028X"})
    post.deliver()
    (mail,) = smtp.mails
    assert mail.recipients == ["jana@northwind.example"]
    assert mail.message["Bcc"] is None
    assert mail.message["Subject"] == (
        "Halden Bcc: spy@evil.example asks North Bcc: spy@evil.example wind X until 11 Dec 2026"
    )


PROBES = [
    "{{7*7}}",
    "${7*7}",
    "<%= 7*7 %>",
    "%s%n",
    "{0.__class__}",
    "%(link)s",
    "{% include 'x' %}",
]


@pytest.mark.parametrize("probe", PROBES)
def test_a21_template_and_format_text_is_literal(
    make_post: MakePost, smtp: SmtpSink, probe: str
) -> None:
    post = make_post(
        smtp_host=smtp.host, smtp_port=smtp.port, smtp_security="none", organisation_name=probe
    )
    post.send(to_name=probe, values={**VALUES, "vendor": probe, "remark": probe})
    post.deliver()
    (mail,) = smtp.mails
    assert mail.message["Subject"] == f"{probe} asks {probe} until 11 Dec 2026"
    assert mail.message["To"].addresses[0].display_name == probe
    assert f"Dear {probe}," in mail.part("plain")
    escaped = probe.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
    assert f"<p>{escaped}: {escaped}</p>" in mail.part("html")


def test_markup_is_escaped_in_html_and_plain_in_text(make_post: MakePost, smtp: SmtpSink) -> None:
    post = make_post(smtp_host=smtp.host, smtp_port=smtp.port, smtp_security="none")
    post.send(values={**VALUES, "remark": "<b>Tom & Jerry's</b>"})
    post.deliver()
    assert "<b>Tom & Jerry's</b>" in smtp.mails[0].part("plain")
    assert "&lt;b&gt;Tom &amp; Jerry&#39;s&lt;/b&gt;" in smtp.mails[0].part("html")


@pytest.mark.parametrize("place", ["secrets", "values"])
def test_a23_a_link_that_does_not_lead_to_the_portal_is_refused(post: Post, place: str) -> None:
    link = {"link": "https://evil.example/i/abc"}
    with pytest.raises(ValueError, match="base address"):
        post.send(**({"secrets": link} if place == "secrets" else {"values": link, "secrets": {}}))


def test_an_unknown_topic_is_a_slip_of_the_caller(post: Post) -> None:
    with pytest.raises(KeyError):
        post.send(topic="nobody.knows")


def test_only_who_manages_mail_may_change_one_and_only_readers_see_them(post: Post) -> None:
    mail_id = post.send()
    post.deliver()
    for actor in (ANONYMOUS, COLLEAGUE):
        with unit_of_work(post.database) as session:
            for verb in (services.resend, services.cancel, services.show_secrets):
                with pytest.raises(Forbidden):
                    verb(session, actor, mail_id)
            with pytest.raises(Forbidden):
                services.readdress(session, actor, mail_id, "x@y.example")
            with pytest.raises(Forbidden):
                services.resend_all(session, actor, MailState.NOT_SENT)
            with pytest.raises(Forbidden):
                queries.list_mails(session, actor, MailFilter())
            with pytest.raises(Forbidden):
                queries.get_mail(session, actor, mail_id)
            with pytest.raises(Forbidden):
                queries.count_by_state(session, actor, MailFilter())


def test_anybody_may_cause_a_mail_by_what_they_may_do(post: Post) -> None:
    with unit_of_work(post.database) as session:
        mail = services.send(
            session, ANONYMOUS, topic=TOPIC, to="jana@northwind.example", values=VALUES,
            secrets={"link": LINK}, subject_type="account", subject_id=uuid.uuid4(),
        )  # fmt: skip
    assert (mail.requested_by, mail.locale) == (None, "en")


def test_a_mail_goes_to_another_address_in_place_of_the_first(
    make_post: MakePost, smtp: SmtpSink
) -> None:
    post = make_post(smtp_host=smtp.host, smtp_port=smtp.port, smtp_security="none")
    smtp.mode = SmtpMode.PERMANENT
    mail_id = post.send()
    post.deliver()
    smtp.mode = SmtpMode.ACCEPT
    with unit_of_work(post.database) as session:
        services.readdress(session, ADMINISTRATOR, mail_id, "max@Northwind.example", "Max Maier")
    post.deliver()
    assert [mail.recipients for mail in smtp.mails] == [["max@northwind.example"]]
    assert "Dear Max Maier" in smtp.mails[0].part("plain")
    event = next(event for event in post.audit() if event.verb == "mail.readdressed")
    assert event.before == {"to_address": "jana@northwind.example"}
    assert event.after == {"to_address": "max@northwind.example"}


def test_a_cancelled_mail_is_not_sent_and_its_link_is_gone(
    make_post: MakePost, smtp: SmtpSink
) -> None:
    post = make_post(smtp_host=smtp.host, smtp_port=smtp.port, smtp_security="none")
    mail_id = post.send()
    with unit_of_work(post.database) as session:
        services.cancel(session, ADMINISTRATOR, mail_id)
    post.deliver()
    mail = post.mail(mail_id)
    assert (mail.state, mail.secrets_sealed) == (MailState.CANCELLED, None)
    assert smtp.attempts == 0
    with pytest.raises(Conflict), unit_of_work(post.database) as session:
        services.resend(session, ADMINISTRATOR, mail_id)


def test_a_mail_in_the_hands_of_a_worker_is_left_alone(post: Post, clock: Clock) -> None:
    mail_id = post.send()
    with unit_of_work(post.database) as session:
        session.get_one(MailMessage, mail_id).in_flight_since = clock.now
    for verb in (services.resend, services.cancel):
        with pytest.raises(Conflict, match="right now"), unit_of_work(post.database) as session:
            verb(session, ADMINISTRATOR, mail_id)
    clock.forward(seconds=IN_FLIGHT_LIMIT.total_seconds() + 1)
    with unit_of_work(post.database) as session:
        services.cancel(session, ADMINISTRATOR, mail_id)


def test_a_sent_mail_is_not_sent_again(make_post: MakePost, smtp: SmtpSink) -> None:
    post = make_post(smtp_host=smtp.host, smtp_port=smtp.port, smtp_security="none")
    mail_id = post.send()
    post.deliver()
    with pytest.raises(Conflict), unit_of_work(post.database) as session:
        services.resend(session, ADMINISTRATOR, mail_id)
    with pytest.raises(Conflict), unit_of_work(post.database) as session:
        services.show_secrets(session, ADMINISTRATOR, mail_id)


def test_a_job_of_an_earlier_round_does_nothing(make_post: MakePost, smtp: SmtpSink) -> None:
    post = make_post(smtp_host=smtp.host, smtp_port=smtp.port, smtp_security="none")
    mail_id = post.send()
    with unit_of_work(post.database) as session:
        services.resend(session, ADMINISTRATOR, mail_id)
        services.resend(session, ADMINISTRATOR, mail_id)
    post.deliver()
    assert len(post.jobs()) == 3
    assert len(smtp.mails) == 1
    assert post.mail(mail_id).attempts == 1


def test_the_link_of_a_kept_mail_is_shown_and_that_is_recorded(post: Post, clock: Clock) -> None:
    mail_id = post.send()
    with pytest.raises(Conflict), unit_of_work(post.database) as session:
        services.show_secrets(session, ADMINISTRATOR, mail_id)
    post.deliver()
    with unit_of_work(post.database) as session:
        assert services.show_secrets(session, ADMINISTRATOR, mail_id) == {"link": LINK}
    assert post.audit()[-1].verb == "mail.link_shown"
    clock.forward(days=15)
    for verb in (services.show_secrets, services.resend):
        with pytest.raises(Conflict, match="run out"), unit_of_work(post.database) as session:
            verb(session, ADMINISTRATOR, mail_id)


def test_a_mail_that_is_not_there(post: Post) -> None:
    with unit_of_work(post.database) as session:
        for verb in (services.resend, services.cancel, services.show_secrets):
            with pytest.raises(NotFound):
                verb(session, ADMINISTRATOR, uuid.uuid4())
        with pytest.raises(NotFound):
            queries.get_mail(session, ADMINISTRATOR, uuid.uuid4())


def test_every_step_is_in_the_trail_without_the_link(make_post: MakePost, smtp: SmtpSink) -> None:
    post = make_post(smtp_host=smtp.host, smtp_port=smtp.port, smtp_security="none")
    smtp.mode = SmtpMode.PERMANENT
    mail_id = post.send()
    post.deliver()
    smtp.mode = SmtpMode.ACCEPT
    with unit_of_work(post.database) as session:
        services.resend(session, ADMINISTRATOR, mail_id)
    post.deliver()
    events = [event for event in post.audit() if event.subject_type == services.SUBJECT_TYPE]
    assert [(event.verb, event.actor_name) for event in events] == [
        ("mail.queued", "Ada Admin"),
        ("mail.failed", "Assay"),
        ("mail.resent", "Ada Admin"),
        ("mail.sent", "Assay"),
    ]
    assert {event.subject_id for event in events} == {str(mail_id)}
    assert "one-time-secret" not in "".join(str((e.before, e.after)) for e in events)


@pytest.mark.parametrize("mode", [SmtpMode.ACCEPT, SmtpMode.TEMPORARY, SmtpMode.PERMANENT])
def test_the_link_stands_nowhere_in_the_database_nor_in_the_log(
    make_post: MakePost, smtp: SmtpSink, mode: SmtpMode, caplog: pytest.LogCaptureFixture
) -> None:
    post = make_post(smtp_host=smtp.host, smtp_port=smtp.port, smtp_security="none")
    smtp.mode = mode
    with structlog.testing.capture_logs() as lines, caplog.at_level("DEBUG"):
        post.send()
        post.deliver()
    with unit_of_work(post.database, write=False) as session:
        for table in MailMessage.metadata.sorted_tables:
            if table.name.startswith("test_"):
                continue  # another test's own: no migration makes it
            text = str(session.execute(sa.select(table)).all())
            assert "one-time-secret" not in text, table.name
    if post.database.is_sqlite:
        raw = b"".join(file.read_bytes() for file in post.settings.data_dir.glob("assay.db*"))
        assert b"one-time-secret" not in raw
    # As the portal wrote them, before the net that hides what sounds like a secret.
    assert any(line.get("topic") == "mail.deliver" for line in lines)
    # mail.log is the logger of the SMTP server that the test runs.
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    assert "one-time-secret" not in str(lines) + str(ours)


def _ids(post: Post, wanted: MailFilter, actor: Actor = ADMINISTRATOR) -> list[uuid.UUID]:
    with unit_of_work(post.database, write=False) as session:
        return [mail.id for mail in queries.list_mails(session, actor, wanted).items]


def test_lists_are_narrowed_counted_and_paged(post: Post) -> None:
    first = post.send(to="jana@northwind.example", to_name="Jana 100% Reuter")
    second = post.send(to="max@south.example", to_name="Max", topic=REMINDER)
    with unit_of_work(post.database) as session:
        services.cancel(session, ADMINISTRATOR, second)
    assert _ids(post, MailFilter()) == [second, first]
    assert _ids(post, MailFilter(state=MailState.QUEUED)) == [first]
    assert _ids(post, MailFilter(topic=REMINDER)) == [second]
    assert _ids(post, MailFilter(recipient="NORTHWIND")) == [first]
    assert _ids(post, MailFilter(recipient="100%")) == [first]
    assert _ids(post, MailFilter(recipient="_")) == []
    with unit_of_work(post.database, write=False) as session:
        counts = queries.count_by_state(session, ADMINISTRATOR, MailFilter(state=MailState.QUEUED))
        assert counts[MailState.QUEUED] == counts[MailState.CANCELLED] == 1
        assert counts[MailState.SENT] == 0
        page = queries.list_mails(session, ADMINISTRATOR, MailFilter(), size=1)
        assert [mail.id for mail in page.items] == [second]
        rest = queries.list_mails(
            session, ADMINISTRATOR, MailFilter(), size=1, cursor=page.next_cursor
        )
        assert ([mail.id for mail in rest.items], rest.next_cursor) == ([first], None)
        found = queries.mails_about(session, "assessment", "a-1")
        assert [mail.id for mail in found] == [second, first]
