"""Word, Excel, PowerPoint and OpenDocument files: what they are and what hides in them. Pure."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping
from typing import Any, BinaryIO, cast
from xml.parsers import expat

from app.files.archives import (
    DAMAGE,
    Budget,
    holds_archive,
    nested_archive,
    open_archive,
    read_through,
)
from app.files.media_types import (
    ACCEPTED,
    FileRefused,
    broken,
    macros,
    mislabelled,
    protected,
    refused,
)

_MAIN_PARTS: Mapping[str, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
}
_XML_ENDINGS = (".xml", ".rels", ".vml", ".rdf")
_MAX_PROLOG = 64 * 1024
_MAX_STRUCTURE = 5_000_000
_MAX_EMBEDDED = 50_000_000
_FETCHED = ("/attachedTemplate", "/oleObject", "/frame", "/subDocument", "/control")
"""Relations that make a program fetch and run content from an address when it opens the file."""


def check_office(file: BinaryIO, size: int, ending: str, budget: Budget | None = None) -> None:
    """Raise FileRefused unless this is a plain document of the kind that `ending` says.

    With `budget` it is a document inside another: charts carry their numbers that way,
    one level deep.
    """
    inner = budget is not None
    budget = budget or Budget()
    with open_archive(file, size, ending, budget) as archive:
        _check_content_types(archive, ending)
        for info in archive.infolist():
            if info.is_dir():
                continue
            name = info.filename.lower()
            if name.endswith(("vbaproject.bin", "vbadata.xml")) or "/activex/" in f"/{name}":
                raise macros()
            head = read_through(archive, info, ending)
            if name.endswith(_XML_ENDINGS):
                _check_prolog(archive, info, ending)
                if name.endswith(".rels"):
                    _check_relations(archive, info, ending)
            elif holds_archive(head, name):
                embedded = name.rpartition(".")[2]
                if inner or "/embeddings/" not in name or embedded not in _MAIN_PARTS:
                    raise nested_archive()
                _check_embedded(archive, info, embedded, budget)


def check_open_document(file: BinaryIO, size: int, ending: str) -> None:
    """Raise FileRefused unless this is a plain OpenDocument file of the kind that `ending` says."""
    with open_archive(file, size, ending, Budget()) as archive:
        infos = archive.infolist()
        first = infos[0] if infos else None
        if first is None or first.filename != "mimetype" or first.file_size > 200:
            raise mislabelled(ending)
        if _read(archive, first, ending).strip() != ACCEPTED[ending].value.encode():
            raise mislabelled(ending)
        for info in infos:
            name = info.filename.lower()
            if name.startswith(("basic/", "scripts/")):
                raise macros()
            if info.is_dir():
                continue
            head = read_through(archive, info, ending)
            if name == "meta-inf/manifest.xml":
                _check_manifest(archive, info, ending)
            if name.endswith(_XML_ENDINGS):
                _check_prolog(archive, info, ending)
            elif holds_archive(head, name):
                raise nested_archive()


def _check_content_types(archive: zipfile.ZipFile, ending: str) -> None:
    try:
        info = archive.getinfo("[Content_Types].xml")
    except KeyError as error:
        raise mislabelled(ending) from error
    found: set[str] = set()

    def start(_name: str, attributes: Mapping[str, str]) -> None:
        found.add(attributes.get("ContentType", "").strip().lower())

    _parse(archive, info, ending, start)
    if any("macroenabled" in kind or "vbaproject" in kind or "activex" in kind for kind in found):
        raise macros()
    if _MAIN_PARTS[ending] not in found:
        raise mislabelled(ending)


def _check_relations(archive: zipfile.ZipFile, info: zipfile.ZipInfo, ending: str) -> None:
    def start(_name: str, attributes: Mapping[str, str]) -> None:
        external = attributes.get("TargetMode", "").lower() == "external"
        if external and attributes.get("Type", "").endswith(_FETCHED):
            raise refused(
                "fetches_content",
                "This document loads content from elsewhere when it is opened. Save it as a PDF "
                "and upload that.",
            )

    _parse(archive, info, ending, start)


def _check_manifest(archive: zipfile.ZipFile, info: zipfile.ZipInfo, ending: str) -> None:
    def start(name: str, _attributes: Mapping[str, str]) -> None:
        if name.rpartition(":")[2] == "encryption-data":
            raise protected()

    _parse(archive, info, ending, start)


def _check_embedded(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, ending: str, budget: Budget
) -> None:
    if info.file_size > _MAX_EMBEDDED:
        raise nested_archive()
    with tempfile.TemporaryFile() as copy, archive.open(info) as part:
        while chunk := part.read(64 * 1024):
            copy.write(chunk)
        check_office(cast(BinaryIO, copy), info.file_size, ending, budget)


def _check_prolog(archive: zipfile.ZipFile, info: zipfile.ZipInfo, ending: str) -> None:
    """Read an XML part as far as its first element: a document type can stand only before it."""

    class SeenError(Exception):
        pass

    def start(_name: str, _attributes: Mapping[str, str]) -> None:
        raise SeenError

    if info.file_size == 0:  # LibreOffice writes such parts
        return
    parser = _parser(start)
    try:
        with archive.open(info) as part:
            for _ in range(_MAX_PROLOG // 4_096):
                chunk = part.read(4_096)
                parser.Parse(chunk, not chunk)
                if not chunk:
                    break
    except SeenError:
        return
    except expat.ExpatError as error:
        raise broken(ending) from error
    raise broken(ending)


def _parse(archive: zipfile.ZipFile, info: zipfile.ZipInfo, ending: str, start: Any) -> None:
    parser = _parser(start)
    try:
        parser.Parse(_read(archive, info, ending), True)
    except expat.ExpatError as error:
        raise broken(ending) from error


def _parser(start: Any) -> expat.XMLParserType:
    """Return a parser that refuses a document type, and with it every entity."""

    def refuse(*_arguments: object) -> None:
        raise _document_type()

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    return parser


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, ending: str) -> bytes:
    if info.file_size > _MAX_STRUCTURE:
        raise broken(ending)
    try:
        return archive.read(info)
    except DAMAGE as error:
        raise broken(ending) from error


def _document_type() -> FileRefused:
    return refused(
        "document_type",
        "This document holds a definition that can make a reader open other files. Save it again "
        "from the program it comes from, or as a PDF, and upload that.",
    )
