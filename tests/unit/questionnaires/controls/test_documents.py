"""Framework and crosswalk files are read strictly, and refusals name the place."""

from __future__ import annotations

from typing import Any

import pytest

from questionnaires.controls.definition import Kind, Provenance
from questionnaires.controls.documents import CatalogueError, parse_crosswalk, parse_framework


def _framework(**changes: Any) -> dict[str, Any]:
    return {
        "format": "assay-framework/1",
        "key": "house",
        "title": "House rules",
        "version": "1",
        "publisher": "Us",
        "summary": "What we ask.",
        "entries": [
            {
                "id": "H",
                "kind": "group",
                "title": "All",
                "parts": [{"id": "H.1", "kind": "control", "title": "Lock the door"}],
            }
        ],
        **changes,
    }


def _crosswalk(**row: Any) -> dict[str, Any]:
    return {
        "format": "assay-crosswalk/1",
        "framework": "house",
        "summary": "What speaks to what.",
        "sources": [
            {"key": "book", "kind": "published", "title": "A book"},
            {"key": "talk", "kind": "supporting", "title": "A talk"},
        ],
        "doubts": [{"key": "once", "text": "Seen once."}],
        "rows": [
            {
                "control": "H.1",
                "framework": "other",
                "to": "O.1",
                "provenance": "published",
                "sources": ["book"],
                **row,
            }
        ],
    }


def test_entries_become_a_list_that_knows_what_is_above() -> None:
    framework = parse_framework(_framework())
    assert [(c.id, c.parent, c.kind) for c in framework.controls] == [
        ("H", None, Kind.GROUP),
        ("H.1", "H", Kind.CONTROL),
    ]
    assert [control.id for control in framework.parts("H")] == ["H.1"]
    assert framework.parts("H.1") == ()
    assert framework.control("H.2") is None


def test_a_control_without_relevance_can_be_asked_for() -> None:
    control = parse_framework(_framework()).control("H.1")
    assert control
    assert control.is_asked_of_suppliers


def test_a_row_has_the_words_of_its_doubt() -> None:
    (row,) = parse_crosswalk(_crosswalk(doubt="once")).rows
    assert row.doubt == "Seen once."
    assert row.provenance is Provenance.PUBLISHED


def _entry(**changes: Any) -> dict[str, Any]:
    return {"id": "H.1", "kind": "control", "title": "Lock the door", **changes}


def _nested(levels: int) -> dict[str, Any]:
    entry = _entry(id=f"H.{levels}")
    for level in range(levels - 1, 0, -1):
        entry = _entry(id=f"H.{level}", parts=[entry])
    return entry


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ([], "framework:"),
        (_framework(format="other/1"), "framework.format:"),
        (_framework(title=""), "framework.title:"),
        (_framework(version=2023), "framework.version:"),
        (_framework(colour="red"), "framework: “colour”"),
        (_framework(entries=[]), "framework.entries:"),
        (_framework(entries=["H.1"]), "framework.entries[0]:"),
        (_framework(notes="One"), "framework.notes:"),
        (_framework(notes=[1]), "framework.notes:"),
        (_framework(entries=[_entry(id=None)]), "framework.entries[0].id:"),
        (_framework(entries=[_entry(kind="rule")]), "framework.entries[0].kind:"),
        (_framework(entries=[_entry(note="x")]), "framework.entries[0]: “note”"),
        (_framework(entries=[_entry(), _entry()]), "entries: “H.1”"),
        (
            _framework(entries=[_entry(id="H", parts=[_entry(title=1)])]),
            "framework.entries[0].parts[0].title:",
        ),
        (
            _framework(entries=[_entry(supplier_relevance="some")]),
            "framework.entries[0].supplier_relevance:",
        ),
        (_framework(entries=[_nested(9)]), "framework.entries[0].parts[0]"),
    ],
)
def test_a_framework_is_refused_with_its_place(data: Any, place: str) -> None:
    with pytest.raises(CatalogueError) as refused:
        parse_framework(data)
    assert str(refused.value).startswith(place)


def test_eight_levels_are_read() -> None:
    assert len(parse_framework(_framework(entries=[_nested(8)])).controls) == 8


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ({"sources": ["film"]}, "crosswalk.rows[0].sources:"),
        ({"doubt": "twice"}, "crosswalk.rows[0].doubt:"),
        ({"provenance": "sure"}, "crosswalk.rows[0].provenance:"),
        ({"sources": []}, "crosswalk.rows[0].provenance:"),
        ({"sources": ["talk"]}, "crosswalk.rows[0].provenance:"),
        ({"provenance": "supported"}, "crosswalk.rows[0].provenance:"),
        ({"provenance": "editorial"}, "crosswalk.rows[0].provenance:"),
        ({"to": None}, "crosswalk.rows[0].to:"),
        ({"why": "so"}, "crosswalk.rows[0]: “why”"),
    ],
)
def test_a_row_is_refused_with_its_place(row: dict[str, Any], place: str) -> None:
    with pytest.raises(CatalogueError) as refused:
        parse_crosswalk(_crosswalk(**row))
    assert str(refused.value).startswith(place)


def test_a_row_that_stands_twice_is_refused() -> None:
    data = _crosswalk()
    with pytest.raises(CatalogueError, match=r"“H[.]1 other O[.]1” stands here twice"):
        parse_crosswalk({**data, "rows": data["rows"] * 2})
