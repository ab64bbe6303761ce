"""For each question type: a question, answers it takes and answers it refuses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from questionnaires.engine.definition import Question
from questionnaires.engine.document import parse_document
from questionnaires.engine.values import (
    AnswerValue,
    ChoicesValue,
    ChoiceValue,
    DateValue,
    FileReference,
    FilesValue,
    LevelValue,
    NumberValue,
    RowsValue,
    TextValue,
)
from tests.unit.questionnaires.engine.documents import everything

TODAY = dt.date(2026, 8, 1)
EVERYTHING = parse_document(everything())


@dataclass(frozen=True)
class Sample:
    """One type: its question in `everything`, (raw, value) pairs, refused raws and JSON."""

    question: str
    taken: tuple[tuple[Any, AnswerValue], ...]
    refused: tuple[tuple[Any, str], ...]
    refused_json: tuple[Any, ...]
    shown: str
    """How the first taken answer reads in English."""

    def asked(self) -> Question:
        """Return the question."""
        question = EVERYTHING.question(self.question)
        assert question is not None
        return question


_FILE = FileReference("0197-ab", "list [v2].pdf")
_OTHER_FILE = FileReference("2", "b.txt")
_FOURTH_OF_MARCH = (
    "2026-03-04",
    "4 Mar 2026",
    "4 March 2026",
    "March 4, 2026",
    "4.3.2026",
    "04. März 2026",
    "4. Mär 2026",
    dt.date(2026, 3, 4),
    dt.datetime(2026, 3, 4, 9),  # noqa: DTZ001  spreadsheets know no zone
)
_ROW = (TextValue("GPT, large"), NumberValue(Decimal("7.5")), DateValue(dt.date(2026, 1, 31)),
        ChoiceValue("eu"))  # fmt: skip
_SECOND_ROW = (TextValue('So "called"\nmodel'), None, None, None)

SAMPLES = {
    "yes_no": Sample(
        "Q-yes",
        (
            ("no", ChoiceValue("no")),
            (" Partly ", ChoiceValue("partial")),
            ("YES", ChoiceValue("yes")),
        ),
        (("maybe", "Choose one of these: Yes · Partly · No."), (["yes"], "as text"),
         (True, "as text")),
        ("maybe", True, None, 1, ["yes"]),
        "No",
    ),
    "single": Sample(
        "Q-single",
        (
            ("eu", ChoiceValue("eu")),
            ("in the  usa", ChoiceValue("us")),
            ("Anywhere; it moves", ChoiceValue("any")),
        ),
        (("mars", "“mars” is none of the options. Choose one of these: In the EU"),),
        ("mars", None, ["eu"]),
        "In the EU",
    ),
    "multiple": Sample(
        "Q-multiple",
        (
            (["cost", "drift"], ChoicesValue(("drift", "cost"))),
            ("Abuse; misuse\nDrift", ChoicesValue(("drift", "abuse"))),
            ("Drift; Cost", ChoicesValue(("drift", "cost"))),
            ("None of these", ChoicesValue(("none",))),
        ),
        ((["none", "cost"], "Choose either “None of these” or the other options, not both."),
         (["mars"], "is none of the options")),
        ([], ["mars"], "drift", ["drift", "drift"], [["drift"]], ["none", "cost"]),
        "Drift\nCost",
    ),
    "maturity": Sample(
        "Q-maturity",
        (
            ("3", LevelValue(3)),
            (2, LevelValue(2)),
            (4.0, LevelValue(4)),
            ("on paper", LevelValue(2)),
        ),
        (("5", "is none of the options"), ("-1", "is none of the options")),
        (5, -1, "3", 2.0, True, None),
        "3 · With records",
    ),
    "text": Sample(
        "Q-text",
        (
            ("  Ada, head of AI ", TextValue("Ada, head of AI")),
            ("one\r\ntwo", TextValue("one\ntwo")),
            (5, TextValue("5")),
        ),
        (("x" * 501, "Shorten this to 500 characters; it has 501."),
         ("a\x00b", "Take out the control characters"), (["a"], "as text")),
        ("", " x", 5, None, "x" * 501),
        "Ada, head of AI",
    ),
    "number": Sample(
        "Q-number",
        (
            ("1,234.5", NumberValue(Decimal("1234.5"))),
            ("72", NumberValue(Decimal(72))),
            ("48 hours", NumberValue(Decimal(48))),
            (" 7,5 ", NumberValue(Decimal("7.5"))),
            (12, NumberValue(Decimal(12))),
            (0.1, NumberValue(Decimal("0.1"))),
            ({"amount": "30"}, NumberValue(Decimal(30))),
            ({"amount": "30", "unknown": "on"}, NumberValue(None)),
            ("there is no limit", NumberValue(None)),
        ),
        (
            ("soon", "Enter the hours as a number, for example 30."),
            ("3 or 4", "Enter the hours as a number"),
            ("1e5", "Enter the hours as a number"),
            ("10001", "Enter at most 10000."),
            ("-1", "Enter at least 0."),
            ("1.25", "Enter at most 1 digits after the point."),
            ("9" * 16, "Enter the hours as a number"),
            (float("nan"), "Enter the hours as a number"),
            (True, "as text"),
        ),
        ("soon", None, True, {"unknown": False}, "10001", 10001, [1], "1.25"),
        "1,234.5 hours",
    ),
    "date": Sample(
        "Q-date",
        (
            *((raw, DateValue(dt.date(2026, 3, 4))) for raw in _FOURTH_OF_MARCH),
            ("23/4/2026", DateValue(dt.date(2026, 4, 23))),
            ("4/23/2026", DateValue(dt.date(2026, 4, 23))),
        ),
        (
            ("3/4/2026", "month as a word, for example 3 Dec 2026"),
            ("31 Feb 2026", "month as a word"),
            ("soon", "month as a word"),
            ("3 Dec 2026", "This day is still to come."),
            ("1 Jan 1200", "between 1900 and 2200"),
        ),
        ("4 Mar 2026", None, 20260304, "20260304", "2026-02-30"),
        "4 Mar 2026",
    ),
    "file": Sample(
        "Q-file",
        (
            ([{"id": "0197-ab", "name": "list [v2].pdf"}], FilesValue((_FILE,))),
            ([_FILE], FilesValue((_FILE,))),
            ("list [v2].pdf [0197-ab]\nb.txt [2]", FilesValue((_FILE, _OTHER_FILE))),
        ),
        (("list.pdf", "Upload the files on the page"), ([{"id": "1"}], "Upload the files"),
         ([_FILE, _FILE], "Give each file once."), ({"id": "1"}, "Upload the files"),
         ([FileReference("../x", "a")], "Upload the files"),
         ([FileReference(f"{n}", "a") for n in range(51)], "at most 50 files")),
        ([], None, [{"id": "1", "name": "a", "more": 1}], [{"id": 1, "name": "a"}], "a"),
        "list [v2].pdf",
    ),
    "table": Sample(
        "Q-table",
        (
            (
                [
                    {"name": "GPT, large", "size": "7.5", "since": "31 Jan 2026", "place": "EU"},
                    {"name": ""},
                    {"name": 'So "called"\r\nmodel'},
                ],
                RowsValue((_ROW, _SECOND_ROW)),
            ),
            (
                'Name,Size,Since,Place\n"GPT, large",7.5,2026-01-31,EU\n'
                '"So ""called""\nmodel",,,\n',
                RowsValue((_ROW, _SECOND_ROW)),
            ),
            (
                [{"name": "a", "size": 1}, {"name": "b", "size": Decimal("0.5")}],
                RowsValue(
                    (
                        (TextValue("a"), NumberValue(Decimal(1)), None, None),
                        (TextValue("b"), NumberValue(Decimal("0.5")), None, None),
                    )
                ),
            ),
        ),
        (
            ([{"name": "a"}], "Give at least 2 rows."),
            ([{"name": f"{n}"} for n in range(21)], "Give at most 20 rows."),
            ([{"name": "a"}] * 5_000, "Give at most 20 rows."),
            ([{"name": "a"}, {"size": "1"}], "Fill in “Name”."),
            ([{"name": "a", "size": "big"}, {"name": "b"}], "Enter a number"),
            ([{"name": "a", "place": "Mars"}, {"name": "b"}], "is none of the options"),
            ([{"name": "x" * 1_001}, {"name": "b"}], "Shorten this"),
            (["a", "b"], "Give rows with a cell for each column."),
            ({"name": "a"}, "Give rows"),
            ("a,b\nc,d", "Give 4 cells in each row"),
            ('"a', "Write one row a line"),
        ),
        ([], None, [{"name": "a", "more": "b"}, {"name": "b"}], ["a", "b"],
         [{"name": 5}, {"name": "b"}], [{"name": "a", "size": "x"}, {"name": "b"}],
         [{"name": "a", "place": "mars"}, {"name": "b"}]),
        "Name: GPT, large · Size: 7.5 · Since: 31 Jan 2026 · Place: EU\n"
        'Name: So "called"\nmodel',
    ),
}  # fmt: skip
