"""The job that delivers a mail, and the one that forgets links which ran out."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from flask_babel import force_locale
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.audit.recorder import Values, record
from app.kernel import clock
from app.kernel.ids import parse_id
from app.kernel.sealing import Unsealable
from app.mail import folder, words
from app.mail.compose import Composer, Envelope
from app.mail.lifecycle import (
    MOVES,
    RETRY_DELAYS,
    SHOWS_SECRETS,
    WAITING,
    Fault,
    MailAction,
    MailState,
    action_for,
    retry_delay,
)
from app.mail.models import MailMessage
from app.mail.services import DELIVER, SUBJECT_TYPE, opened_secrets
from app.mail.topics import MailTopic, MailTopics
from app.mail.transport import Delivery, Transport, longest_delivery
from app.outbox.claiming import ClaimedJob
from app.outbox.registry import JobRegistry
from app.outbox.retry import AlreadyDone, Failure, JsonObject, RetryLater, RetryPolicy
from app.outbox.running import RunningJob
from config import Settings

FORGET = "mail.forget"
_JITTER = 0.2
_BATCH = 500

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Errand:
    """What a delivery needs to know, read before anything is sent.

    `verdict` is set when it is clear already how the delivery ends.
    """

    envelope: Envelope
    topic: MailTopic | None
    values: Mapping[str, Any]
    secrets: Mapping[str, str]
    attempt: int
    unconfirmed: int
    verdict: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """How a delivery ended for good, and the subject that the mail had."""

    delivery: Delivery
    subject: str | None


class NotNow(RetryLater):
    """The mail did not get out and is tried again."""

    def __init__(
        self, delivery: Delivery, subject: str | None, after: dt.timedelta, locale: str
    ) -> None:
        # A worker has no reader whose language it could ask for.
        with force_locale(locale):
            reason = words.what_happened(delivery.fault, delivery.code, delivery.said)
        super().__init__(reason, after=after)
        self.delivery = delivery
        self.subject = subject


class MailDelivery:
    """The three steps of `mail.deliver`."""

    def __init__(
        self, topics: MailTopics, composer: Composer, transport: Transport, settings: Settings
    ) -> None:
        """Keep what the steps need; all of it is made once at start."""
        self._topics = topics
        self._composer = composer
        self._transport = transport
        self._sender = settings.mail_from
        self._locale = settings.default_locale
        self._folder = settings.data_dir / "mail"

    def prepare(self, session: Session, job: ClaimedJob) -> Errand:
        """Read the mail and mark it as in flight."""
        mail = _mail_of(session, job)
        if mail is None or mail.state not in WAITING:
            raise AlreadyDone
        topic = self._topics.find(mail.topic)
        verdict = _verdict(mail, topic)
        secrets: dict[str, str] = {}
        if verdict is None:
            try:
                secrets = opened_secrets(session, mail)
            except Unsealable:
                verdict = Delivery(Fault.UNREADABLE)
        if mail.in_flight_since is not None and topic is not None and topic.at_most_once:
            # The attempt before ended without a word: it may have sent the mail.
            verdict = Delivery(Fault.UNCONFIRMED)
        mail.in_flight_since = clock.now()
        mail.attempts += 1
        return Errand(
            envelope=envelope_of(mail),
            topic=topic,
            values=mail.values,
            secrets=secrets,
            attempt=job.attempt,
            unconfirmed=mail.unconfirmed,
            verdict=verdict,
        )

    def perform(self, errand: Errand, _work: RunningJob) -> Report:
        """Make the mail and hand it over. Raises NotNow when it is to be tried again."""
        if errand.verdict is not None or errand.topic is None:
            return Report(errand.verdict or Delivery(Fault.INTERNAL), None)
        composed = self._composer.compose(
            errand.topic, errand.envelope, errand.values, errand.secrets
        )
        message = self._composer.message(errand.envelope, composed)
        delivery = self._transport.deliver(
            message, sender=self._sender, recipient=errand.envelope.to_address
        )
        if delivery.fault is None:
            if not delivery.is_kept:
                folder.forget(self._folder, errand.envelope.id)
            return Report(delivery, composed.subject)
        unconfirmed = errand.unconfirmed + (delivery.fault is Fault.UNCONFIRMED)
        action = action_for(
            delivery.fault,
            attempts=errand.attempt,
            unconfirmed=unconfirmed,
            at_most_once=errand.topic.at_most_once,
        )
        if action is MailAction.FAIL:
            return Report(delivery, composed.subject)
        wait = _with_jitter(retry_delay(errand.attempt))
        raise NotNow(delivery, composed.subject, wait, self._locale)

    def settle(self, session: Session, job: ClaimedJob, report: Report) -> JsonObject | None:
        """Write down how the delivery ended."""
        mail = _mail_of(session, job)
        if mail is None or mail.state not in WAITING:
            return None
        delivery = report.delivery
        _note(mail, delivery, report.subject)
        if delivery.fault is not None:
            _move(session, mail, MailAction.FAIL, "mail.failed")
        elif delivery.is_kept:
            _move(session, mail, MailAction.KEEP, "mail.kept")
        else:
            mail.sent_at = clock.now()
            mail.secrets_sealed = None
            _move(session, mail, MailAction.ACCEPT, "mail.sent")
        return {"state": mail.state.value}

    def on_failure(self, session: Session, job: ClaimedJob, failure: Failure) -> None:
        """Show on the mail that it did not get out, and when it is tried again."""
        mail = _mail_of(session, job)
        if mail is None or mail.state not in WAITING:
            return
        if isinstance(failure.error, NotNow):
            _note(mail, failure.error.delivery, failure.error.subject)
        else:
            _note(mail, Delivery(Fault.INTERNAL), None)
        if failure.is_final:
            _move(session, mail, MailAction.FAIL, "mail.failed")
        else:
            mail.state = MOVES.after(mail.state, MailAction.DEFER)
            mail.next_attempt_at = failure.next_attempt_at


class LinkForgetting:
    """The three steps of `mail.forget`: links that ran out, and files of mails that are over."""

    def __init__(self, settings: Settings) -> None:
        """Keep the folder of the kept mails."""
        self._folder: Path = settings.data_dir / "mail"

    def prepare(self, session: Session, _job: ClaimedJob) -> list[uuid.UUID]:
        """Return the mails whose link ran out or that are sent or cancelled, and still lie here."""
        now = clock.now()
        outdated = sa.and_(MailMessage.expires_at <= now, MailMessage.state.in_(SHOWS_SECRETS))
        over = MailMessage.state.in_((MailState.SENT, MailState.CANCELLED))
        found = set(
            session.scalars(
                sa.select(MailMessage.id)
                .where(outdated, MailMessage.secrets_sealed.is_not(None))
                .limit(_BATCH)
            )
        )
        kept = folder.kept_ids(self._folder)
        for start in range(0, len(kept), _BATCH):
            part = kept[start : start + _BATCH]
            found.update(
                session.scalars(
                    sa.select(MailMessage.id).where(
                        MailMessage.id.in_(part), sa.or_(over, outdated)
                    )
                )
            )
        return sorted(found)

    def perform(self, mail_ids: list[uuid.UUID], _work: RunningJob) -> list[uuid.UUID]:
        """Remove their files."""
        for mail_id in mail_ids:
            folder.forget(self._folder, mail_id)
        return mail_ids

    def settle(
        self, session: Session, _job: ClaimedJob, mail_ids: list[uuid.UUID]
    ) -> JsonObject | None:
        """Wipe their links."""
        for start in range(0, len(mail_ids), _BATCH):
            session.execute(
                sa.update(MailMessage)
                .where(
                    MailMessage.id.in_(mail_ids[start : start + _BATCH]),
                    MailMessage.expires_at <= clock.now(),
                    MailMessage.state.in_(SHOWS_SECRETS),
                )
                .values(secrets_sealed=None)
            )
        return {"mails": len(mail_ids)}


def register(
    registry: JobRegistry,
    settings: Settings,
    topics: MailTopics,
    composer: Composer,
    transport: Transport,
) -> None:
    """Give the jobs of mail to the outbox."""
    delivery = MailDelivery(topics, composer, transport, settings)
    registry.external(
        DELIVER,
        prepare=delivery.prepare,
        perform=delivery.perform,
        settle=delivery.settle,
        on_failure=delivery.on_failure,
        retry=RetryPolicy(max_attempts=len(RETRY_DELAYS) + 1),
        lease_seconds=longest_delivery(settings.smtp_timeout_seconds),
    )
    forgetting = LinkForgetting(settings)
    registry.external(
        FORGET,
        prepare=forgetting.prepare,
        perform=forgetting.perform,
        settle=forgetting.settle,
    )
    registry.periodic("mail.forget_hourly", topic=FORGET, every=dt.timedelta(hours=1))


def envelope_of(mail: MailMessage) -> Envelope:
    """Return the head of a mail as plain values."""
    return Envelope(
        id=mail.id,
        to_address=mail.to_address,
        to_name=mail.to_name,
        reply_to=mail.reply_to,
        locale=mail.locale,
        queued_at=mail.queued_at,
    )


def _verdict(mail: MailMessage, topic: MailTopic | None) -> Delivery | None:
    if topic is None:
        log.error("mail.unknown_topic", topic=mail.topic)
        return Delivery(Fault.INTERNAL)
    if mail.expires_at is not None and mail.expires_at <= clock.now():
        return Delivery(Fault.OUTDATED)
    return None


def _mail_of(session: Session, job: ClaimedJob) -> MailMessage | None:
    """Return the job's mail, locked; None when it is gone or was queued anew since."""
    mail_id = parse_id(str(job.payload["mail_id"]))
    assert mail_id is not None  # services wrote it
    mail = session.get(MailMessage, mail_id, with_for_update=True, populate_existing=True)
    return mail if mail is not None and mail.round == job.payload["round"] else None


def _note(mail: MailMessage, delivery: Delivery, subject: str | None) -> None:
    mail.in_flight_since = mail.next_attempt_at = None
    mail.fault, mail.smtp_code, mail.server_said = delivery.fault, delivery.code, delivery.said
    if delivery.fault is Fault.UNCONFIRMED:
        mail.unconfirmed += 1
    if subject is not None:
        mail.subject_line = subject


def _move(session: Session, mail: MailMessage, action: MailAction, verb: str) -> None:
    mail.state = MOVES.after(mail.state, action)
    after: Values = {"state": mail.state.value, "attempts": mail.attempts}
    if mail.fault is not None:
        after = {**after, "fault": mail.fault.value, "smtp_reply": mail.smtp_code}
    record(
        session,
        SYSTEM,
        verb,
        subject_type=SUBJECT_TYPE,
        subject_id=mail.id,
        subject_name=mail.to_address,
        after=after,
    )


def _with_jitter(delay: dt.timedelta) -> dt.timedelta:
    return delay * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - jitter, no secret
