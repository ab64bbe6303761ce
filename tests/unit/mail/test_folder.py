"""Mails kept in the data folder: whole files, for the owner's eyes."""

from __future__ import annotations

import email
import uuid
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from app.mail.folder import FolderTransport, forget

MAIL_ID = uuid.UUID("0190aaaa-0000-7000-8000-000000000001")


def _message(
    body: str = "Hello\n", message_id: str = f"<{MAIL_ID}@assess.example.org>"
) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = message_id
    message["To"] = "jana@northwind.example"
    message.set_content(body)
    return message


def _keep(folder: Path, message: EmailMessage) -> None:
    delivery = FolderTransport(folder).deliver(
        message, sender="a@b.example", recipient="c@d.example"
    )
    assert delivery.is_kept
    assert delivery.fault is None


def test_the_file_is_whole_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    _keep(folder, _message())
    (file,) = folder.iterdir()
    assert file.name == f"{MAIL_ID}.eml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o077 == 0
    assert email.message_from_bytes(file.read_bytes())["To"] == "jana@northwind.example"


def test_a_repeated_mail_replaces_its_file(tmp_path: Path) -> None:
    _keep(tmp_path, _message("first\n"))
    _keep(tmp_path, _message("second\n"))
    (file,) = tmp_path.iterdir()
    assert b"second" in file.read_bytes()


def test_a_folder_that_cannot_be_written_leaves_no_half_file(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="File exists"):
        _keep(tmp_path / "mail", _message())


@pytest.mark.parametrize("message_id", ["<../../evil@x>", "<x@y>"])
def test_a_message_id_is_never_a_path(tmp_path: Path, message_id: str) -> None:
    with pytest.raises(ValueError, match="UUID"):
        _keep(tmp_path, _message(message_id=message_id))
    assert list(tmp_path.iterdir()) == []


def test_forgetting_removes_the_file_and_may_be_repeated(tmp_path: Path) -> None:
    _keep(tmp_path, _message())
    forget(tmp_path, MAIL_ID)
    forget(tmp_path, MAIL_ID)
    assert list(tmp_path.iterdir()) == []
