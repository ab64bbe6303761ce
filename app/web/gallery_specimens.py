"""What the component gallery shows: components with long names, nothing, bad input and many."""

from __future__ import annotations

import datetime as dt
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    Form,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import (  # type: ignore[attr-defined]  # newer than its stubs
    SelectChoice,
)
from wtforms.validators import Email, InputRequired, Regexp
from wtforms.widgets import CheckboxInput, ListWidget, NumberInput

from app.kernel import clock

LONG_NAME = (
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH & Co. KG"
)
"""As long as a company's name gets, in one word, so that nothing may depend on short names."""

HOSTILE = "<script>alert(1)</script> & “quotes” ’ 名前 اسم"
"""Text that must come out as text."""

LEVELS = ("critical", "unknown", "high", "moderate", "low")

_UNITS = [
    SelectChoice(name.lower(), name)
    for name in ("Claims", "Legal", "People", "Pricing", "Sales", "Service", "Technology")
]
_TRAINING = [
    SelectChoice("never", "No, never"),
    SelectChoice("switch", "Only if you switch it on"),
    SelectChoice("always", "Yes, always"),
    SelectChoice("unsure", "We are not sure"),
]
_LADDER = [
    SelectChoice("0", "Not in place"),
    SelectChoice("1", "Now and then"),
    SelectChoice("2", "Written down"),
    SelectChoice("3", "Working, with records"),
    SelectChoice("4", "Measured and improved"),
]
LADDER_HINTS = {
    "0": "Data of several customers can mix.",
    "1": "Done by hand, or only for some customers.",
    "2": "There is a rule, and people are told.",
    "3": "Separation is built in, and there are records that show it.",
    "4": "We test it at least yearly and act on the results.",
}


class SpecimenForm(Form):
    """One field of every kind that `components/field.html` draws."""

    name = StringField(
        "Name of the AI system",
        [InputRequired("Enter a name, for example CV Ranking Assistant")],
        description="As people in your company call it.",
        render_kw={"autocomplete": "off"},
    )
    email = EmailField(
        "Work address",
        [Email("Enter an address like name@company.example")],
        render_kw={"autocomplete": "email"},
    )
    password = PasswordField(
        "Password",
        [InputRequired("Enter your password")],
        description="At least 12 characters. A sentence is easier to remember than a word.",
        render_kw={"autocomplete": "current-password"},
    )
    kept = StringField(
        "How long are prompts kept?",
        [Regexp(r"\d+$", message="Enter the days as a number, for example 30")],
        description="The longest time of all places, backups included.",
        widget=NumberInput(),
    )
    until = DateField("Ends on", [InputRequired("Enter a date, for example 30 Nov 2027")])
    use = TextAreaField("What is it used for?", description="Two or three sentences are enough.")
    unit = SelectField("Business unit", choices=[SelectChoice("", "Choose one"), *_UNITS])
    training = RadioField(
        "Is our data used to train a model?",
        [InputRequired("Choose one of the answers")],
        choices=_TRAINING,
        description="Any model: their own, or one of their suppliers’.",
    )
    apart = RadioField(
        "How is our data kept apart from other customers’ data?",
        [InputRequired("Choose the step that is true today")],
        choices=_LADDER,
    )
    checked = RadioField(
        "Are data suppliers checked?",
        [InputRequired("Choose one of the answers")],
        choices=[
            SelectChoice("y", "Yes"),
            SelectChoice("p", "Partly"),
            SelectChoice("n", "No"),
            SelectChoice("na", "Does not apply"),
        ],
    )
    kinds = SelectMultipleField(
        "What kinds of data went into it?",
        description="Select all that apply.",
        choices=[
            SelectChoice("web", "Text from the public web"),
            SelectChoice("bought", "Text that was bought or licensed"),
            SelectChoice("synthetic", "Text made by another model"),
            SelectChoice("none", "We do not know"),
        ],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    agreed = BooleanField(
        "I have read the answers, and I may sign for my company",
        [InputRequired("Tick the box if you may sign")],
    )
    report = FileField(
        "Latest report on data quality", description="PDF, Word, Excel, PNG or JPEG, up to 25 MB."
    )


def _forms() -> dict[str, SpecimenForm]:
    filled = SpecimenForm(
        prefix="fine",
        data={
            "name": "CV Ranking Assistant",
            "training": "switch",
            "apart": "3",
            "checked": "na",
            "kinds": ["web", "bought"],
            "use": "Ranks applications for 340 vacancies a year.",
        },
    )
    bad = SpecimenForm(
        MultiDict({"bad-kept": "one month", "bad-email": "jana", "bad-name": "", "bad-unit": ""}),
        prefix="bad",
    )
    bad.validate()
    return {"form_fine": filled, "form_bad": bad, "form_plain": SpecimenForm(prefix="plain")}


def _day(days: int) -> dt.date:
    return clock.now().date() + dt.timedelta(days=days)


def _entry(days: float, actor: str, verb: str, *changes: tuple[str, Any, Any]) -> dict[str, Any]:
    at = clock.now() - dt.timedelta(days=days)
    return {"at": at, "actor_name": actor, "verb_label": verb, "changes": list(changes)}


def _vendors() -> list[dict[str, Any]]:
    names = (
        ("Pinecrest Speech Inc.", "critical", ("Incident open", "exclamation-octagon", "stop"),
         "Sofia Brandt", 1, 2, -3, "Triage"),
        ("Quayside Robotics BV", "unknown", ("Evidence expired", "clock-history", "stop"),
         "Emeka Nwosu", 1, 1, 2, "Certificate"),
        ("Tarnwell Search GmbH", "unknown", ("Never assessed", "dash-circle", ""),
         None, 1, 0, None, ""),
        ("Saffron Ledger Oy", "high", ("In decision", "hourglass-split", "wait"),
         "Jon Aldana", 2, 3, 1, "Decision"),
        (LONG_NAME, "moderate", ("Approved with conditions", "check2-circle", "ok"),
         "Maximiliane Freifrau von Schwarzenberg-Hohenstein", 12_345, 1, 53, "Condition"),
        ("Fellmark Data AS", "low", ("Approved", "check2-circle", "ok"),
         "Clara Voigt", 2, 0, 100, "Review"),
    )  # fmt: skip
    return [
        {"name": name, "level": level, "state": state, "owner": owner, "systems": systems,
         "findings": findings, "date": None if days is None else _day(days), "what": what,
         "late": days is not None and days < 0}
        for name, level, state, owner, systems, findings, days, what in names
    ]  # fmt: skip


def _work() -> list[dict[str, Any]]:
    return [
        {"icon": "exclamation-octagon", "tone": "stop", "title": "Triage an incident",
         "href": "#main", "detail": "Meeting Transcriber · Pinecrest Speech Inc. · names of two "
         "employees in a third party’s transcript", "date": _day(-3), "late": True,
         "button": "Triage incident"},
        {"icon": "ui-checks", "tone": "accent", "title": "Finish your review", "href": "#main",
         "detail": f"Demand Forecast · {LONG_NAME} · 71 of 84 answers settled", "date": _day(0),
         "button": "Continue review"},
        {"icon": "patch-exclamation", "tone": "wait", "title": "Certificate expired, tier unknown",
         "href": "#main", "detail": "Picker Vision · Quayside Robotics BV", "date": _day(2),
         "button": "Ask for the new one"},
        {"icon": "chat-left-text", "title": "Read an answer to your clarification", "href": "#main",
         "detail": "Price Forecast · Brightwater Analytics SA", "date": None,
         "button": "Read answer"},
    ]  # fmt: skip


def _chart_data() -> dict[str, Any]:
    grid = ("mhhcc", "lmhcc", "lmmhh", "llmmh", "lllmm")
    counts = ((0, 1, 2, 1, 0), (1, 2, 4, 3, 1), (0, 3, 5, 4, 1), (0, 2, 2, 1, 0), (1, 0, 0, 1, 0))
    words = {"l": "low", "m": "moderate", "h": "high", "c": "critical"}
    likelihood = ("Almost certain", "Likely", "Possible", "Unlikely", "Rare")
    heat = [
        (label, [
            {"level": words[letter], "count": count, "href": "#main",
             "current": (row, column) == (2, 2)}
            for column, (letter, count) in enumerate(zip(grid[row], counts[row], strict=True))
        ])
        for row, label in enumerate(likelihood)
    ]  # fmt: skip
    tiers = [
        ("Inherent, before what the vendor does",
         {"critical": 6, "unknown": 7, "high": 21, "moderate": 22, "low": 8}),
        ("Residual, after", {"critical": 1, "unknown": 7, "high": 9, "moderate": 27, "low": 20}),
    ]  # fmt: skip
    months = ("Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov")
    ends = (2, 3, 3, 4, 2, 6, 5, 3, 4, 7, 6, 9)
    providers = (
        ("Not disclosed", 5, False, True), ("Kestrel Models Ltd", 19, True, False),
        ("Halyard AI Inc.", 12, False, False), ("Several", 9, False, False),
        ("Self-hosted, open", 8, False, False), ("No foundation model", 11, False, False),
    )  # fmt: skip
    return {
        "heat_rows": heat,
        "heat_columns": ["Minor", "Limited", "Serious", "Severe", "Extreme"],
        "tiers": [(name, counts, dict.fromkeys(counts, "#main")) for name, counts in tiers],
        "months": [
            {"label": label, "value": value, "href": "#main", "mark": index < 3}
            for index, (label, value) in enumerate(zip(months, ends, strict=True))
        ],
        "providers": [
            {"label": label, "value": value, "href": "#main", "mark": mark, "unknown": unknown}
            for label, value, mark, unknown in providers
        ],
        "coverage": [
            {"label": label, "value": value, "href": None, "mark": value is not None and value < 80}
            for label, value in (("A.2 Policies", 96), ("A.5 Impact", 72), ("A.6 Life cycle", None))
        ],
        "parts": [
            {"label": "Worst effect of a wrong output: a job", "points": 7.5, "href": "#main"},
            {"label": "EU AI Act class: high-risk (Annex III)", "points": 7.0, "href": "#main"},
            {"label": LONG_NAME, "points": 0.0, "href": "#main"},
            {"label": "Base, out of reach of any answer", "points": 20.25, "base": True},
        ],
    }


def staff_specimen() -> dict[str, object]:
    """Return the names that `gallery/index.html` uses."""
    return {
        **_forms(),
        **_chart_data(),
        "levels": LEVELS,
        "long_name": LONG_NAME,
        "hostile": HOSTILE,
        "vendors": _vendors(),
        "work": _work(),
        "ladder_hints": LADDER_HINTS,
        "next_dates": [
            {"date": _day(-4), "text": "Evaluation report", "state": "late"},
            {"date": _day(22), "text": "Decision ends", "state": "next"},
            {"date": _day(53), "text": "F-0412 due"},
            {"date": None, "text": "Next review, every 12 months"},
        ],
        "history": [
            _entry(0.002, "Tomas Lindqvist", "changed the owner",
                   ("Owner", "Ines Kowalczyk", LONG_NAME), ("Business unit", None, "Claims")),
            _entry(2, "", "reminded the vendor"),
            _entry(30, "Amara Oyelaran", "removed the end date", ("Ends", "15 Dec 2026", None)),
        ],
        "duties": [
            ("Before use", [
                {"label": "Decide on the use and its purpose", "marks": {0: "a"},
                 "named": "Henrik Baum", "signed": "Both"},
                {"label": "Document model and data", "marks": {1: "a", 2: "s"},
                 "named": "Lena Richter", "signed": "Vendor"},
            ]),
            ("In use", [{"label": "Watch for bias", "marks": {4: "x"}, "named": "", "signed": ""}]),
        ],
    }  # fmt: skip


def vendor_specimen() -> dict[str, object]:
    """Return the names that `gallery/vendor.html` uses."""
    tasks = (
        ("About the system", "Jana Reuter (you)", "", 8, 8, "done"),
        ("The data behind it", "Jana Reuter (you)", "about 5 min left", 4, 6, "doing"),
        ("How it is built and tested", "Tomasz Wilk", "about 30 min left", 0, 13, "todo"),
        ("Effects on people", "", "about 20 min left", 0, 9, "todo"),
        (LONG_NAME, LONG_NAME, "about 3 min left", 10, 11, "back"),
    )
    keys = ("title", "who", "time_left", "done", "total", "state")
    return {
        **_forms(),
        "ladder_hints": LADDER_HINTS,
        "long_name": LONG_NAME,
        "due": _day(18),
        "saved_at": clock.now(),
        "tasks": [
            dict(zip(keys, values, strict=True))
            | {"href": "#main", "quote": "Which one holds?" if values[-1] == "back" else ""}
            for values in tasks
        ],
        "files": [
            {"name": "data-quality-draft-4.2.pdf", "size": 1_800_000, "state": "checked",
             "detail": "valid until 30 Jun 2027", "href": "#main", "remove_href": "#main"},
            {"name": "label-errors-" + "q3-" * 40 + ".xlsx", "size": 6_600_000,
             "state": "checking", "detail": "", "href": None, "remove_href": None},
            {"name": "macro.docm", "size": 12_000, "state": "refused",
             "detail": "It holds a program. Save it as DOCX and send it again.", "href": None,
             "remove_href": "#main"},
        ],
        "thread": [
            {"name": "Jana Reuter", "ours": False, "at": "19 Nov",
             "text": "We have one index per customer but a shared cache. Which step is that?"},
            {"name": "Marcus Bell", "ours": True, "at": "20 Nov",
             "text": "If the cache is keyed by customer and you can show a test, step 3."},
        ],
    }  # fmt: skip


def plain_specimen() -> dict[str, object]:
    """Return the names that `gallery/plain.html` uses."""
    return {**_forms()}
