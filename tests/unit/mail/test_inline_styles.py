"""Rules of the sheet end up in the elements; text stays as it was."""

from __future__ import annotations

import pytest

from app.mail.inline_styles import inlined

PAGE = "<!doctype html>\n<html><head><style>{sheet}</style></head><body>{body}</body></html>"


def _inlined(sheet: str, body: str) -> str:
    return inlined(PAGE.format(sheet=sheet, body=body))


def test_class_rules_are_written_into_their_elements() -> None:
    page = _inlined(
        '.m-p { margin: 0; font: 16px "Segoe UI" } .m-b { color: #fff; }',
        '<p class="m-p m-b">a</p><p>b</p>',
    )
    assert (
        '<p class="m-p m-b" style="margin: 0; font: 16px &quot;Segoe UI&quot;; color: #fff">a</p>'
        in page
    )
    assert "<p>b</p>" in page
    assert "<style>" not in page


def test_classes_win_over_elements_whatever_the_order() -> None:
    page = _inlined(".m-p { color: red } p, h1 { color: blue }", '<p class="m-p">a</p><h1>b</h1>')
    assert 'style="color: blue; color: red"' in page
    assert '<h1 style="color: blue">' in page


def test_media_rules_stay_and_are_stronger_than_what_is_written_in() -> None:
    page = _inlined(
        "/* dark */ .m { color: #111 } @media (prefers-color-scheme: dark) { .m { color: #eee; } }",
        '<p class="m">a</p>',
    )
    assert "@media (prefers-color-scheme: dark) { .m { color: #eee !important; } }" in page
    assert '<p class="m" style="color: #111">' in page


def test_text_and_entities_are_kept_letter_by_letter() -> None:
    body = (
        '<p title="a &amp; &#34;b&#34;">&lt;b&gt; {{7*7}} %s &euro; &#x1F600; a &copy; b</p><br/>'
    )
    assert body in _inlined(".x { color: red }", body)


def test_empty_elements_keep_their_form() -> None:
    page = _inlined(".x { color: red }", '<br class="x"><hr class="x"/>')
    assert '<br class="x" style="color: red"><hr class="x" style="color: red"/>' in page


@pytest.mark.parametrize("sheet", [".a .b { color: red }", "a:hover { color: red }", "#x { a: b }"])
def test_rules_beyond_what_mails_need_are_refused(sheet: str) -> None:
    with pytest.raises(ValueError, match="style sheet"):
        _inlined(sheet, "<p>a</p>")


def test_a_sheet_with_a_slip_is_refused() -> None:
    with pytest.raises(ValueError, match="style sheet"):
        _inlined(".a { color: red", "<p>a</p>")


def test_an_own_style_is_refused() -> None:
    with pytest.raises(ValueError, match="style of its own"):
        _inlined(".a { color: red }", '<p style="color: red">a</p>')


def test_a_document_without_a_sheet_is_left_alone() -> None:
    assert inlined("<p>a</p>") == "<p>a</p>"
