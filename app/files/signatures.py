"""What the first bytes of a file give away. Pure."""

from __future__ import annotations

HEAD = 4_096
"""Bytes from the start that the functions here want to see."""

_PROGRAMS = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",  # Mach-O
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # Mach-O for several machines, Java class
    b"\x00asm",
    b"dex\n",
    b"!<arch>\n",
    b"L\x00\x00\x00\x01\x14\x02\x00",  # Windows shortcut
    b"\xed\xab\xee\xdb",  # rpm
    b"#!/",
    b"#! /",
    b"<?php",
)
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x07\x08",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"\x1f\x9d",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
    b"LZIP",
    b"MSCF",
)
_WEB = (
    b"<!doctype",
    b"<html",
    b"<head",
    b"<body",
    b"<svg",
    b"<script",
    b"<iframe",
    b"<object",
    b"<embed",
    b"<?xml",
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Start of the container of old Office files, of encrypted new ones, and of installers."""

_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def is_program(head: bytes) -> bool:
    """Return whether a machine would run this."""
    if head.startswith(b"MZ"):
        # Two letters alone can be the start of a text.
        return b"\x00" in head
    return _without_bom(head).startswith(_PROGRAMS)


def is_windows_program(head: bytes) -> bool:
    """Return whether this is a Windows program beyond doubt, for parts with chance content."""
    offset = int.from_bytes(head[60:64], "little")
    return head.startswith(b"MZ") and head[offset : offset + 4] == b"PE\x00\x00"


def is_archive(head: bytes) -> bool:
    """Return whether this is a packed file; office documents are too."""
    return head.startswith(_ARCHIVES) or head[257:262] == b"ustar"


def is_web_page(head: bytes) -> bool:
    """Return whether a browser would take this for HTML, SVG or XML, in any usual encoding."""
    text = _without_bom(head).replace(b"\x00", b"").lstrip(b" \t\r\n\x0b\x0c").lower()
    while text.startswith(b"<!--") and b"-->" in text:
        text = text.split(b"-->", 1)[1].lstrip()
    return text.startswith(_WEB)


def _without_bom(head: bytes) -> bytes:
    for bom in _BOMS:
        if head.startswith(bom):
            return head[len(bom) :]
    return head
