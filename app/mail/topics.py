"""Mail topics: each kind of mail that the portal sends, given by the feature that sends it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


@dataclass(frozen=True, slots=True)
class MailTopic:
    """One kind of mail, such as `account.invitation`.

    Its templates are `mail/account/invitation.subject.txt`, `.txt` and `.html`. `title` is
    what it is called on the Mail page (may be lazily translated), `recipient` says who gets
    it. `sample_values` and `sample_secrets` fill the templates in tests and previews; they
    name everything that the templates use. `at_most_once` is for mails that had better be
    lost than come twice (reminders).
    """

    name: str
    title: Any
    recipient: Any
    sample_values: Mapping[str, Any]
    sample_secrets: Mapping[str, str] = field(default_factory=dict)
    at_most_once: bool = False

    def template(self, part: str) -> str:
        """Return the template's name for a part: `subject.txt`, `txt` or `html`."""
        return f"mail/{self.name.replace('.', '/')}.{part}"


class MailTopics:
    """The registry. `wiring.init_app` of a feature adds its topics at start."""

    def __init__(self) -> None:
        """Make an empty registry."""
        self._topics: dict[str, MailTopic] = {}

    def register(self, topic: MailTopic) -> None:
        """Add a topic. Raises ValueError for a bad name, a second one, or a value said twice."""
        if not _NAME.fullmatch(topic.name):
            raise ValueError(f"a mail topic is named feature.mail in lower case: {topic.name}")
        if topic.name in self._topics:
            raise ValueError(f"mail topic registered twice: {topic.name}")
        if both := topic.sample_values.keys() & topic.sample_secrets.keys():
            raise ValueError(f"{topic.name}: secret and plain at once: {', '.join(sorted(both))}")
        self._topics[topic.name] = topic

    def get(self, name: str) -> MailTopic:
        """Return a topic; raises KeyError for an unknown one."""
        return self._topics[name]

    def find(self, name: str) -> MailTopic | None:
        """Return a topic, or None when no feature gives it (any more)."""
        return self._topics.get(name)

    def words(self, name: str) -> str:
        """Return a topic's title for people, or its name when no feature gives it any more."""
        topic = self._topics.get(name)
        return name if topic is None else str(topic.title)

    def __iter__(self) -> Iterator[MailTopic]:
        """Walk the topics by name."""
        return iter(sorted(self._topics.values(), key=lambda topic: topic.name))
