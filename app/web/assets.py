"""Stylesheets, scripts and icons: ours, and those that installed wheels carry.

Each is served under the hash of its content and may be kept for ever; a changed file has
a new address. Nothing outside the list below can be reached.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.resources
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

_STATIC = Path(__file__).resolve().parent.parent / "static"

_FROM_WHEELS = {
    "vendor/bootstrap.min.css": ("flask_bootstrap", "static/bootstrap5/css/bootstrap.min.css"),
    "vendor/htmx.min.js": ("js_lib_htmx", "static/htmx/htmx.min.js"),
}
_ICON_SPRITE = ("flask_bootstrap", "static/bootstrap5/icons/bootstrap-icons.svg")
_ICON_LIST = _STATIC / "icons.txt"

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
          ".svg": "image/svg+xml; charset=utf-8"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served: `etag` is the start of its SHA-256, `packed` its gzip form."""

    name: str
    content: bytes
    packed: bytes
    media_type: str
    etag: str


class AssetLibrary:
    """All assets by name, read once at start."""

    def __init__(self) -> None:
        """Read the files; raises FileNotFoundError when a wheel does not carry its part."""
        files = {
            path.relative_to(_STATIC).as_posix(): path.read_bytes()
            for path in sorted(_STATIC.rglob("*"))
            if path.suffix in (".css", ".js", ".svg", ".png", ".ico", ".woff2")
        }
        for name, (package, path) in _FROM_WHEELS.items():
            files[name] = importlib.resources.files(package).joinpath(path).read_bytes()
        # The comment that points to a source map would only bring a refused request.
        for name in _FROM_WHEELS:
            files[name] = re.sub(rb"/[/*]# sourceMappingURL=\S+( \*/)?", b"", files[name])
        files["vendor/icons.svg"] = _icon_sprite()
        self._assets = {name: _asset(name, content) for name, content in files.items()}

    def find(self, etag: str, name: str) -> Asset | None:
        """Return the asset with this name and content, or None."""
        asset = self._assets.get(name)
        return asset if asset is not None and asset.etag == etag else None

    def path(self, name: str) -> str:
        """Return the address of an asset; raises KeyError for a name that is not on the list."""
        return f"/assets/{self._assets[name].etag}/{name}"

    def names(self) -> list[str]:
        """Return all names, sorted."""
        return sorted(self._assets)


def _asset(name: str, content: bytes) -> Asset:
    suffix = Path(name).suffix
    return Asset(
        name=name,
        content=content,
        packed=gzip.compress(content, 9, mtime=0),
        media_type=_TYPES.get(suffix)
        or mimetypes.types_map.get(suffix, "application/octet-stream"),
        etag=hashlib.sha256(content).hexdigest()[:16],
    )


def icon_names() -> list[str]:
    """Return the icons that pages use, from static/icons.txt (one a line, # for remarks)."""
    lines = _ICON_LIST.read_text(encoding="utf-8").splitlines()
    return sorted({line.strip() for line in lines if line.strip() and not line.startswith("#")})


def _icon_sprite() -> bytes:
    """Return a sprite with only the icons that we use: some 20 kB in place of over a megabyte."""
    package, path = _ICON_SPRITE
    sprite = importlib.resources.files(package).joinpath(path).read_text(encoding="utf-8")
    symbols = dict(re.findall(r'(?s)(?=<symbol[^>]*? id="([^"]+)")(<symbol.*?</symbol>)', sprite))
    own = _STATIC / "icons"
    for extra in sorted(own.glob("*.svg")) if own.is_dir() else ():
        symbols[extra.stem] = extra.read_text(encoding="utf-8").strip()
    missing = [name for name in icon_names() if name not in symbols]
    if missing:
        raise FileNotFoundError(f"no such icon in the wheel: {', '.join(missing)}")
    body = "".join(symbols[name] for name in icon_names())
    return f'<svg xmlns="http://www.w3.org/2000/svg">{body}</svg>'.encode()
