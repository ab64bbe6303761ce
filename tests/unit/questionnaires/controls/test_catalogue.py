"""The shipped frameworks and crosswalk: complete, true to their ids, and fitting together."""

from __future__ import annotations

from collections import Counter

import pytest

from questionnaires.controls.catalogue import ISO_42001, Catalogue, coverage, joined, load_shipped
from questionnaires.controls.definition import (
    Control,
    Framework,
    Kind,
    Pair,
    Provenance,
    SupplierRelevance,
)
from questionnaires.controls.documents import CatalogueError
from questionnaires.engine.document import parse_document
from questionnaires.library.shipped_documents import load_shipped as load_questionnaire

ANNEX_A = {
    "A.2": ("2", "3", "4"),
    "A.3": ("2", "3"),
    "A.4": ("2", "3", "4", "5", "6"),
    "A.5": ("2", "3", "4", "5"),
    "A.6": ("1.2", "1.3", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8"),
    "A.7": ("2", "3", "4", "5", "6"),
    "A.8": ("2", "3", "4", "5"),
    "A.9": ("2", "3", "4"),
    "A.10": ("2", "3", "4"),
}
ORGANISATION_ONLY = ["A.2.3", "A.9.3"]
CLAUSES = {
    "4": ("4.1", "4.2", "4.3", "4.4"),
    "5": ("5.1", "5.2", "5.3"),
    "6": ("6.1", "6.2", "6.3"),
    "6.1": ("6.1.1", "6.1.2", "6.1.3", "6.1.4"),
    "7": ("7.1", "7.2", "7.3", "7.4", "7.5"),
    "7.5": ("7.5.1", "7.5.2", "7.5.3"),
    "8": ("8.1", "8.2", "8.3", "8.4"),
    "9": ("9.1", "9.2", "9.3"),
    "9.2": ("9.2.1", "9.2.2"),
    "9.3": ("9.3.1", "9.3.2", "9.3.3"),
    "10": ("10.1", "10.2"),
}
SUBCATEGORIES = {"GOVERN": 19, "MAP": 18, "MEASURE": 22, "MANAGE": 13}
PROVENANCES = {Provenance.PUBLISHED: 60, Provenance.SUPPORTED: 137, Provenance.EDITORIAL: 204}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_shipped()


@pytest.fixture(scope="module")
def iso(catalogue: Catalogue) -> Framework:
    return _framework(catalogue, ISO_42001)


@pytest.fixture(scope="module")
def asked() -> frozenset[Pair]:
    """What the full supplier questionnaire asks for."""
    questionnaire = parse_document(load_questionnaire("ai-supplier"))
    return frozenset(
        (ref.framework, ref.control)
        for question in questionnaire.questions
        for ref in question.controls
    )


def test_annex_a_has_its_objectives_and_controls(iso: Framework) -> None:
    assert [entry.id for entry in iso.of_kind(Kind.OBJECTIVE)] == list(ANNEX_A)
    wanted = [f"{objective}.{rest}" for objective, ends in ANNEX_A.items() for rest in ends]
    assert [control.id for control in iso.of_kind(Kind.CONTROL)] == wanted
    assert len(wanted) == 38


@pytest.mark.parametrize("above", CLAUSES)
def test_a_clause_has_its_subclauses(iso: Framework, above: str) -> None:
    assert tuple(clause.id for clause in iso.parts(above)) == CLAUSES[above]


def test_the_clauses_stand_first_from_4_to_10(iso: Framework) -> None:
    assert [entry.id for entry in iso.parts()][:7] == [str(number) for number in range(4, 11)]


def test_each_control_of_annex_a_is_told_in_our_words(iso: Framework) -> None:
    for control in iso.of_kind(Kind.CONTROL):
        assert control.summary
        assert control.guidance
        assert 1 <= control.guidance.count(".") <= 4, control.id
        assert control.supplier_relevance
        assert control.relevance_reason


def test_two_controls_are_no_business_of_a_supplier(iso: Framework) -> None:
    relevance = Counter(control.supplier_relevance for control in iso.of_kind(Kind.CONTROL))
    assert relevance == {
        SupplierRelevance.CORE: 12,
        SupplierRelevance.HIGH: 14,
        SupplierRelevance.MEDIUM: 10,
        SupplierRelevance.ORGANISATION_ONLY: 2,
    }


def test_annex_c_has_eleven_objectives_and_seven_risk_sources(iso: Framework) -> None:
    assert [entry.id for entry in iso.parts("C.2")] == [f"C.2.{n}" for n in range(1, 12)]
    assert [entry.id for entry in iso.parts("C.3")] == [f"C.3.{n}" for n in range(1, 8)]


def test_sectors_are_marked_as_doubtful(iso: Framework) -> None:
    sectors = iso.of_kind(Kind.SECTOR)
    assert sectors
    assert all(sector.doubt for sector in sectors)


def test_nist_has_its_subcategories(catalogue: Catalogue) -> None:
    nist = _framework(catalogue, "nist-ai-rmf")
    found = Counter(control.id.split()[0] for control in nist.of_kind(Kind.CONTROL))
    assert found == SUBCATEGORIES
    for control in nist.of_kind(Kind.CONTROL):
        assert control.parent == control.id.rsplit(".", maxsplit=1)[0]


def test_what_the_law_forbids_stands_under_article_5(catalogue: Catalogue) -> None:
    act = _framework(catalogue, "eu-ai-act")
    practices = act.parts("Art. 5")
    assert [practice.id for practice in practices[:8]] == [f"Art. 5(1)({c})" for c in "abcdefgh"]
    assert [bool(practice.doubt) for practice in practices] == [False] * 8 + [True]


@pytest.mark.parametrize("id", ["Art. 4", "Art. 25", "Art. 50"])
def test_what_the_amended_law_leaves_doubtful_is_marked(catalogue: Catalogue, id: str) -> None:
    article = catalogue.control("eu-ai-act", id)
    assert article
    assert article.doubt


def test_every_listed_control_of_iso_27001_occurs_in_the_crosswalk(catalogue: Catalogue) -> None:
    listed = {c.id for c in _framework(catalogue, "iso-27001").of_kind(Kind.CONTROL)}
    named = {r.to_control for r in catalogue.crosswalk.rows if r.to_framework == "iso-27001"}
    assert listed == named


def test_the_crosswalk_keeps_apart_how_sure_a_row_is(catalogue: Catalogue) -> None:
    rows = catalogue.crosswalk.rows
    assert Counter(row.provenance for row in rows) == PROVENANCES
    published = [row for row in rows if row.provenance is Provenance.PUBLISHED]
    assert {row.to_framework for row in published} == {"nist-ai-rmf"}
    assert all(row.sources == ("airc",) for row in published)


def test_every_id_of_the_crosswalk_exists_and_every_control_is_in_it(catalogue: Catalogue) -> None:
    for row in catalogue.crosswalk.rows:
        assert catalogue.control(row.framework, row.control), row
        assert catalogue.control(row.to_framework, row.to_control), row
    mapped = {row.control for row in catalogue.crosswalk.rows}
    assert mapped == {c.id for c in _framework(catalogue, ISO_42001).of_kind(Kind.CONTROL)}


def test_rows_are_found_from_both_sides(catalogue: Catalogue) -> None:
    crosswalk = catalogue.crosswalk
    row = next(r for r in crosswalk.rows_of("eu-ai-act", "Art. 73") if r.control == "A.8.4")
    assert row in crosswalk.rows_of(ISO_42001, "A.8.4")
    assert crosswalk.rows_of(ISO_42001, "A.99") == ()


def test_no_text_reads_as_if_something_was_met(catalogue: Catalogue) -> None:
    for framework in catalogue.frameworks:
        texts = [framework.summary, *framework.notes]
        for control in framework.controls:
            texts += [control.summary or "", control.guidance or "", control.doubt or ""]
        assert not [text for text in texts if "compliant" in text.casefold()]


def test_the_supplier_questionnaire_asks_36_of_38_controls(
    catalogue: Catalogue, iso: Framework, asked: frozenset[Pair]
) -> None:
    assert [pair for pair in sorted(asked) if catalogue.control(*pair) is None] == []
    found = coverage(iso.of_kind(Kind.CONTROL), asked)
    assert len(found.asked) == 36
    assert found.gaps == ()
    assert _ids(found.not_expected) == ORGANISATION_ONLY


def test_questions_name_risk_sources_and_objectives_that_exist(iso: Framework) -> None:
    goals = {goal.id for goal in iso.of_kind(Kind.GOAL)}
    sources = {source.id for source in iso.of_kind(Kind.RISK_SOURCE)}
    for key in ("ai-supplier", "ai-intake"):
        for question in parse_document(load_questionnaire(key)).questions:
            assert question.risk_sources, question.key
            assert set(question.risk_sources) <= sources, question.key
            assert set(question.objectives) <= goals, question.key


def test_a_crosswalk_to_nowhere_is_refused(catalogue: Catalogue, iso: Framework) -> None:
    with pytest.raises(CatalogueError, match=r"nist-ai-rmf has no “GOVERN 1[.]1”"):
        joined([iso], catalogue.crosswalk)


def test_coverage_tells_gaps_from_what_is_not_expected(iso: Framework) -> None:
    found = coverage(iso.of_kind(Kind.CONTROL)[:4], {(ISO_42001, "A.2.2"), ("oecd", "A.2.4")})
    assert _ids(found.asked) == ["A.2.2"]
    assert _ids(found.gaps) == ["A.2.4", "A.3.2"]
    assert _ids(found.not_expected) == ["A.2.3"]


def test_an_asked_control_counts_though_it_was_not_expected(iso: Framework) -> None:
    found = coverage(iso.of_kind(Kind.CONTROL)[:2], {(ISO_42001, "A.2.3")})
    assert _ids(found.asked) == ["A.2.3"]
    assert found.not_expected == ()


def _ids(controls: tuple[Control, ...]) -> list[str]:
    return [control.id for control in controls]


def _framework(catalogue: Catalogue, key: str) -> Framework:
    framework = catalogue.framework(key)
    assert framework
    return framework
