"""Mails in the data folder: where they are kept while no mail server is set."""

from __future__ import annotations

import os
import secrets
import uuid
from email.message import EmailMessage
from pathlib import Path

from app.kernel.ids import parse_id
from app.mail.transport import Delivery


class FolderTransport:
    """Writes each mail as one `.eml` file that only the owner of the process can read."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder; it is made when the first mail comes."""
        self._folder = folder

    def deliver(self, message: EmailMessage, *, sender: str, recipient: str) -> Delivery:
        """Write the mail whole or not at all; a repeated mail replaces its file.

        Raises OSError when the folder cannot be written: the outbox tries again.
        """
        del sender, recipient  # both stand in the mail's head
        name = f"{_id_of(message)}.eml"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._folder / f".{name}.{secrets.token_hex(4)}"
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(message.as_bytes())
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._folder / name)
        finally:
            draft.unlink(missing_ok=True)
        _sync(self._folder)
        return Delivery.kept()


def forget(folder: Path, mail_id: uuid.UUID) -> None:
    """Remove the file of a mail that went out later, or whose link ran out."""
    (folder / f"{mail_id}.eml").unlink(missing_ok=True)


def kept_ids(folder: Path) -> list[uuid.UUID]:
    """Return the ids of the mails whose files lie in the folder, sorted."""
    if not folder.is_dir():
        return []
    found = (parse_id(file.stem) for file in folder.glob("*.eml"))
    return sorted(mail_id for mail_id in found if mail_id is not None)


def _id_of(message: EmailMessage) -> str:
    local = str(message["Message-ID"]).strip().strip("<>").partition("@")[0]
    return str(uuid.UUID(local))  # never anything that could be a path


def _sync(folder: Path) -> None:
    if os.name != "posix":
        return  # other systems cannot open a folder
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
