"""Topics are named after their feature, once each."""

from __future__ import annotations

import pytest

from app.mail.topics import MailTopic, MailTopics


def _topic(name: str, **changes: dict[str, str]) -> MailTopic:
    return MailTopic(name=name, title="T", recipient="R", **{"sample_values": {}, **changes})


def test_templates_lie_where_the_name_says() -> None:
    topic = _topic("account.invitation")
    assert topic.template("subject.txt") == "mail/account/invitation.subject.txt"


def test_topics_are_walked_by_name_and_found() -> None:
    topics = MailTopics()
    for name in ("b.x", "a.y"):
        topics.register(_topic(name))
    assert [topic.name for topic in topics] == ["a.y", "b.x"]
    assert topics.get("b.x").name == "b.x"
    assert topics.find("c.z") is None
    with pytest.raises(KeyError):
        topics.get("c.z")


@pytest.mark.parametrize("name", ["invitation", "../../etc", "a.b/c", "A.b", "a..b", ""])
def test_a_name_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="mail topic"):
        MailTopics().register(_topic(name))


def test_a_second_topic_of_a_name_is_refused() -> None:
    topics = MailTopics()
    topics.register(_topic("a.b"))
    with pytest.raises(ValueError, match="twice"):
        topics.register(_topic("a.b"))


def test_a_value_is_secret_or_plain() -> None:
    with pytest.raises(ValueError, match="link"):
        MailTopics().register(
            _topic("a.b", sample_values={"link": "x"}, sample_secrets={"link": "y"})
        )
