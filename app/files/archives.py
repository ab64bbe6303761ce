"""Looks at a ZIP container before anybody parses what is in it. Pure.

Office documents are ZIP files. Everything here is decided from sizes and names, and from
bytes that are read in pieces and thrown away, so that no content can fill the memory.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from app.files.media_types import (
    FileRefused,
    broken,
    mislabelled,
    program,
    protected,
    refused,
    two_kinds,
)
from app.files.signatures import (
    HEAD,
    OLD_OFFICE,
    is_archive,
    is_program,
    is_windows_program,
)

MAX_ENTRIES = 5_000
MAX_UNPACKED = 200_000_000
MAX_RATIO = 100
"""How far one entry may unfold; honest office documents stay under 30."""
RATIO_FREE = 1_000_000
"""Entries that unfold to less than this cannot hurt, however well they pack."""

DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What the library raises for entries that cannot be unpacked."""

_MAX_DIRECTORY = 2_000_000
_END = struct.Struct("<4s4H2LH")
_CHUNK = 64 * 1024


@dataclass(slots=True)
class Budget:
    """What is left to unpack, shared by a document and the documents in it."""

    entries: int = MAX_ENTRIES
    unpacked: int = MAX_UNPACKED


def open_archive(file: BinaryIO, size: int, ending: str, budget: Budget) -> zipfile.ZipFile:
    """Return the opened container after its directory was checked; nothing is unpacked yet.

    Raises FileRefused for a container that is not whole, is padded with something else,
    is encrypted, holds too much, or has names that lead outside.
    """
    _check_end(file, size, ending)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, struct.error) as error:
        raise broken(ending) from error
    infos = archive.infolist()
    budget.entries -= len(infos)
    if budget.entries < 0:
        raise _too_much()
    names: set[str] = set()
    for info in infos:
        _check_entry(info, ending)
        folded = info.filename.rstrip("/").casefold()
        if folded in names:
            raise broken(ending)
        names.add(folded)
        budget.unpacked -= info.file_size
        if budget.unpacked < 0:
            raise _too_much()
        if info.file_size > max(RATIO_FREE, MAX_RATIO * info.compress_size):
            raise _too_much()
    _check_overlap(infos, archive.start_dir, ending)
    return archive


def _check_end(file: BinaryIO, size: int, ending: str) -> None:
    """Check the end record before the library reads a directory of any length."""
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        raise mislabelled(ending)
    if size < _END.size:
        raise broken(ending)
    file.seek(size - _END.size)
    signature, disk, start_disk, here, total, length, offset, comment = _END.unpack(
        file.read(_END.size)
    )
    if signature != b"PK\x05\x06" or comment or disk or start_disk or here != total:
        raise broken(ending)
    if total > MAX_ENTRIES or length > _MAX_DIRECTORY:
        raise _too_much()
    if offset + length != size - _END.size:
        # Bytes before the container or between its parts: a second file is hidden there.
        raise two_kinds(ending)


def _check_entry(info: zipfile.ZipInfo, ending: str) -> None:
    if info.flag_bits & 0x1:
        raise protected()
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise broken(ending)
    name = info.orig_filename
    parts = name.replace("\\", "/").split("/")
    if (
        "\x00" in name
        or "\\" in name
        or name.startswith("/")
        or ":" in parts[0]
        or ".." in parts
        or len(name) > 500
    ):
        raise refused(
            "names_outside",
            "This document holds parts whose names lead outside of it, as no office program writes "
            "them. Save it again from the program it comes from and upload that.",
        )
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise broken(ending)


def _check_overlap(infos: list[zipfile.ZipInfo], directory: int, ending: str) -> None:
    """Refuse entries that share bytes: the trick behind bombs with a small directory."""
    ordered = sorted(infos, key=lambda info: info.header_offset)
    follows = [info.header_offset for info in ordered[1:]] + [directory]
    for info, end in zip(ordered, follows, strict=True):
        if info.header_offset + 30 + info.compress_size > end:
            raise broken(ending)
    if ordered and ordered[0].header_offset != 0:
        raise two_kinds(ending)


def read_through(archive: zipfile.ZipFile, info: zipfile.ZipInfo, ending: str) -> bytes:
    """Unpack one entry piece by piece, check its checksum, and return its first bytes.

    Raises FileRefused when it is damaged, is a program, or hides old Office objects.
    """
    try:
        with archive.open(info) as part:
            head = part.read(HEAD)
            while part.read(_CHUNK):
                pass
    except DAMAGE as error:
        raise broken(ending) from error
    if is_windows_program(head) or (is_program(head) and not head.startswith(b"MZ")):
        raise program()
    if head.startswith(OLD_OFFICE):
        raise refused(
            "embedded_object",
            "This document holds an embedded object, which can be a program. Save it as a PDF, or "
            "paste the object as a picture, and upload that.",
        )
    return head


def holds_archive(head: bytes, name: str) -> bool:
    """Return whether an entry is packed itself. Compressed drawings (.emz, .wmz) are no worry."""
    return is_archive(head) and not name.lower().endswith((".emz", ".wmz"))


def nested_archive() -> FileRefused:
    """Return the refusal of an archive inside a document."""
    return refused(
        "nested_archive",
        "This document holds an archive. Take it out, or save the document as a PDF, and upload "
        "that.",
    )


def _too_much() -> FileRefused:
    return refused(
        "unpacks_too_large",
        f"This document unpacks to more than is accepted ({MAX_UNPACKED // 1_000_000} MB, or "
        f"{MAX_RATIO} times its size). Remove empty rows and columns, or save it as a PDF or CSV, "
        "and upload that.",
    )
