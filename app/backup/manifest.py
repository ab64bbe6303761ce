"""What a backup says about itself. Pure."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from app.files.storage import is_key

FORMAT = 1
MANIFEST = "manifest.json"
FILE_LIST = "files.jsonl"


class BackupError(Exception):
    """The backup cannot be taken or restored; the message says what to do."""


class DamagedBackup(BackupError):
    """The file is not a whole backup: cut short, changed, or something else."""


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """One part of the backup: its name, size in bytes and SHA-256 in hex, both unpacked."""

    name: str
    size: int
    sha256: str


@dataclasses.dataclass(frozen=True, slots=True)
class TablePart:
    """One table: its columns in the order of each row, and how many rows there are."""

    name: str
    columns: tuple[str, ...]
    rows: int
    member: Member


@dataclasses.dataclass(frozen=True, slots=True)
class FilePart:
    """One stored file, under the key that its row names."""

    key: str
    size: int
    sha256: str

    @property
    def member(self) -> Member:
        """Return where it lies in the backup."""
        return Member(f"files/{self.key}", self.size, self.sha256)


@dataclasses.dataclass(frozen=True, slots=True)
class Manifest:
    """The whole of it.

    `made_at` is an instant as text, `source` the kind of database it came from. `key_check`
    was sealed with the secret key of the portal, which itself is never in a backup.
    `file_list` is None for a backup without files. `missing_files` names the keys whose
    bytes were not whole when the backup was taken.
    """

    revision: str
    made_at: str
    app_version: str
    source: str
    key_check: str
    tables: tuple[TablePart, ...]
    file_list: Member | None
    file_count: int
    missing_files: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Return how many rows there are in all tables together."""
        return sum(table.rows for table in self.tables)

    def to_json(self) -> bytes:
        """Return the manifest as it stands in the backup."""
        document = {"format": FORMAT, **dataclasses.asdict(self)}
        return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode("ascii")


def parse(data: bytes) -> Manifest:
    """Return the manifest of a backup; raise DamagedBackup or BackupError with a sentence."""
    try:
        document = json.loads(data)
        version = document["format"]
        if version != FORMAT:
            raise BackupError(
                f"This backup has format {version} and this portal reads format {FORMAT}. "
                "Restore it with the version of Assay that made it."
            )
        return _manifest(document)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedBackup(
            "The list of contents of this backup cannot be read. Use another backup."
        ) from error


def _manifest(document: Mapping[str, Any]) -> Manifest:
    listed = document["file_list"]
    return Manifest(
        revision=str(document["revision"]),
        made_at=str(document["made_at"]),
        app_version=str(document["app_version"]),
        source=str(document["source"]),
        key_check=str(document["key_check"]),
        tables=tuple(
            TablePart(
                name=str(table["name"]),
                columns=tuple(str(column) for column in table["columns"]),
                rows=int(table["rows"]),
                member=_member(table["member"]),
            )
            for table in document["tables"]
        ),
        file_list=None if listed is None else _member(listed),
        file_count=int(document["file_count"]),
        missing_files=tuple(str(key) for key in document["missing_files"]),
    )


def _member(value: Mapping[str, Any]) -> Member:
    return Member(name=str(value["name"]), size=int(value["size"]), sha256=str(value["sha256"]))


def file_line(part: FilePart) -> bytes:
    """Return the line of a file in the list of files."""
    return json.dumps([part.key, part.size, part.sha256]).encode("ascii") + b"\n"


def parse_file_line(line: bytes) -> FilePart:
    """Return the file that a line names; raise DamagedBackup for anything else."""
    try:
        key, size, sha256 = json.loads(line)
    except ValueError as error:
        raise DamagedBackup("The list of files in this backup cannot be read.") from error
    if not (isinstance(key, str) and is_key(key) and isinstance(size, int)):
        raise DamagedBackup("The list of files in this backup names something else than a file.")
    return FilePart(key, size, str(sha256))
