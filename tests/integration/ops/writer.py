"""A process that saves as fast as it can and keeps a ledger of what was acknowledged.

`python -m tests.integration.ops.writer URL FILES LEDGER FIRST` runs until it is ended.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

from app.audit import recorder
from app.db.engine import Database
from app.files.backends import LocalStorage
from tests.integration.ops.backups import Place, save_one


def main(url: str, files: str, ledger: str, first: str) -> None:
    """Save numbers from `first` on; each goes to the ledger once its save was committed."""
    database = Database(url)
    database.on_session.append(recorder.install)
    place = Place(database, LocalStorage(Path(files)))
    with Path(ledger).open("a", encoding="ascii") as lines:
        for number in itertools.count(int(first)):
            save_one(place, number)
            lines.write(f"{number}\n")
            lines.flush()
            os.fsync(lines.fileno())


if __name__ == "__main__":
    main(*sys.argv[1:])
