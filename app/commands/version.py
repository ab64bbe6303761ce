"""The version of the portal, from the one place where it is written."""

from __future__ import annotations

import tomllib

from config import ROOT


def app_version() -> str:
    """Return the version, `unknown` where pyproject.toml was left behind."""
    try:
        with (ROOT / "pyproject.toml").open("rb") as file:
            return str(tomllib.load(file)["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return "unknown"
