import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.pdf.badges import Badge, StateBadge
from app.pdf.runs import Span
from app.pdf.styles import LEVELS
from app.pdf.tables import Column, Group, Stack, data_table, facts
from app.pdf.text import TextBlock, paragraph
from tests.unit.pdf.pdf_reading import built, content, opened, page_texts

COLUMNS = [Column("Finding", 2), Column("Owner"), Column("Points", 0.6, align="end")]


def test_the_header_repeats_on_every_page() -> None:
    rows = [[f"row-{n}", "Lena", str(n)] for n in range(200)]
    pages = page_texts(built(data_table(COLUMNS, rows, caption="All findings", empty="None.")))
    assert len(pages) > 4
    assert all("Finding Owner" in page for page in pages)
    text = "\n".join(pages)
    assert text.count("All findings") == 1
    assert all(text.count(f"row-{n} ") == 1 for n in range(200))


def test_rows_keep_their_order() -> None:
    rows = [[f"row-{n:03}", "x", "1"] for n in range(150)]
    text = "".join(page_texts(built(data_table(COLUMNS, rows, empty="None."))))
    places = [text.index(f"row-{n:03}") for n in range(150)]
    assert places == sorted(places)


def test_a_cell_taller_than_pages_is_there_whole() -> None:
    rows = [["before", "x", "1"], ["tall", "word " * 5000, "2"], ["after", "x", "3"]]
    data = built(data_table(COLUMNS, rows, empty="None."))
    text = content(data)
    assert len(opened(data).pages) > 5
    assert text.count("word") == 5000
    assert text.index("before") < text.index("tall") < text.index("after")


def test_every_cell_of_a_row_may_be_tall() -> None:
    rows = [["alpha " * 900, "beta " * 1500, "7 " * 700]]
    text = content(built(data_table(COLUMNS, rows, empty="None.")))
    assert (text.count("alpha"), text.count("beta")) == (900, 1500)


def test_without_rows_a_sentence_says_so() -> None:
    text = page_texts(built(data_table(COLUMNS, [], caption="Findings", empty="None was raised.")))
    assert "Findings\nNone was raised." in text[0]


def test_a_group_is_never_the_last_row_of_a_page() -> None:
    for before in range(20, 40):
        rows: list[list[str] | Group] = [[f"r{n}", "x", "1"] for n in range(before)]
        rows += [Group("The next group"), ["first of group", "x", "1"]]
        for page in page_texts(built(data_table(COLUMNS, rows, empty="None."))):
            body = page.split("Version 7f3a 91c0")[0].strip()
            assert not body.endswith("The next group")


def test_a_row_with_another_number_of_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="row 1 has 2 cells for 3 columns"):
        data_table(COLUMNS, [["a", "b", "c"], ["a", "b"]], empty="None.")


def test_badges_show_their_word_beside_their_shape() -> None:
    rows = [[Badge(level), StateBadge("In use"), "1"] for level in LEVELS]
    text = page_texts(built(data_table(COLUMNS, rows, empty="None.")))[0]
    for word in ("Critical", "Unknown", "High", "Moderate", "Low"):
        assert word in text


def test_long_words_in_badges_wrap_and_stay() -> None:
    rows = [[StateBadge("Wartet auf Genehmigung"), Badge("high", ", vor Maßnahmen"), "1"]] * 60
    text = content(
        built(data_table([Column("a"), Column("b", 0.3), Column("c", 5)], rows, empty=""))
    )
    assert text.count("WartetaufGenehmigung") == 60


def test_a_stack_puts_blocks_under_each_other() -> None:
    cell = Stack([TextBlock("first"), TextBlock([Span("second")])], gap=2)
    text = page_texts(built(data_table([Column("a")], [[cell]], empty="")))[0]
    assert text.index("first") < text.index("second")


def test_facts_fill_a_grid_and_split() -> None:
    pairs = [(f"label-{n}", "value " * (700 if n == 1 else 2)) for n in range(7)]
    text = content(built([facts(pairs)]))
    assert all(f"label-{n}" in text for n in range(7))
    assert text.count("value") == 700 + 6 * 2


def test_hostile_headings_neither_fail_nor_fill_the_page() -> None:
    columns = [Column("heading " * 500), Column("\x00" * 500)]
    data = built(data_table(columns, [["a", "b " * 4000]] * 3, empty="", caption="c " * 3000))
    assert content(data).count("b") >= 12_000


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 300)), max_size=12),
    st.integers(0, 60),
)
def test_any_mix_of_heights_loses_no_word(sizes: list[tuple[int, int]], before: int) -> None:
    rows = [["alpha " * left, "beta " * right, "1"] for left, right in sizes]
    story = [paragraph("gamma\n" * before), *data_table(COLUMNS, rows, empty="None.")]
    text = content(built(story))
    assert text.count("alpha") == sum(left for left, _ in sizes)
    assert text.count("beta") == sum(right for _, right in sizes)
