"""The product's own files, read once: what the rules of this folder look at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "questionnaires", "vendors")


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file of the product."""

    path: str
    """From the root, with slashes."""
    name: str
    """As it is imported."""
    text: str
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        """Return where a piece of it stands."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def walk(self) -> Iterator[ast.AST]:
        """Yield every node."""
        return ast.walk(self.tree)


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of the rooms, and config and wsgi."""
    files = [ROOT / "config.py", ROOT / "wsgi.py"]
    for room in ROOMS:
        files += sorted((ROOT / room).rglob("*.py"))
    return tuple(_read(file) for file in files if file.exists())


def _read(file: Path) -> Module:
    path = file.relative_to(ROOT)
    parts = path.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = file.read_text(encoding="utf-8")
    return Module(path.as_posix(), name, text, ast.parse(text, str(path)))


def files(*patterns: str) -> list[tuple[str, str]]:
    """Return (path, text) of the files under the rooms that match, sorted."""
    found = {
        file
        for room in ROOMS
        for pattern in patterns
        for file in (ROOT / room).rglob(pattern)
        if file.is_file()
    }
    return [
        (file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
        for file in sorted(found)
    ]


def calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Yield every call with the dotted text of what is called."""
    for node in module.walk():
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def imported(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """Yield every imported module's dotted name with the statement."""
    for node in module.walk():
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            yield node, "." * node.level + (node.module or "")
