"""Starts another command of the portal in a process of its own."""

from __future__ import annotations

import os
import sys

from config import ROOT


def arguments(*command: str) -> list[str]:
    """Return how a command of the portal is started with this interpreter."""
    return [sys.executable, "-P", "-m", "app.cli", *command]


def environment() -> dict[str, str]:
    """Return our environment, in which the code is found wherever we were called from."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
