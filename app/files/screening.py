"""Decides whether a file may come in: name and content must agree on an accepted type. Pure.

Nothing that a sender claims is believed, and nothing is parsed before its size is known.
docs/files.md is the list for people.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from typing import BinaryIO

from app.files import media_types, names, signatures
from app.files.images import check_jpeg, check_png
from app.files.media_types import ACCEPTED, ACCEPTED_WORDS, Family, FileRefused, refused
from app.files.office import check_office, check_open_document

_CHUNK = 64 * 1024
_PDF_START = re.compile(rb"%PDF-[12]\.\d")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_JSON_START, _JSON_END = b'[{"-0123456789tfn', b']}"0123456789el'


def screen(file: BinaryIO, name: str) -> str:
    """Return the media type of a file that may come in; raise FileRefused with a sentence.

    `file` can be read and sought, and is left at any position. `name` is the sender's.
    """
    name = names.clean(name)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    head = file.read(signatures.HEAD)
    if signatures.is_program(head):
        raise media_types.program()
    ending = _accepted_ending(name, head)
    if size == 0:
        raise refused(
            "empty", "This file is empty. Look whether it was saved, then choose it again."
        )
    _check_content(file, size, ending, head)
    return ACCEPTED[ending].value


def _accepted_ending(name: str, head: bytes) -> str:
    """Return the ending of the name when it is on the list; raise FileRefused."""
    ending = names.extension(name)
    if ending in media_types.PROGRAM_ENDINGS:
        raise media_types.program()
    if ending in ACCEPTED:
        inner = {part.strip() for part in name.lower().split(".")[1:-1]}
        if inner & media_types.DISGUISE_ENDINGS:
            raise media_types.disguised(ending)
        return ending
    if ending in media_types.WEB_ENDINGS or signatures.is_web_page(head):
        raise media_types.web_page()
    if ending in media_types.MACRO_ENDINGS:
        raise media_types.macros()
    if ending in media_types.ARCHIVE_ENDINGS:
        raise media_types.archive()
    if ending in media_types.OLD_OFFICE_ENDINGS:
        raise media_types.protected()
    if not ending:
        raise refused(
            "no_ending",
            f"The name of this file has no ending such as .pdf. Give it the right one and choose "
            f"it again; accepted is {ACCEPTED_WORDS}.",
        )
    raise refused("not_accepted", f"Files of this kind are not taken. Upload {ACCEPTED_WORDS}.")


def _check_content(file: BinaryIO, size: int, ending: str, head: bytes) -> None:
    family = ACCEPTED[ending].family
    if head.startswith(signatures.OLD_OFFICE) and family in (Family.OFFICE, Family.OPEN_DOCUMENT):
        raise media_types.protected()
    if signatures.is_web_page(head):
        raise media_types.web_page()
    file.seek(0)
    if family is Family.OFFICE:
        check_office(file, size, ending)
        return
    if family is Family.OPEN_DOCUMENT:
        check_open_document(file, size, ending)
        return
    if signatures.is_archive(head):
        raise media_types.mislabelled(ending)
    if family is Family.TEXT:
        _check_text(file, ending)
        return
    if family is Family.PDF:
        _check_pdf(file, size, ending, head)
    elif family is Family.PNG:
        check_png(file, size, ending)
    else:
        check_jpeg(file, size, ending)
    file.seek(0)
    if zipfile.is_zipfile(file):
        raise media_types.two_kinds(ending)


def _check_pdf(file: BinaryIO, size: int, ending: str, head: bytes) -> None:
    if not _PDF_START.match(head):
        raise media_types.mislabelled(ending)
    start = head[:1_024].lower()
    if b"<script" in start or b"<html" in start:
        raise media_types.two_kinds(ending)
    file.seek(max(0, size - 2_048))
    if b"%%EOF" not in file.read(2_048):
        raise media_types.broken(ending)


def _check_text(file: BinaryIO, ending: str) -> None:
    """Read the whole text: UTF-8 without control characters."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    first = last = b""
    while True:
        chunk = file.read(_CHUNK)
        if not first and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise _encoding()
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise _encoding() from error
        if _NO_TEXT.search(text):
            raise refused(
                "not_text",
                "This file holds characters that no text has, so it may be another kind of file. "
                "Open it in a text editor, save it as text in UTF-8 and upload that.",
            )
        if stripped := chunk.strip(b"\xef\xbb\xbf \t\r\n"):
            first = first or stripped[:1]
            last = stripped[-1:]
        if not chunk:
            break
    if ending == "json" and (not first or first not in _JSON_START or last not in _JSON_END):
        raise media_types.mislabelled(ending)


def _encoding() -> FileRefused:
    return refused(
        "encoding",
        "This text is not in UTF-8, so some of its letters would be lost. Save it as UTF-8 (in "
        "Excel: “CSV UTF-8”) and upload that.",
    )
