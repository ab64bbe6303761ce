"""Documents made to hurt: each gets one plain, located error and nothing else happens."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from questionnaires.engine.document import parse_document
from questionnaires.engine.document_errors import DocumentErrors
from questionnaires.engine.lint import lint
from questionnaires.engine.reading import read_json, read_yaml
from tests.unit.questionnaires.engine.documents import small, yes_no


def nested(depth: int) -> dict[str, Any]:
    """Return a rule nested so deep."""
    rule: dict[str, Any] = {"question": "Q", "is": "answered"}
    for _level in range(depth):
        rule = {"not": rule}
    return rule


def deep_list(depth: int) -> list[Any]:
    """Return a list in a list in a list."""
    data: list[Any] = []
    for _level in range(depth):
        data = [data]
    return data


ONE = yes_no("Q")
HOSTILE: list[tuple[str, Any, str, str]] = [
    ("a million questions", small(*[ONE] * 1_000_000), "sections", "at most 2000 questions"),
    (
        "a million sections",
        small(sections=[{"key": "s", "title": "S", "questions": []}] * 1_000_000),
        "sections",
        "at most 200 sections",
    ),
    (
        "a million options",
        small({"key": "Q", "type": "single", "text": "x", "options": [{}] * 1_000_000}),
        "sections[0].questions[0].options",
        "too large for one questionnaire",
    ),
    ("a million keys", {str(n): n for n in range(1_000_000)}, "", "too large"),
    ("much text", small(summary=["x" * 16_000] * 1_000), "summary[499]", "too large"),
    ("a deep rule", small(yes_no("Q", show_if=nested(100_000))),
     "sections[0].questions[0].show_if" + ".not" * 25, "more than 30 deep"),
    ("a deep list", small(summary=deep_list(100_000)), "summary" + "[0]" * 29, "30 deep"),
    ("a long text", small(title="x" * 10_000_000), "title", "no text has more than 16000"),
    ("a huge number", small(yes_no("Q", minutes=10**4000)),
     "sections[0].questions[0].minutes", "from 1 to 60"),
    ("not a number", small({"key": "Q", "type": "number", "text": "x", "max": float("nan")}),
     "sections[0].questions[0].max", "Write a number"),
    ("infinity", small({"key": "Q", "type": "number", "text": "x", "max": float("inf")}),
     "sections[0].questions[0].max", "Write a number"),
    ("a rule on itself", small(yes_no("Q", show_if={"question": "Q", "is": "answered"})),
     "sections[0].questions[0].show_if", "is not asked before"),
    ("keys that are numbers", small(extra={5: 1}), "extra", "Put the key “5” in quotes."),
    ("a day", small(title=dt.date(2026, 1, 1)), "title", "Write a text, a number"),
    ("bytes", small(title=b"x"), "title", "Write a text, a number"),
    ("a list", [], "", "at the top"),
    ("nothing", None, "", "at the top"),
    ("sections that are text", small(sections="abc"), "sections", "Write a list here."),
    ("a section that is text", small(sections=["abc"]), "sections[0]", "Write keys with values"),
    ("questions that are keys", small(sections=[{"key": "s", "title": "S", "questions": {}}]),
     "sections[0].questions", "Write a list here."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "place", "words"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_a_hostile_document_gets_a_plain_error(data: Any, place: str, words: str) -> None:
    with pytest.raises(DocumentErrors) as refused:
        parse_document(data)
    [error] = refused.value.errors
    assert error.path == place
    assert words in error.message


def test_two_rules_on_each_other_are_refused() -> None:
    with pytest.raises(DocumentErrors) as refused:
        parse_document(
            small(
                yes_no("A", show_if={"question": "B", "is": "answered"}),
                yes_no("B", show_if={"question": "A", "is": "answered"}),
            )
        )
    [error] = refused.value.errors
    assert error.path == "sections[0].questions[0].show_if"


def test_a_data_structure_that_holds_itself_ends() -> None:
    data = small()
    data["sections"].append(data["sections"])
    with pytest.raises(DocumentErrors):
        parse_document(data)


def test_ten_thousand_mistakes_give_fifty() -> None:
    wrong = {"key": "Q", "type": "single", "text": "x", "options": [{}] * 100}
    with pytest.raises(DocumentErrors) as refused:
        parse_document(small(*[wrong] * 100))
    assert len(refused.value.errors) == 50


def test_lint_of_many_tangled_rules_ends() -> None:
    options = [{"key": f"o{n}", "text": f"O {n}", "score": n} for n in range(100)]
    questions: list[dict[str, Any]] = []
    for number in range(300):
        rule = {
            "any": [
                {"question": f"Q{before}", "is": "equals", "value": "o1"}
                for before in range(max(0, number - 30), number)
            ]
        }
        question = {"key": f"Q{number}", "type": "single", "text": "x", "options": options}
        questions.append(question if number == 0 else {**question, "show_if": rule})
    sections = [
        {"key": f"s{n}", "title": "S", "questions": questions[n * 100 : n * 100 + 100]}
        for n in range(3)
    ]
    data = small(sections=sections)
    for question in questions:
        question["options"] = options[:5]
    findings = lint(parse_document(data))
    assert not [finding for finding in findings if finding.code == "unreachable"]


JSON: list[tuple[str, bytes, str, str]] = [
    ("deep brackets", b"[" * 1_000_000, "", "nested too deep"),
    ("deep objects", b'{"a":' * 1_000_000, "", "nested too deep"),
    ("no JSON", b'{"a": }', "line 1, column 7", "This is no JSON."),
    ("empty", b"", "line 1, column 1", "This is no JSON."),
    ("not UTF-8", b'{"a": "\xff"}', "", "UTF-8"),
    ("too long", b" " * 8_000_001, "", "at most 8 MB"),
    ("no number", b'{"a": NaN}', "", "Write a number in place of NaN."),
    ("too many digits", b'{"a": ' + b"9" * 5000 + b"}", "", "too many digits"),
]


@pytest.mark.parametrize(
    ("text", "place", "words"), [case[1:] for case in JSON], ids=[case[0] for case in JSON]
)
def test_hostile_json_gets_a_plain_error(text: bytes, place: str, words: str) -> None:
    with pytest.raises(DocumentErrors) as refused:
        read_json(text)
    [error] = refused.value.errors
    assert error.path == place
    assert words in error.message


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
)
YAML: list[tuple[str, str, str, str]] = [
    ("a bomb of references", BOMB, "line 2, column 8", "references with * are not read"),
    ("a tag", "a: !!python/object:os.system x", "line 1, column 4", "Take out the tag"),
    ("deep brackets", "[" * 10_000, "line 1, column 31", "nested too deep"),
    ("two documents", "a: 1\n---\nb: 2", "line 2, column 1", "a second one begins here"),
    ("a list as key", "? [a]\n: b", "line 1, column 3", "a single word as the key"),
    ("bad indentation", "a: 1\n  b: 2", "line 2, column 4", "This is no YAML."),
    ("a control character", "a: \x01", "", "control characters"),
    ("too many values", "[" + "x," * 200_001 + "]", "line 1, column 120000", "too large"),
]


@pytest.mark.parametrize(
    ("text", "place", "words"), [case[1:] for case in YAML], ids=[case[0] for case in YAML]
)
def test_hostile_yaml_gets_a_plain_error(text: str, place: str, words: str) -> None:
    with pytest.raises(DocumentErrors) as refused:
        read_yaml(text)
    [error] = refused.value.errors
    assert error.path == place
    assert words in error.message
