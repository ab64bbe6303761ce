"""Links lead to the portal and nowhere else."""

from __future__ import annotations

import pytest

from app.mail.links import host_of, join, starts_at


def test_a_path_is_put_behind_the_base_address() -> None:
    assert join("https://assess.example.org", "/i/abc") == "https://assess.example.org/i/abc"
    assert join("https://example.org/assay/", "/i/abc") == "https://example.org/assay/i/abc"


@pytest.mark.parametrize(
    "path",
    ["", "i/abc", "//evil.example/x", "/\\evil.example", "https://evil.example", "/a b", "/a\nb"],
)
def test_anything_but_a_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        join("https://assess.example.org", path)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://assess.example.org/i/abc", True),
        ("https://assess.example.org.evil.example/i/abc", False),
        ("https://evil.example/https://assess.example.org/", False),
        ("http://assess.example.org/i/abc", False),
        ("https://assess.example.org/a\r\nb", False),
    ],
)
def test_links_of_others_are_told_apart(link: str, expected: bool) -> None:
    assert starts_at("https://assess.example.org/", link) is expected


def test_the_host_has_no_port() -> None:
    assert host_of("http://127.0.0.1:8400") == "127.0.0.1"
