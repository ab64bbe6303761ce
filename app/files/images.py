"""PNG and JPEG by their structure alone. Pure.

Nothing is decoded, so no picture can fill the memory.
"""

from __future__ import annotations

from typing import BinaryIO

from app.files.media_types import FileRefused, broken, mislabelled, refused, two_kinds
from app.files.signatures import is_archive, is_program, is_web_page

MAX_PIXELS = 100_000_000
MAX_SIDE = 30_000

_PNG = b"\x89PNG\r\n\x1a\n"
_MAX_CHUNKS = 100_000
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that carry the size of the picture."""


def check_png(file: BinaryIO, size: int, ending: str) -> None:
    """Raise FileRefused unless the file is one PNG from its first to its last byte."""
    if file.read(8) != _PNG:
        raise mislabelled(ending)
    position = 8
    for number in range(_MAX_CHUNKS):
        head = file.read(8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) < 8 or position + 12 + length > size:
            raise broken(ending)
        if number == 0:
            if kind != b"IHDR" or length != 13:
                raise broken(ending)
            dimensions = file.read(8)
            _check_pixels(
                int.from_bytes(dimensions[:4], "big"), int.from_bytes(dimensions[4:], "big"), ending
            )
        position += 12 + length
        file.seek(position)
        if kind == b"IEND":
            if position != size:
                raise two_kinds(ending)
            return
    raise broken(ending)


def check_jpeg(file: BinaryIO, size: int, ending: str) -> None:
    """Raise FileRefused unless this is a JPEG with a frame, an end, and no other file behind."""
    if file.read(2) != b"\xff\xd8":
        raise mislabelled(ending)
    position, seen = 2, False
    for _ in range(_MAX_CHUNKS):
        file.seek(position)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            raise broken(ending)
        kind, length = head[1], int.from_bytes(head[2:], "big")
        if kind == 0xFF:  # fill byte
            position += 1
            continue
        if length < 2 or position + 2 + length > size:
            raise broken(ending)
        if kind in _FRAMES:
            frame = file.read(5)
            height = int.from_bytes(frame[1:3], "big")
            _check_pixels(int.from_bytes(frame[3:5], "big"), height, ending)
            seen = True
        position += 2 + length
        if kind == 0xDA:
            if not seen:
                raise broken(ending)
            return _check_jpeg_tail(file, position, ending)
    raise broken(ending)


def _check_jpeg_tail(file: BinaryIO, position: int, ending: str) -> None:
    """Look for the end marker. Cameras append previews of their own; other files are refused."""
    while True:
        file.seek(position)
        chunk = file.read(256 * 1024)
        found = chunk.find(b"\xff\xd9")
        if found >= 0:
            file.seek(position + found + 2)
            behind = file.read(512)
            if is_web_page(behind) or is_archive(behind) or is_program(behind):
                raise two_kinds(ending)
            return
        if len(chunk) < 2:
            raise broken(ending)
        position += len(chunk) - 1  # the marker may lie across the border


def _check_pixels(width: int, height: int, ending: str) -> None:
    if width == 0 or height == 0:
        raise broken(ending)
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise _too_many_pixels(width, height)


def _too_many_pixels(width: int, height: int) -> FileRefused:
    return refused(
        "pixels",
        f"This picture is {width:,} by {height:,} pixels, more than can be shown. Save it with at "
        f"most {MAX_PIXELS // 1_000_000} million pixels and {MAX_SIDE:,} a side, and upload that.",
    )
