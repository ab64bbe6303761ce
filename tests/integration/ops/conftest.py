"""Places to back up and to restore into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.ops.backups import Places, places_in
from tests.support.databases import DatabaseSource


@pytest.fixture
def places(database_source: DatabaseSource, tmp_path: Path) -> Iterator[Places]:
    """Return the giver of databases with their file stores."""
    with places_in(database_source, tmp_path) as places:
        yield places
