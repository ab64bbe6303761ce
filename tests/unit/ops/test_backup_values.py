"""A row survives the way through a backup, whatever is in it."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backup.manifest import (
    BackupError,
    DamagedBackup,
    FilePart,
    Manifest,
    Member,
    TablePart,
    file_line,
    parse,
    parse_file_line,
)
from app.backup.values import from_line, to_line

PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.binary(),
)


@given(st.lists(PLAIN, max_size=8))
def test_plain_values_come_back_as_they_were(row: list[object]) -> None:
    line = to_line(row)
    assert from_line(line) == row
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    line.decode("ascii")


def test_rich_values_take_the_spelling_of_sqlite() -> None:
    key = uuid.UUID("0190d5a0-7c1f-7000-8000-000000000001")
    instant = dt.datetime(2026, 11, 23, 11, 0, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    row = [key, instant, dt.date(2026, 11, 23), decimal.Decimal("12.50")]
    assert from_line(to_line(row)) == [
        "0190d5a07c1f70008000000000000001",
        "2026-11-23T10:00:00.000000Z",
        "2026-11-23",
        "12.50",
    ]


@pytest.mark.parametrize(
    "value",
    [float("nan"), dt.datetime(2026, 1, 1), ["a"], {"a": 1}, object()],  # noqa: DTZ001 - that is the point
)
def test_what_has_no_spelling_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        to_line([value])


@pytest.mark.parametrize("line", [b"", b"{}", b'"a"', b"[[1]]", b"[", b'[{"$bytes": "!"}]'])
def test_a_line_that_is_no_row_is_refused(line: bytes) -> None:
    with pytest.raises((ValueError, KeyError)):
        from_line(line)


MANIFEST = Manifest(
    revision="0001",
    made_at="2026-11-23T10:00:00.000000Z",
    app_version="0.1.0",
    source="sqlite",
    key_check="sealed",
    tables=(TablePart("job", ("id", "topic"), 2, Member("tables/job.jsonl", 10, "0" * 64)),),
    file_list=Member("files.jsonl", 5, "1" * 64),
    file_count=1,
    missing_files=("ab/cd",),
)


def test_a_manifest_reads_itself_back() -> None:
    assert parse(MANIFEST.to_json()) == MANIFEST


def test_a_manifest_of_a_later_format_says_who_can_read_it() -> None:
    document = json.loads(MANIFEST.to_json())
    document["format"] = 2
    with pytest.raises(BackupError, match=r"format 2.*version of Assay that made it"):
        parse(json.dumps(document).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"format": 1}', b"[" * 100_000])
def test_a_manifest_that_is_none_is_damage(data: bytes) -> None:
    with pytest.raises(DamagedBackup):
        parse(data)


@pytest.mark.parametrize(
    "line",
    [b"", b"[]", b'["../../etc/passwd", 1, "a"]', b'["ab/c", 1, "a"]', b"[1, 2, 3]", b"[1]"],
)
def test_a_file_list_never_leads_out_of_the_store(line: bytes) -> None:
    with pytest.raises(DamagedBackup):
        parse_file_line(line)


def test_a_file_line_reads_itself_back() -> None:
    part = FilePart("ab/" + "ab" * 32, 12, "c" * 64)
    assert parse_file_line(file_line(part)) == part
    assert part.member.name == f"files/{part.key}"
