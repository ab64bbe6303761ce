"""The look at pages finds what it promises to find, and leaves a good page alone."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.html_tree import read_html
from tests.support.page_checks import check_page
from tests.support.pages import PageClient, check_links

GOOD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>People</title><link rel="stylesheet" href="/assets/x.css"><script src="/a.js"></script>
</head>
<body><nav aria-label="Main"><a href="/people">People</a></nav><nav aria-label="Steps"></nav>
<main><h1>People</h1><h2>Invite</h2>
<form method="post" action="/people"><input type="hidden" name="csrf_token" value="t">
<label for="mail">Mail</label><input id="mail" name="mail" aria-describedby="hint">
<p id="hint">As in ada@example.org</p>
<fieldset><legend>Role</legend><label><input type="radio" name="r" value="1"> One</label>
<label><input type="radio" name="r" value="2"> Two</label></fieldset>
<button>Invite</button></form>
<table><caption>People</caption><thead><tr><th scope="col">Name</th></tr></thead>
<tbody><tr><td>None of these</td></tr></tbody></table>
<svg aria-hidden="true"><path d="M0 0"/></svg><img src="/a.png" alt="">
<a href="#mail">To the field</a></main></body></html>"""


def test_a_good_page_has_nothing_to_mend() -> None:
    assert check_page(GOOD) == []


@pytest.mark.parametrize(
    ("part", "instead", "sentence"),
    [
        ("<!doctype html>", "", "no <!doctype html>"),
        ('<html lang="en">', "<html>", "no lang"),
        ("<title>People</title>", "<title> </title>", "no title"),
        ('<meta charset="utf-8">', "", "charset"),
        ('<meta name="viewport" content="width=device-width">', "", "viewport"),
        ("<h1>People</h1>", "<p>People</p>", "0 <h1>"),
        ("<h2>Invite</h2>", "<h1>Invite</h1>", "2 <h1>"),
        ("<h2>Invite</h2>", "<h3>Invite</h3>", "skips a level"),
        ("<h2>Invite</h2>", "<h2></h2>", "is empty"),
        ("<h2>Invite</h2>", "<h2>Invite", "not closed before"),
        ("<h2>Invite</h2>", "<h2>Invite</h2></div>", "ends nothing"),
        ("<h2>Invite</h2>", "<h2>Invite</h2><div />", "closed with />"),
        ("<h2>Invite</h2>", "<p><ul></ul></p>", "ends the <p>"),
        ("<h2>Invite</h2>", "<h2 id=mail>Invite</h2>", 'id "mail" is given 2 times'),
        ("<h2>Invite</h2>", "<h2 class=a class=b>Invite</h2>", "an attribute twice"),
        ("<h2>Invite</h2>", "<h2 style='top:0'>Invite</h2>", "has a style"),
        ("<h2>Invite</h2>", "<h2 onclick='go()'>Invite</h2>", "the handler onclick"),
        ("<h2>Invite</h2>", "<style>h2{top:0}</style>", "inline style"),
        ("<h2>Invite</h2>", "<script>go()</script>", "inline script"),
        ("<h2>Invite</h2>", "<a href='javascript:go()'>x</a>", "script in href"),
        ("<h2>Invite</h2>", "<a href='/x'></a>", "has no name"),
        ("<h2>Invite</h2>", "<a>x</a>", "leads nowhere"),
        ("<h2>Invite</h2>", "<a href='/x'><button>x</button></a>", "both can be pressed"),
        ("<h2>Invite</h2>", "<a href='#gone'>x</a>", "jumps to nothing"),
        ("<h2>Invite</h2>", "<a href='/x' target=_blank>x</a>", "can reach back"),
        ("<h2>Invite</h2>", "<p>None</p>", 'says "None"'),
        ("<h2>Invite</h2>", "<p>Dear %(name)s</p>", "%(name)s"),
        ("<h2>Invite</h2>", "<p>&lt;function at object at 0x7f&gt;</p>", "object at 0x"),
        ("<h2>Invite</h2>", "<a href='/people/None'>x</a>", 'href="/people/None"'),
        ("<h2>Invite</h2>", "<p tabindex=3>x</p>", "tabindex"),
        ("<h2>Invite</h2>", "<li>x</li>", "may not stand in"),
        ('<label for="mail">Mail</label>', "", "has no label"),
        ('<label for="mail">Mail</label>', '<label for="male">Mail</label>', "for nothing"),
        ('id="hint"', 'id="hints"', 'names "hint" in aria-describedby'),
        ('name="csrf_token" value="t"', 'name="csrf_token" value=""', "without a csrf_token"),
        ('method="post"', 'method="get"', "into the address"),
        ('method="post"', 'method="put"', "no browser knows"),
        ("<button>Invite</button>", "", "cannot be sent without script"),
        ("<button>Invite</button>", "<button></button>", "has no name"),
        ('id="mail" name="mail"', 'id="mail" type="file"', "only its name"),
        ("<legend>Role</legend>", "", "no legend"),
        ("<fieldset><legend>Role</legend>", "<div><h3>Role</h3>", "stands in no fieldset"),
        ("<caption>People</caption>", "", "no caption"),
        (' scope="col"', "", "scope"),
        ('<svg aria-hidden="true">', "<svg>", "neither named nor hidden"),
        (' alt=""', "", "no alt"),
        ('aria-label="Steps"', "", "has no name"),
        ("<main>", "<div>", "exactly one <main>"),
    ],
)
def test_a_fault_is_found(part: str, instead: str, sentence: str) -> None:
    assert part in GOOD
    assert any(sentence in problem for problem in check_page(GOOD.replace(part, instead, 1)))


def test_a_fragment_needs_no_frame_but_holds_to_the_rest() -> None:
    assert check_page("<li>One</li>", fragment=True) == []
    assert check_page("<p>None</p>", fragment=True) == ['the page says "None"']


def small_app() -> Flask:
    app = Flask("small", static_folder=None)
    app.test_client_class = PageClient
    app.add_url_rule("/people", "people", lambda: GOOD, methods=["POST"])
    app.add_url_rule("/bare", "bare", lambda: ("plain", {"Content-Type": "text/plain"}))
    return app


def test_links_that_lead_nowhere_are_found() -> None:
    root, _, _ = read_html(
        '<a href="/bare?x=1#y">a</a><a href="../people">b</a><a href="https://other.example/">c</a>'
        '<form method="post" action="/people"></form><form action="/people"></form>'
    )
    problems = check_links(root, small_app(), "/here/")
    assert [problem.split(":")[0] for problem in problems] == [
        '<a href="../people"> (line 1)',
        '<form action="/people"> (line 1)',
    ]


def test_the_client_fails_on_bare_headers() -> None:
    with pytest.raises(AssertionError, match=r"sniffed(.|\n)*names no charset"):
        small_app().test_client().get("/bare")
