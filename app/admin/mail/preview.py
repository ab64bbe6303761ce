"""What a mail says, for those who look after mail: with its link and other secrets left out."""

from __future__ import annotations

import jinja2

from app.mail.compose import Composed, Composer
from app.mail.jobs import envelope_of
from app.mail.models import MailMessage
from app.mail.topics import MailTopic

HIDDEN = "********"


def masked(topic: MailTopic, base_url: str) -> dict[str, str]:
    """Return a stand-in for each secret of a topic: a link keeps only the portal's address."""
    base = base_url.rstrip("/")
    return {
        name: f"{base}/{HIDDEN}" if value.startswith(f"{base}/") else HIDDEN
        for name, value in topic.sample_secrets.items()
    }


def composed(
    composer: Composer, topic: MailTopic | None, mail: MailMessage, base_url: str
) -> Composed | None:
    """Return the mail's texts without its secrets.

    None when its topic is gone, or its values no longer fit the templates of this version.
    """
    if topic is None:
        return None
    try:
        return composer.compose(topic, envelope_of(mail), mail.values, masked(topic, base_url))
    except jinja2.TemplateError:
        return None
