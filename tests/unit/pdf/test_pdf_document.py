import subprocess
import sys
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.platypus import PageBreak

from app.pdf.document import Cover, build_pdf, grouped
from app.pdf.labels import GERMAN, for_language
from app.pdf.specimen import HOSTILE, specimen
from app.pdf.text import paragraph, paragraphs, section
from tests.unit.pdf.pdf_reading import (
    COVER,
    MOMENT,
    VERSION,
    built,
    content,
    opened,
    page_texts,
    squeezed,
)


def test_equal_input_gives_equal_bytes() -> None:
    assert specimen() == specimen()
    assert specimen("de") == specimen("de")
    assert specimen("de") != specimen("en")


def test_a_fresh_process_gives_the_same_bytes() -> None:
    script = (
        "import sys; from app.pdf.specimen import specimen; sys.stdout.buffer.write(specimen())"
    )
    # Another hash seed and another time zone: neither may leave a trace.
    environment = {"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "PATH": ""}
    fresh = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, check=True
    )
    assert fresh.stdout == specimen()


def test_equal_bytes_whatever_was_built_before() -> None:
    first = built([paragraph("Grüße, 世界, שלום")])
    built([paragraph("".join(map(chr, range(0x21, 0x2FF))))])
    assert built([paragraph("Grüße, 世界, שלום")]) == first


def test_documents_built_at_once_do_not_touch_each_other() -> None:
    script = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from app.pdf.specimen import specimen\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    print(len(set(pool.map(specimen, ['en'] * 4))))\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == "1"


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_says_its_number_and_the_total(language: str) -> None:
    pages = page_texts(specimen(language))
    labels = for_language(language)
    assert len(pages) > 5
    for number, text in enumerate(pages, start=1):
        assert labels.page.format(page=number, total=len(pages)) in text
        assert labels.version.format(version="7f3a 91c0 5be2 d846") in text


def test_a_document_of_one_page_says_so() -> None:
    assert "Page 1 of 1" in page_texts(built([]))[0]


def test_the_cover_shows_what_and_whose_it_is() -> None:
    text = page_texts(built([]))[0]
    for part in (COVER.kind, COVER.title, COVER.lead, COVER.organisation, "Henrik Baum", VERSION):
        assert part in text
    assert "Generated 20 Nov 2026, 16:12 UTC" in text


def test_later_pages_have_a_running_header() -> None:
    first, *later = page_texts(built([paragraph("word " * 3000)]))
    assert later
    assert "Assessment report · Invoice Reader" not in first
    assert all("Assessment report · Invoice Reader" in text for text in later)


def test_metadata_names_the_document_and_nothing_internal() -> None:
    reader = opened(built([], language="de"))
    metadata = dict(reader.metadata or {})
    assert metadata.pop("/CreationDate") == metadata.pop("/ModDate") == "D:20261120161200+00'00'"
    assert metadata == {
        "/Title": "Invoice Reader",
        "/Author": "Meridian Insurance Group",
        "/Subject": "Assessment report",
        "/Creator": "Assay",
        "/Producer": "Assay",
        "/Keywords": "",
        "/Trapped": "/False",
    }
    assert reader.trailer["/Root"]["/Lang"] == "de"
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]


def test_hostile_names_are_harmless_in_metadata_and_outline() -> None:
    name = "<b>A\x00\u202eB\r\nTitle: x\ud800" + "c" * 5000
    reader = opened(built([*section(name)], Cover(name, name, name, [(name, name)], name)))
    assert reader.metadata is not None
    title = reader.metadata.title or ""
    assert title.startswith("<b>AB Title: xccc")
    assert len(title) <= 301
    assert [entry["/Title"][:9] for entry in reader.outline] == ["<b>AB Tit"]


def test_sections_are_bookmarks_of_their_page() -> None:
    story = [
        *section("One"),
        *section("One, a", level=1),
        paragraph("word " * 3000),
        *section("Two"),
        *section("Two, a", level=1),
    ]
    data = built(story)
    reader = opened(data)
    outline = reader.outline
    assert [outline[0]["/Title"], outline[2]["/Title"]] == ["One", "Two"]
    assert [outline[1][0]["/Title"], outline[3][0]["/Title"]] == ["One, a", "Two, a"]
    assert reader.get_destination_page_number(outline[0]) == 0
    page = reader.get_destination_page_number(outline[2])
    assert page
    assert "Two, a" in page_texts(data)[page]


def test_an_outline_that_starts_deep_is_lifted() -> None:
    reader = opened(built([*section("Deep first", level=1), *section("Then top")]))
    assert [entry["/Title"] for entry in reader.outline] == ["Deep first", "Then top"]


def test_a_time_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001  # the point of this test
    with pytest.raises(ValueError, match="time zone"):
        build_pdf(COVER, [], version_hash=VERSION, generated_at=naive)


def test_labels_can_be_given() -> None:
    text = page_texts(
        build_pdf(COVER, [], version_hash=VERSION, generated_at=MOMENT, labels=GERMAN)
    )[0]
    assert "Seite 1 von 1" in text
    assert "Erstellt am 20. November 2026, 16:12 UTC" in text


def test_an_unknown_language_speaks_english() -> None:
    assert for_language("tlh").page == "Page {page} of {total}"
    assert for_language("de_AT") is GERMAN


def test_a_hash_is_shown_in_groups() -> None:
    assert grouped(VERSION) == "7f3a 91c0 5be2 d846"
    assert grouped("ab") == "ab"


def test_cover_values_of_any_length_make_pages() -> None:
    long = "word " * 4000
    cover = Cover("Kind", long, long, [("Label", long), (long, "value")], long)
    data = built([], cover)
    assert content(data).count("word") >= 4 * 4000


def test_only_pages_with_codes_explain_them() -> None:
    note = "stands for a character that this document cannot draw"
    story = [paragraph("plain " * 4000), PageBreak(), paragraph("\x00"), PageBreak()]
    *plain, coded, last = page_texts(built([*story, paragraph("plain")]))
    assert note in coded
    assert not [text for text in (*plain, last) if note in text]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(st.characters(), max_size=300), max_size=5))
def test_any_text_makes_a_document(values: list[str]) -> None:
    story = [flowable for value in values for flowable in paragraphs(value)]
    story += [*section(values[0])] if values else []
    title = values[-1] if values else ""
    data = built(story, Cover("Kind", title, title, [(title, title)], title))
    assert len(opened(data).pages) >= 1


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=200))
def test_plain_characters_come_out_as_they_went_in(value: str) -> None:
    start, end = "qqqstart", "qqqend"
    text = content(built([paragraph(start + value + end)]))
    assert squeezed(start + value + end) in text


def test_hostile_text_is_literal_text() -> None:
    text = content(built([paragraph(sample) for sample in HOSTILE]))
    for sample in HOSTILE[:3]:
        assert squeezed(sample) in text
    assert squeezed(HOSTILE[-1]) in text
