"""The list of what may be uploaded, and words for what may not. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from app.kernel.errors import DomainError


class Family(enum.StrEnum):
    """How the content of a type is recognised."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    OFFICE = "office"
    OPEN_DOCUMENT = "open_document"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class MediaType:
    """One accepted type: the text stored with the file, how it is recognised, its name."""

    value: str
    family: Family
    label: str


_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

ACCEPTED: Mapping[str, MediaType] = {
    "pdf": MediaType("application/pdf", Family.PDF, "PDF"),
    "docx": MediaType(_OOXML + "wordprocessingml.document", Family.OFFICE, "Word"),
    "xlsx": MediaType(_OOXML + "spreadsheetml.sheet", Family.OFFICE, "Excel"),
    "pptx": MediaType(_OOXML + "presentationml.presentation", Family.OFFICE, "PowerPoint"),
    "odt": MediaType(_ODF + "text", Family.OPEN_DOCUMENT, "OpenDocument text"),
    "ods": MediaType(_ODF + "spreadsheet", Family.OPEN_DOCUMENT, "OpenDocument spreadsheet"),
    "odp": MediaType(_ODF + "presentation", Family.OPEN_DOCUMENT, "OpenDocument slides"),
    "png": MediaType("image/png", Family.PNG, "PNG"),
    "jpg": MediaType("image/jpeg", Family.JPEG, "JPEG"),
    "jpeg": MediaType("image/jpeg", Family.JPEG, "JPEG"),
    "csv": MediaType("text/csv", Family.TEXT, "CSV"),
    "txt": MediaType("text/plain", Family.TEXT, "text"),
    "md": MediaType("text/markdown", Family.TEXT, "Markdown"),
    "json": MediaType("application/json", Family.TEXT, "JSON"),
    "yaml": MediaType("application/yaml", Family.TEXT, "YAML"),
    "yml": MediaType("application/yaml", Family.TEXT, "YAML"),
}
"""Ending in lower case → type. The sender's own word for the type is never asked."""

VALUES: frozenset[str] = frozenset(kind.value for kind in ACCEPTED.values())

ACCEPTED_WORDS = (
    "a PDF, Word (.docx), Excel (.xlsx), PowerPoint (.pptx), OpenDocument (.odt, .ods, .odp), "
    "PNG, JPEG, CSV, text (.txt, .md), JSON or YAML file"
)


def _endings(words: str) -> frozenset[str]:
    return frozenset(words.split())


PROGRAM_ENDINGS = _endings(
    "exe com dll sys scr msi msp bat cmd ps1 psm1 vbs vbe js jse mjs cjs ws wsf wsh hta cpl pif "
    "lnk reg jar class apk app dmg pkg deb rpm sh bash zsh csh ksh command run bin elf so dylib "
    "py pyc pyw pl rb php php3 php4 php5 phtml phar asp aspx jsp jspx cgi wasm swf chm inf "
    "url desktop scf"
)
DISGUISE_ENDINGS = _endings(
    "exe scr msi bat cmd ps1 vbs vbe jse wsf hta cpl pif lnk jar php php5 phtml phar asp aspx jsp "
    "jspx"
)
"""Refused before the real ending too. Short, since example.com.pdf is an honest name."""

WEB_ENDINGS = _endings("html htm xhtml xht shtml mht mhtml svg svgz xml xsl xslt xbl css htaccess")
MACRO_ENDINGS = _endings("docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm")
ARCHIVE_ENDINGS = _endings(
    "zip rar 7z tar gz tgz bz2 tbz xz txz zst lz lz4 cab iso img vhd vhdx ace arj lzh z"
)
OLD_OFFICE_ENDINGS = _endings("doc dot xls xlt ppt pot pps rtf wps wpd")


class FileRefused(DomainError):
    """A file that is not taken; `details["reason"]` is a stable word for logs and tests."""

    code = "file_refused"


def refused(reason: str, sentence: str) -> FileRefused:
    """Return a refusal that stands beside the field `file`."""
    return FileRefused(sentence, field="file", details={"reason": reason})


def program() -> FileRefused:
    """Return the refusal of anything that a machine would run."""
    return refused("program", f"This file is a program, not a document. Upload {ACCEPTED_WORDS}.")


def disguised(ending: str) -> FileRefused:
    """Return the refusal of a name such as invoice.exe.pdf."""
    return refused(
        "disguised",
        "The name of this file has two endings, as programs in disguise do. Rename it so that it "
        f"ends only in .{ending}, and choose it again.",
    )


def web_page() -> FileRefused:
    """Return the refusal of HTML, SVG and XML."""
    return refused(
        "web_page",
        "This file is a web page or drawing that can hold scripts. Print or save it as a PDF, "
        "or a drawing as a PNG, and upload that.",
    )


def archive() -> FileRefused:
    """Return the refusal of a packed file."""
    return refused(
        "archive", "This file is an archive. Unpack it and upload the documents in it one by one."
    )


def macros() -> FileRefused:
    """Return the refusal of a document with programs in it."""
    return refused(
        "macros",
        "This document holds macros, which are programs. Save it without macros (.docx, .xlsx, "
        ".pptx or their OpenDocument forms) or as a PDF, and upload that.",
    )


def protected() -> FileRefused:
    """Return the refusal of an office file that is encrypted or of the years before 2007."""
    return refused(
        "protected",
        "This document is protected with a password or in an old Office format. Save it without "
        "a password as .docx, .xlsx, .pptx or PDF, and upload that.",
    )


def mislabelled(ending: str) -> FileRefused:
    """Return the refusal of content that is not what the name says."""
    return refused(
        "mislabelled",
        f"The name ends in .{ending}, but the content is something else. Open the file in the "
        f"program it comes from, save it as {ACCEPTED[ending].label} and upload that.",
    )


def broken(ending: str) -> FileRefused:
    """Return the refusal of content that starts right and is not whole."""
    return refused(
        "broken",
        f"This {ACCEPTED[ending].label} file is not complete or is damaged. Open it to see "
        "whether it is whole, save it again and upload that.",
    )


def two_kinds(ending: str) -> FileRefused:
    """Return the refusal of a file that other programs would read as something else."""
    return refused(
        "two_kinds",
        f"This {ACCEPTED[ending].label} file has other content hidden in it. Save it again from "
        "the program it comes from and upload that.",
    )
