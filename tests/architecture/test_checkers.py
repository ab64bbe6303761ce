"""The checkers that read the whole tree. What they ask for stands in pyproject.toml."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.architecture.source_tree import ROOT

RUFF = ["-m", "ruff"]
CHECKERS = {
    "ruff check": [*RUFF, "check", "--no-cache", "."],
    "ruff format": [*RUFF, "format", "--no-cache", "--check", "."],
    "mypy --strict": ["-m", "mypy"],
    "import contracts": [
        "-c",
        "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])",
    ],
}


@pytest.mark.parametrize("name", CHECKERS)
def test_checker(name: str) -> None:
    done = subprocess.run(
        [sys.executable, *CHECKERS[name]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{name}:\n{done.stdout[-8000:]}{done.stderr[-2000:]}"
