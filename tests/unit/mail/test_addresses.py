"""Addresses and names fit for a mail's head (V1.3.11)."""

from __future__ import annotations

import pytest

from app.kernel.errors import DomainError
from app.mail.addresses import checked_address, checked_name, one_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jana.reuter@northwind.example", "jana.reuter@northwind.example"),
        ("Jana@Northwind.EXAMPLE", "Jana@northwind.example"),
        ("jana+assay@mail.northwind.example", "jana+assay@mail.northwind.example"),
        ("jana@bücher.example", "jana@xn--bcher-kva.example"),
    ],
)
def test_addresses_are_brought_to_one_form(text: str, expected: str) -> None:
    assert checked_address(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jana",
        "jana@",
        "@northwind.example",
        "a@b.example, c@d.example",
        "a@b.example;c@d.example",
        "Jana <jana@northwind.example>",
        "jana@northwind.example\r\nBcc: spy@evil.example",
        "jana@northwind.example\nspy@evil.example",
        "jana\x00@northwind.example",
        "jana@northwind.example\u2028",
        "jana@north\u202ewind.example",
        "jana@north wind.example",
        "жана@northwind.example",
        '"jana spy"@northwind.example',
        "jana@[10.0.0.1]",
        "jana@northwind",
        "root@localhost",
        "a" * 65 + "@northwind.example",
        "jana@northwind..example",
        "jana@northwind.example.",
        "<script>@northwind.example",
    ],
)
def test_v1_3_11_other_texts_are_refused_as_addresses(text: str) -> None:
    with pytest.raises(DomainError) as caught:
        checked_address(text, field="to")
    assert caught.value.field == "to"
    assert "name@example.org" in caught.value.message


@pytest.mark.parametrize(
    "text", ["Jana\r\nBcc: spy@evil.example", "Jana\nX", "Jana\x1b[2J", "a\u2029b", "a\u202eb"]
)
def test_v1_3_11_names_with_control_characters_are_refused(text: str) -> None:
    with pytest.raises(DomainError):
        checked_name(text)


def test_names_may_be_long_but_not_endless() -> None:
    assert checked_name(" " + "x" * 200) == "x" * 200
    with pytest.raises(DomainError, match="200"):
        checked_name("x" * 201)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nBcc: b", "a Bcc: b"),
        ("a\u2028b\u0085c\x0bd\x1ce", "a b c d e"),
        ("  a   b ", "a b"),
        ("safe\u202etxt.exe", "safetxt.exe"),
        ("half \ud800 character", "half character"),
        ("日本 – ok", "日本 – ok"),
    ],
)
def test_v1_3_11_header_text_is_one_line(text: str, expected: str) -> None:
    assert one_line(text) == expected
