from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.pdf.bars import Bar, BarChart, SeverityBar, SeverityChart, _parts
from app.pdf.labels import GERMAN
from app.pdf.risk_charts import Beside, HeatCell, HeatMap, SpanBar
from app.pdf.styles import LEVELS, Level
from app.pdf.text import figure
from tests.unit.pdf.pdf_reading import built, content, opened, page_texts


def test_a_bar_shows_its_label_and_number() -> None:
    chart = BarChart([Bar("Kestrel", 19, attention=True), Bar("Halyard", 12.0, "12 of 64")])
    text = page_texts(built([figure("Models", chart)]))[0]
    assert "Kestrel" in text
    assert "19" in text
    assert "12 of 64" in text


def test_what_is_not_known_is_never_zero() -> None:
    text = content(built([figure("t", BarChart([Bar("Nobody answered", None)]))]))
    assert "Nobodyanswered?" in text


@pytest.mark.parametrize(
    "block", [BarChart([]), SeverityChart([]), SeverityChart([SeverityBar("x", {})])]
)
def test_a_chart_without_data_says_so(block: BarChart | SeverityChart) -> None:
    assert "Nodatayet." in content(built([figure("t", block)]))


def test_a_chart_of_many_bars_splits_over_pages() -> None:
    chart = BarChart([Bar(f"bar-{n:03} " + "long name " * 60, n) for n in range(120)], aim=60)
    data = built([figure("Many", chart)])
    assert len(opened(data).pages) > 5
    text = content(data)
    assert all(f"bar-{n:03}" in text for n in range(120))


def test_counts_are_shown_in_the_order_of_severity_with_their_total() -> None:
    counts: dict[Level, int] = {"low": 8, "critical": 6, "unknown": 7, "moderate": 22, "high": 21}
    text = content(built([figure("t", SeverityChart([SeverityBar("Inherent", counts)]))]))
    assert "Inherent672122864" in text


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(LEVELS), st.integers(0, 100_000)),
    st.integers(0, 100_000),
    st.floats(200, 500),
)
def test_no_part_of_a_bar_is_narrower_than_its_figures(
    counts: dict[Level, int], more: int, track: float
) -> None:
    total = sum(counts.values())
    parts = _parts(counts, track, max(total + more, 1))
    assert [level for level, _, _ in parts] == [lv for lv in LEVELS if counts.get(lv)]
    assert all(long >= 5.4 * len(str(count)) for _, count, long in parts)
    assert sum(long for _, _, long in parts) <= track + 0.01


def test_a_span_names_its_three_values() -> None:
    text = content(built([figure("t", SpanBar(24.72, 30.82, 55.25))]))
    for part in ("claimed", "24.72", "credited", "30.82", "worst", "55.25", "0255075100"):
        assert part in text


def test_a_span_in_german_has_german_figures() -> None:
    text = content(built([figure("t", SpanBar(24.72, 30.82, 55.25, GERMAN))]))
    assert "24,72" in text
    assert "anerkannt" in text


def test_a_score_that_is_not_known_is_the_word_unknown() -> None:
    text = content(built([figure("t", SpanBar(None, None, None))]))
    assert "Unknown" in text
    assert "Low" not in text


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=3, max_size=3))
def test_labels_of_a_span_never_overlap_nor_leave_the_bar(values: list[float]) -> None:
    claimed, credited, worst = sorted(values)
    marks = SpanBar(claimed, credited, worst)._marks(380.0)
    assert marks[0].left >= -0.01
    assert marks[-1].left + marks[-1].width <= 380.01
    for left, right in pairwise(marks):
        assert left.left + left.width <= right.left + 0.01


def heat_map(count: int) -> HeatMap:
    cells = [
        [HeatCell(level, count + n * 5 + m) for m, level in enumerate(LEVELS)] for n in range(5)
    ]
    return HeatMap(cells, ["Row " + "x" * 90] * 5, ["Col"] * 5, "Likelihood upwards", not_rated=3)


def test_a_heat_map_shows_its_counts_and_what_is_not_rated() -> None:
    text = content(built([figure("t", heat_map(100))]))
    assert all(str(100 + n) in text for n in range(25))
    assert "3notrated" in text


def test_zero_is_blank_on_a_heat_map() -> None:
    cells = [[HeatCell("low", 0)] * 5] * 5
    text = content(built([figure("t", HeatMap(cells, ["r"] * 5, ["c"] * 5))]))
    assert "rrrrrccccc" in text


def test_charts_beside_each_other_are_both_there() -> None:
    text = content(built([figure("t", Beside([heat_map(100), heat_map(300)]))]))
    assert "100" in text
    assert "324" in text


def test_blocks_too_tall_to_stand_beside_each_other_go_under_one_another() -> None:
    tall = BarChart([Bar(f"bar-{n}", n) for n in range(90)])
    text = content(built([figure("t", Beside([tall, tall]))]))
    assert text.count("bar-89") == 2
