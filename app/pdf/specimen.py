"""A specimen that shows every component: with plain values, without data, with hostile text.

The tests build it, and the component gallery offers it in development.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from reportlab.platypus import Flowable

from app.pdf.badges import Badge, StateBadge
from app.pdf.bars import Bar, BarChart, SeverityBar, SeverityChart
from app.pdf.document import Cover, build_pdf
from app.pdf.labels import Labels, for_language
from app.pdf.risk_charts import Beside, HeatCell, HeatMap, SpanBar
from app.pdf.runs import Span, strong
from app.pdf.styles import BODY, INK, LEVELS, QUOTE, SOFT, Level
from app.pdf.tables import Cell, Column, Group, Stack, data_table, facts
from app.pdf.text import TextBlock, bullets, figure, notice, paragraph, paragraphs, section

LONG_NAME = (
    "Donaudampfschifffahrtsgesellschaft f\u00fcr k\u00fcnstliche Intelligenz und "
    "Sprachverarbeitung mbH & Co. KG, Zweigniederlassung Garmisch-Partenkirchen "
    "(formerly Northwind Language Technologies International Holdings)"
)
HOSTILE: tuple[str, ...] = (
    "<b>bold never closed <i>nor this & <font color='red'>this</font>",
    '<img src="http://127.0.0.1:9/x.png"/><img src="file:///etc/passwd"/><img src="../x.png"/>',
    '<a href="javascript:alert(1)">click</a> {{7*7}} ${7*7} =HYPERLINK("x") \'"><script>',
    "NUL \x00, bell \x07, escape \x1b[31m, override \u202egnp.exe\u202c, isolate \u2067abc\u2069",
    "Hidden tags \U000e0041\U000e0042, private \ue000, unassigned \U0003ffff, surrogate \ud800",
    "Emoji \U0001f600 \U0001f44d\U0001f3fd \U0001f469\u200d\U0001f4bb \u2764\ufe0f, no font: "
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0e44\u0e17\u0e22 \U00020000",
    "Zalgo: e\u0301\u0302\u0303\u0304\u0305\u0306\u0307 Z\u0335\u0321\u0322A\u0336L\u0337G\u0338O",
    "https://vendor.example/" + "a-very-long-path/" * 12 + "?q=" + "x" * 140,
)
SCRIPTS: tuple[tuple[str, str], ...] = (
    ("German", "Über Größe, Maß und „Zuverlässigkeit“"),
    ("Vietnamese", "Hệ thống trí tuệ nhân tạo"),
    (
        "Greek",
        "Σύστημα τεχνητής",
    ),
    ("Russian", "Система риска"),
    ("Georgian", "დიდი სისტემა"),
    (
        "Hebrew",
        "מערכת (AI) 2026, סיכון גבוה",
    ),
    (
        "Arabic",
        "نظام الذكاء لا يقرر وحده (25%)",
    ),
    (
        "Persian",
        "سامانه هوش مصنوعی",
    ),
    (
        "Chinese",
        "人工智能系统风险评估（第二版）。",
    ),
    (
        "Japanese",
        "AIシステムのリスク評価を行いました。",
    ),
    ("Korean", "인공지능 시스템 위험 평가"),
)
_LONG_SAMPLES = ("Hebrew", "Arabic", "Chinese")
_HEAT: tuple[tuple[Level, ...], ...] = (
    ("moderate", "high", "high", "critical", "critical"),
    ("low", "moderate", "high", "critical", "critical"),
    ("low", "moderate", "moderate", "high", "high"),
    ("low", "low", "moderate", "moderate", "high"),
    ("low", "low", "low", "low", "moderate"),
)
_INHERENT = ((0, 1, 2, 1, 0), (1, 2, 4, 3, 1), (0, 3, 5, 4, 1), (0, 2, 2, 1, 0), (1, 0, 0, 1, 0))
_RESIDUAL = ((0, 1, 0, 0, 0), (0, 2, 2, 1, 0), (2, 5, 6, 3, 0), (2, 4, 3, 1, 0), (1, 1, 1, 0, 0))


def _heat_map(counts: tuple[tuple[int, ...], ...], labels: Labels) -> HeatMap:
    return HeatMap(
        [
            [HeatCell(level, count) for level, count in zip(levels, row, strict=True)]
            for levels, row in zip(_HEAT, counts, strict=True)
        ],
        down=("Almost certain", "Likely", "Possible", "Unlikely", "Rare"),
        across=("Minor", "Limited", "Serious", "Severe", "Extreme"),
        axes="Likelihood upwards, impact to the right",
        not_rated=3,
        labels=labels,
    )


def _charts(labels: Labels) -> list[Flowable]:
    bars = [
        Bar("Not disclosed", 5, hatched=True),
        Bar("Kestrel Models Ltd", 19, attention=True),
        Bar("Halyard AI Inc.", 12),
        Bar("Self-hosted, open", 8),
        Bar("No answer yet", None),
        Bar(LONG_NAME, 4),
    ]
    evidence = [("A.2 Policies", 96), ("A.5 Impact", 72), ("A.7 Data", 77), ("A.8 Use", 81)]
    severity = [
        SeverityBar(
            "Inherent, before what the vendor does",
            {"critical": 6, "unknown": 7, "high": 21, "moderate": 22, "low": 8},
        ),
        SeverityBar(
            "Residual, after",
            {"critical": 2, "unknown": 7, "high": 9, "moderate": 27, "low": 19},
        ),
        SeverityBar("Overdue", {"critical": 1, "high": 3, "moderate": 2}),
    ]
    return [
        *section("Charts"),
        figure("What the assessments change", SeverityChart(severity, labels)),
        figure(
            "Risk, before and after what the vendor does",
            SpanBar(24.72, 30.82, 55.25, labels),
            note="Moderate on what is backed today, Low if every claim holds.",
        ),
        figure("Span with one value, at the edge", SpanBar(99.0, 99.2, 100.0, labels)),
        figure("Span that is not known", SpanBar(None, None, None, labels)),
        figure("Foundation model behind our uses", BarChart(bars, labels=labels)),
        figure(
            "Controls with accepted evidence",
            BarChart(
                [Bar(name, share, f"{share} %", attention=share < 80) for name, share in evidence],
                maximum=100,
                aim=80,
                aim_text="aim 80 %",
                labels=labels,
            ),
            note="Below the aim in colour.",
        ),
        figure(
            "Inherent and residual",
            Beside([_heat_map(_INHERENT, labels), _heat_map(_RESIDUAL, labels)]),
        ),
        figure("A chart without data", BarChart([], labels=labels)),
    ]


def _tables(labels: Labels) -> list[Flowable]:
    columns = [
        Column("Finding", 2.6, strong=True),
        Column("Severity", 1.25),
        Column("Owner at the vendor", 1.3),
        Column("Due", 1.1),
        Column("Points", 0.7, align="end"),
    ]
    due: Cell = ["15 Jan 2027\n", Span("in 7 weeks", colour=SOFT)]
    late: Cell = ["20 Nov 2026\n", Span("3 days late", colour=INK["critical"])]
    names = [
        "F-0412 Notice period is the vendor\u2019s word only",
        "F-0413 Place of the labelling supplier missing",
        "F-0414 No date for the AI-policy review",
        f"F-0415 {LONG_NAME}",
        "F-0416 Training data sheet out of date",
    ]
    owners = [
        "Lena Richter",
        "Jonas Weidel",
        "Nobody",
        LONG_NAME,
        "Mar\u00eda Jos\u00e9 \u0141ukasz",
    ]
    rows: list[Sequence[Cell] | Group] = []
    for n in range(40):
        if n % 10 == 0:
            rows.append(Group(f"Group {n // 10 + 1} of 4"))
        badge = Badge(LEVELS[n % 5], ", residual" if n % 7 == 3 else "", labels)
        when = late if n % 6 == 1 else due
        rows.append([names[n % 5], badge, owners[n % 5], when, labels.number(n * 1.37, 2)])
    answer = "The vendor wrote a very long answer. " * 260
    tall: list[Sequence[Cell]] = [
        ["Short answer", "Yes."],
        ["Answer taller than a page", answer],
        ["After it", Stack([StateBadge("In review"), TextBlock("\u2026 and more", BODY)], gap=3)],
    ]
    wide = [Column("Question", 1.0, strong=True), Column("Answer", 2.4)]
    return [
        *section("Tables"),
        *data_table(columns, rows, caption="Findings", empty="No finding was raised."),
        *data_table(wide, tall, caption="A cell taller than a page", empty="No answers."),
        *data_table(columns, [], caption="Conditions", empty="No condition was set."),
    ]


def _text(labels: Labels) -> list[Flowable]:
    rows: list[Sequence[Cell]] = [
        [Badge(level, labels=labels), StateBadge("In use")] for level in LEVELS
    ]
    return [
        *section("Text"),
        paragraph(
            [
                "It is ",
                strong("Moderate"),
                " on what is backed today, ",
                strong("Low"),
                " at 24.72 if every claim holds, ",
                strong("High"),
                " at 55.25 if nothing is believed. With conditions 1 and 2 met: ",
                strong("22.97, Low"),
                ".",
            ]
        ),
        *paragraphs("First paragraph of an answer.\nIts second line.\n\nA new paragraph."),
        paragraph("\u201cWe tell every customer within 72 hours of an incident.\u201d", QUOTE),
        *section("A subsection, with lists and notes", level=1),
        *bullets(["Amendment 3 signed, notice within 24 hours", f"Named owner: {LONG_NAME}"]),
        *bullets(["First condition", "Second condition", "Third condition"], numbered=True),
        notice("Two of twelve duties have nobody.", "Bias monitoring in use; retirement."),
        notice("The decision ends in 22 days.", "Use must stop then.", level="high"),
        notice("Not assessed since 2024.", level="unknown"),
        facts([("Owner, ours", "Henrik Baum"), ("Owner, vendor", LONG_NAME), ("Use", "HR")]),
        *section("Badges", level=1),
        *data_table([Column("Severity"), Column("State")], rows, empty="None."),
    ]


def _any_script() -> list[Flowable]:
    columns = [Column("Language", 1.0), Column("Text", 3.0), Column("Strong", 3.0, strong=True)]
    rows = [[name, sample, sample] for name, sample in SCRIPTS]
    return [
        *section("Any script"),
        *data_table(columns, rows, empty="None."),
        *[paragraph(" ".join([dict(SCRIPTS)[name]] * 6)) for name in _LONG_SAMPLES],
        *section("Hostile text"),
        *[paragraph(sample) for sample in HOSTILE],
    ]


def specimen(language: str = "en", *, labels: Labels | None = None) -> bytes:
    """Return the specimen as a PDF; equal calls return equal bytes."""
    words = labels or for_language(language)
    cover = Cover(
        kind="Assessment report",
        title="CV Ranking Assistant",
        lead=(
            "Northwind Language GmbH. Ranks applications for 340 vacancies a year; recruiters "
            "in Talent Acquisition read the ranking and choose. It recommends, it never rejects."
        ),
        facts=[
            ("Accountable, ours", "Henrik Baum"),
            ("Accountable, vendor", "Lena Richter"),
            ("Decision", "Approved with conditions"),
            ("Ends", "15 Dec 2026"),
            ("Assessment", "AS-2026-118"),
            ("Vendor", LONG_NAME),
        ],
        organisation="Meridian Insurance Group",
    )
    story = [*_text(words), *_charts(words), *_tables(words), *_any_script()]
    return build_pdf(
        cover,
        story,
        language=language,
        version_hash="7f3a91c05be2d846a3c1f09b7e55d2187f3a91c05be2d846a3c1f09b7e55d218",
        generated_at=datetime(2026, 11, 20, 16, 12, tzinfo=UTC),
        footer_note="Confidential",
        labels=words,
    )
