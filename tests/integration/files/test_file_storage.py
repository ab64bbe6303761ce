"""Both stores: what goes in comes out, and nothing else is ever there."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from app.files.backends import LocalStorage, ObjectStorage, open_storage
from app.files.storage import FileDamaged, Storage, new_key
from app.kernel import clock
from app.kernel.errors import DomainError, TooLarge, Unavailable
from config import Settings

LIMIT = 20_000_000


def pieces(data: bytes, size: int = 50_000) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def everything_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [1, 65_536, 7_000_001])
def test_bytes_come_back_as_they_were(storage: Storage, size: int) -> None:
    data = random.Random(size).randbytes(size)
    receipt = storage.put_stream(pieces(data), limit=LIMIT)
    assert (receipt.size, receipt.sha256) == (size, hashlib.sha256(data).hexdigest())
    with storage.open_verified(receipt.key, size=size, sha256=receipt.sha256) as file:
        assert file.read() == data
    for start, end in [(0, size), (size // 3, size // 2 + 1), (size - 1, size), (5, 5)]:
        assert b"".join(storage.open_range(receipt.key, start, end)) == data[start:end]
    assert [item.key for item in storage.list_keys()] == [receipt.key]
    storage.check()
    storage.delete(receipt.key)
    storage.delete(receipt.key)
    assert list(storage.list_keys()) == []


def test_equal_bytes_are_kept_apart(storage: Storage) -> None:
    first = storage.put_stream([b"same"], limit=LIMIT)
    second = storage.put_stream([b"same"], limit=LIMIT)
    assert first.key != second.key
    storage.delete(first.key)
    with storage.open_verified(second.key, size=4, sha256=second.sha256) as file:
        assert file.read() == b"same"


def test_a15_reading_stops_at_the_limit(storage: Storage) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(10_000)

    with pytest.raises(TooLarge) as caught:
        storage.put_stream(endless(), limit=100_000)
    assert taken == 11
    assert "larger than" in caught.value.message
    assert list(storage.list_keys()) == []


def test_what_inspection_refuses_is_not_kept(storage: Storage) -> None:
    def refuse(file) -> None:  # type: ignore[no-untyped-def]
        assert file.read() == b"seen whole"
        raise DomainError("no")

    with pytest.raises(DomainError, match="no"):
        storage.put_stream([b"seen ", b"whole"], limit=LIMIT, inspect=refuse)
    assert list(storage.list_keys()) == []


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "ab/cd", "", "AA/" + "A" * 64, "x\x00"])
def test_a18_only_own_keys_are_touched(storage: Storage, key: str) -> None:
    for act in (
        lambda: storage.delete(key),
        lambda: list(storage.open_range(key, 0, 1)),
        lambda: storage.open_verified(key, size=1, sha256="0" * 64),
    ):
        with pytest.raises(ValueError, match="storage key"):
            act()


def test_missing_bytes_are_damage(storage: Storage) -> None:
    with pytest.raises(FileDamaged) as caught:
        storage.open_verified(new_key(), size=1, sha256="0" * 64)
    assert caught.value.details["reason"] == "missing"
    with pytest.raises(FileDamaged):
        list(storage.open_range(new_key(), 0, 1))
    receipt = storage.put_stream([b"abc"], limit=LIMIT)
    with pytest.raises(FileDamaged):
        list(storage.open_range(receipt.key, 0, 9))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"abcdefgX", "changed"), (b"abcd", "size"), (b"abcdefghi", "size"), (None, "missing")],
)
def test_damaged_bytes_are_never_handed_out(
    local_storage: LocalStorage, content: bytes | None, reason: str
) -> None:
    receipt = local_storage.put_stream([b"abcdefgh"], limit=LIMIT)
    path = local_storage.root / receipt.key
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(FileDamaged) as caught:
        local_storage.open_verified(receipt.key, size=8, sha256=receipt.sha256)
    assert caught.value.details["reason"] == reason


def test_the_store_may_change_while_a_file_is_read(local_storage: LocalStorage) -> None:
    receipt = local_storage.put_stream([b"right"], limit=LIMIT)
    with local_storage.open_verified(receipt.key, size=5, sha256=receipt.sha256) as file:
        path = local_storage.root / receipt.key
        other = path.with_name("other")
        other.write_bytes(b"wrong")
        other.rename(path)
        assert file.read() == b"right"


def test_only_the_owner_may_enter_the_folder(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir(mode=0o755)
    storage = LocalStorage(tmp_path / "files")
    receipt = storage.put_stream([b"x"], limit=LIMIT)
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "files" / receipt.key).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "files" / receipt.key).parent.stat().st_mode & 0o777 == 0o700


def test_bytes_are_on_the_disk_before_they_have_their_name(
    local_storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    sync, rename = os.fsync, Path.rename

    def noting_sync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        seen.append("folder" if path.is_dir() else "file")
        sync(descriptor)

    def noting_rename(self: Path, target: Path) -> Path:
        seen.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", noting_sync)
    monkeypatch.setattr(Path, "rename", noting_rename)
    local_storage.put_stream([b"x"], limit=LIMIT)
    assert seen == ["file", "folder", "rename", "folder"]


def test_drafts_of_a_killed_process_are_cleared_when_they_are_old(
    local_storage: LocalStorage,
) -> None:
    draft = local_storage.root / "draft-left"
    draft.write_bytes(b"half")
    assert list(local_storage.list_keys()) == []
    assert local_storage.clear_drafts(clock.now().replace(year=2020)) == 0
    assert local_storage.clear_drafts(clock.now().replace(year=2100)) == 1
    assert not draft.exists()


def test_f9_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    """The operating system refuses to write beyond 100 kB, as it does on a full disk."""
    program = textwrap.dedent(
        """
        import pathlib, resource, sys
        from app.files.backends import LocalStorage
        from app.files.storage import StorageFull
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        storage = LocalStorage(pathlib.Path(sys.argv[1]))
        try:
            storage.put_stream((bytes(30_000) for _ in range(10)), limit=1_000_000)
        except StorageFull as error:
            print(error.status, error.message)
        print(storage.put_stream([b"small"], limit=1_000_000).size)
        """
    )
    root = tmp_path / "files"
    done = subprocess.run(
        [sys.executable, "-c", program, str(root)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    first, second = done.stdout.splitlines()
    assert first.startswith("503 There is no room left to store files")
    assert second == "5"
    assert [path.read_bytes() for path in everything_in(root)] == [b"small"]


def test_f9_a_store_that_cannot_be_written_says_so(local_storage: LocalStorage) -> None:
    local_storage.root.rmdir()
    local_storage.root.write_bytes(b"a file where the folder was")
    with pytest.raises(Unavailable, match="does not take files"):
        local_storage.put_stream([b"x"], limit=LIMIT)
    with pytest.raises(Unavailable):
        local_storage.check()
    local_storage.root.unlink()
    local_storage.root.mkdir()
    local_storage.check()
    assert local_storage.put_stream([b"x"], limit=LIMIT).size == 1


def test_f9_an_object_store_that_is_away_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    storage = ObjectStorage("s3://bucket")
    for act in (
        storage.check,
        lambda: storage.put_stream([b"x"], limit=LIMIT),
        lambda: storage.open_verified(new_key(), size=1, sha256="0" * 64),
        lambda: list(storage.list_keys()),
        lambda: storage.delete(new_key()),
    ):
        with pytest.raises(Unavailable, match="does not answer"):
            act()


def test_an_object_store_refuses_after_a_fork_instead_of_hanging(
    s3_storage: ObjectStorage,
) -> None:
    s3_storage.check()
    child = os.fork()
    if child == 0:
        try:
            s3_storage.check()
        except RuntimeError:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_s3_objects_that_were_changed_are_noticed(
    s3_storage: ObjectStorage, s3_endpoint: str
) -> None:
    receipt = s3_storage.put_stream([b"abcdefgh"], limit=LIMIT)
    client = boto3.client("s3", endpoint_url=s3_endpoint, region_name="us-east-1")
    bucket = client.list_buckets()["Buckets"][-1]["Name"]
    for content, reason in ((b"abcdefgX", "changed"), (b"abc", "size")):
        client.put_object(Bucket=bucket, Key=f"files/{receipt.key}", Body=content)
        with pytest.raises(FileDamaged) as caught:
            s3_storage.open_verified(receipt.key, size=8, sha256=receipt.sha256)
        assert caught.value.details["reason"] == reason


def test_the_settings_choose_the_store(settings: Settings) -> None:
    assert isinstance(open_storage(settings), LocalStorage)
    assert (settings.data_dir / "files").is_dir()
    chosen = open_storage(settings.with_values(storage_url="s3://bucket/prefix"))
    assert isinstance(chosen, ObjectStorage)
