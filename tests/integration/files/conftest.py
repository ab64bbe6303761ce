"""Stores to test with: a local folder, and S3 as moto's server speaks it on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from app.access.actor import Actor, ActorKind
from app.access.roles import Role
from app.files.backends import LocalStorage, ObjectStorage
from app.files.services import UploadRules
from app.files.storage import Storage
from app.kernel import ids

RULES = UploadRules(limit=2_000_000, scan=False)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The address of an S3 server of this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_storage(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> ObjectStorage:
    """A bucket of the test's own."""
    for name, value in {
        "AWS_ENDPOINT_URL": s3_endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    bucket = f"test-{ids.new_id()}"
    boto3.client("s3", endpoint_url=s3_endpoint, region_name="us-east-1").create_bucket(
        Bucket=bucket
    )
    return ObjectStorage(f"s3://{bucket}/files")


@pytest.fixture
def local_storage(tmp_path: Path) -> LocalStorage:
    """A folder of the test's own."""
    return LocalStorage(tmp_path / "files")


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest) -> Storage:
    """Both stores, one after the other."""
    store: Storage = request.getfixturevalue(f"{request.param}_storage")
    return store


@pytest.fixture
def administrator() -> Actor:
    """A person who may manage files."""
    return Actor(ActorKind.STAFF, ids.new_id(), "Ada Admin", frozenset({Role.ADMINISTRATOR}))
