"""What a browser says of itself, in plain words that a person recognises. Pure."""

from __future__ import annotations

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
UNKNOWN_DEVICE = "Unknown browser"


def device_of(user_agent: str) -> str:
    """Return "Firefox on Windows" for a User-Agent header; the order of the tables decides.

    Nothing of the header itself is kept: it may hold anything.
    """
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), UNKNOWN_DEVICE)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
