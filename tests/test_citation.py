"""Printed citations, journals, and the publications they refer to."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from benchmarks.citation_corpus import measure

from dress_kg.errors import SourceError
from dress_kg.interpret.citation import citation_json, read_citation
from dress_kg.interpret.journals import Journals
from dress_kg.interpret.publication import Register, resolve_publications
from dress_kg.records import Citation

JOURNALS = Journals.load()
FIELDS = ("author", "initials", "et_al", "journal", "year", "year_suffix", "number")


def read(text: str) -> Citation:
    citation = read_citation(text, JOURNALS)
    assert citation is not None
    return citation


def gold_citations(gold_items: list[dict[str, Any]]) -> list[Citation]:
    return [read(item["cells"]["reference"]) for item in gold_items]


def test_all_citation_fields_of_the_gold(gold_items: list[dict[str, Any]]) -> None:
    for item, read_ in zip(gold_items, gold_citations(gold_items), strict=True):
        wanted = item["citation"]
        got = {
            "printed_author": read_.author,
            "initials": read_.initials,
            "et_al": read_.et_al,
            "printed_journal": read_.printed_journal,
            "journal": read_.journal,
            "year": read_.year,
            "number": int(read_.number or 0),
        }
        assert got == {name: wanted[name] for name in got}, item["id"]
        assert read_.unread == ()
        text = item["cells"]["reference"]
        assert all(text[s.start : s.end] == s.exact for s in read_.selections.values())


def test_the_civic_corpus_is_read_as_printed(shared: Path) -> None:
    total, faults = measure(shared / "corpora/citations-civic.tsv")
    assert total == 1628
    assert not faults["all"]
    for name in ("author", "year", "journal", "et_al"):
        assert len(faults[name]) <= 0.01 * total, (name, faults[name][:5])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Findling et al [53]", ("Findling", None, True, None, None, None, "53")),
        ("Wu et al., [2016]", ("Wu", None, True, None, 2016, None, None)),
        ("Pan and Kastin, 1999", ("Pan", None, False, None, 1999, None, None)),
        (
            "Chabinyc, M. L. et al., J. Am. Chem. Soc. 2007",
            ("Chabinyc", "ML", True, "J Am Chem Soc", 2007, None, None),
        ),
        (
            "Chabinyc, M. L. J. Am. Chem. Soc. 2007",
            ("Chabinyc", "ML", False, "J Am Chem Soc", 2007, None, None),
        ),
        ("van der Berg A, et al. Blood 2015b [3]", ("van der Berg", "A", True, "Blood", 2015, "b", "3")),
        (
            "Cumbo- Nacheli G, et al Epilepsia. 2008",
            ("Cumbo-Nacheli", "G", True, "Epilepsia", 2008, None, None),
        ),
        ("J. Smith and A. Jones, 2011", ("Smith", "J", False, None, 2011, None, None)),
        ("M. Garcia et al., Br J Dermatol, 2018", ("Garcia", "M", True, "Br J Dermatol", 2018, None, None)),
        ("Patel et al12", ("Patel", None, True, None, None, None, "12")),
        ("Patel et al (12)", ("Patel", None, True, None, None, None, "12")),
        ("Patel et al.¹²", ("Patel", None, True, None, None, None, "12")),
        (
            "STOP GAP Study Group. Lancet 2015",
            ("STOP GAP Study Group", None, False, "Lancet", 2015, None, None),
        ),
        ("J. Invest. Dermatol. 2003", (None, None, False, "J Invest Dermatol", 2003, None, None)),
        ("(Smith et al., 2010a)", ("Smith", None, True, None, 2010, "a", None)),
        ("D'Souza A et al. Chest 2004 (ref 12)", ("D'Souza", "A", True, "Chest", 2004, None, "12")),
        (
            "KIRCHHOF MG, ET AL. JAMA DERMATOL 2016",
            ("KIRCHHOF", "MG", True, "JAMA Dermatol", 2016, None, None),
        ),
        (
            "[12] Smith J. Lancet 2000;355:1999-2010",
            ("Smith", "J", False, "Lancet", 2000, None, "12"),
        ),
        (
            "Smith J, Jones K. A trial of IVIG in DRESS. JAMA Dermatol. 2012;148(4):543-4.",
            ("Smith", "J", False, "JAMA Dermatol", 2012, None, None),
        ),
        ("2013, Nature", (None, None, False, "Nature", 2013, None, None)),
        ("Levine RL (2005) Blood", ("Levine", "RL", False, "Blood", 2005, None, None)),
        ("Mockenhaupt M Uptodate 2019 [6]", ("Mockenhaupt", "M", False, "UpToDate", 2019, None, "6")),
    ],
)
def test_other_forms(text: str, expected: tuple[object, ...]) -> None:
    citation = read(text)
    assert tuple(getattr(citation, name) for name in FIELDS) == expected


def test_two_years_or_two_numbers_are_none() -> None:
    assert read("Smith et al. 2008 and 2018 [39]").year is None
    several = read("Li X, et al. N Engl J Med 2019 [12,13]")
    assert several.number is None
    assert [part.exact for part in several.unread] == ["12,13"]


@pytest.mark.parametrize(
    "text", ["", "  ", "see text", "Not specified", "100 mg twice daily", "12", "Author unknown"]
)
def test_no_citation(text: str) -> None:
    assert read_citation(text, JOURNALS) is None
    answer = citation_json(text, JOURNALS)
    assert all(answer[name] is None for name in ("author", "journal", "year", "number"))


def test_the_json_answer() -> None:
    answer = citation_json("Kirchhof MG, et al. JAMA Dermatol 2016 [48]", JOURNALS)
    assert {name: answer[name] for name in ("author", "initials", "et_al", "journal", "year", "number")} == {
        "author": "Kirchhof",
        "initials": "MG",
        "et_al": True,
        "journal": "JAMA Dermatol",
        "year": 2016,
        "number": 48,
    }
    assert answer["journal_full"] == "JAMA Dermatology"
    assert answer["spans"] == {
        "author": [0, 8],
        "initials": [9, 11],
        "et_al": [13, 19],
        "journal": [20, 33],
        "year": [34, 38],
        "number": [40, 42],
    }
    assert answer["unread"] == []


@pytest.mark.parametrize(
    ("printed", "abbreviation"),
    [
        ("BJD", "Br J Dermatol"),
        ("Acta Dermat Vener", "Acta Derm Venereol"),
        ("N. Engl. J. Med.", "N Engl J Med"),
        ("the british journal of dermatology", "Br J Dermatol"),
        ("Pract Dermatol.", "Pract Dermatol"),
    ],
)
def test_journals(printed: str, abbreviation: str) -> None:
    journal = JOURNALS.resolve(printed)
    assert journal is not None
    assert journal.abbreviation == abbreviation


@pytest.mark.parametrize("printed", ["", "J Clin", "Zzz", "Acta", "in"])
def test_an_unknown_or_ambiguous_journal_is_none(printed: str) -> None:
    assert JOURNALS.resolve(printed) is None


def test_the_gold_has_27_publications_with_their_variants(
    gold: dict[str, Any], gold_items: list[dict[str, Any]]
) -> None:
    resolution = resolve_publications(gold_citations(gold_items), "dress")
    assert len(resolution.publications) == gold["publications_count"] == 27
    assert [(v.publication, v.part, v.printed) for v in resolution.variants] == [
        ("bommersbach-2016", "author", ("Bomersmbach", "Bommersbach")),
        ("cumbo-nacheli-2008", "year", ("2008", "2018")),
    ]
    for item, publication in zip(gold_items, resolution.of, strict=True):
        assert publication is not None
        assert publication.first_author is not None
        assert publication.first_author.rsplit(" ", 1)[0] == item["citation"]["author"]
    by_key = {p.key: p for p in resolution.publications}
    assert (by_key["moling-2012"].year, by_key["moling-2012"].printed_years) == (2012, (2013,))
    assert by_key["cumbo-nacheli-2008"].printed_years == (2008, 2018)
    assert (by_key["mockenhaupt-2019"].year, by_key["mockenhaupt-2019"].year_verified) == (2019, False)


def test_citations_never_merge_on_looks() -> None:
    twice = [read("Lee et al., 2008, Blood"), read("Lee et al., 2008, Blood"), None]
    apart = resolve_publications(twice, "other")
    assert [p.key if p else None for p in apart.of] == ["other-lee-2008", "other-lee-2008-2", None]
    same = resolve_publications(twice[:2], "other", identifiers=["pmid:1", "pmid:1"])
    assert len(same.publications) == 1
    assert same.publications[0].pmid == "1"
    differ = resolve_publications(twice[:2], "other", identifiers=["pmid:1", "pmid:2"])
    assert len(differ.publications) == 2


def test_the_same_number_in_another_source_or_of_another_author_is_another_publication() -> None:
    lee = read("Lee JH, et al. J Korean Med Sci 2008 [53]")
    (elsewhere,) = resolve_publications([lee], "other").publications
    assert elsewhere.key == "other-lee-2008-ref-53"
    assert elsewhere.doi is None
    stranger = read("Nakamura T, et al. Lancet 2011 [53]")
    (other,) = resolve_publications([stranger], "dress").publications
    assert other.key == "dress-nakamura-2011-ref-53"


def test_the_register_is_found_by_identifier() -> None:
    kirchhof = Register.load().by_identifier("PMID:27438540")
    assert kirchhof is not None
    assert kirchhof.key == "kirchhof-2016"
    guideline = Register.load().by_ref("dress", "source")
    assert guideline is not None
    assert guideline.doi == "10.18176/jiaci.0480"


def test_a_register_at_fault_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "publications.tsv"
    path.write_text("key\tref\n", encoding="utf-8")
    with pytest.raises(SourceError, match="other columns"):
        Register.load(path)
    shipped = Path(__file__).resolve().parents[1] / "mappings/publications.tsv"
    lines = shipped.read_text("utf-8").split("\n")
    twice = tmp_path / "twice.tsv"
    twice.write_text("\n".join([lines[0], lines[1], lines[1], ""]), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        Register.load(twice)
    assert (caught.value.line, caught.value.column) == (3, "key")


@pytest.mark.parametrize(
    "unit", ["Van ", "A. ", "Smith J, ", "de la ", "[1] ", "2001 ", ", ", "( ", "Blood. Good cells. "]
)
def test_time_grows_with_the_text_only(unit: str) -> None:
    text = unit * (60_000 // len(unit))
    start = time.perf_counter()
    read_citation(text, JOURNALS)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    "text", ["3/4 – Case 1: [12] C 2010 anti- a IVIG", "[12] Blood [2010] Smith J", "Blood 2010 [3] 2011"]
)
def test_no_part_of_a_citation_overlaps_another(text: str) -> None:
    parts = sorted((s.start, s.end) for s in read(text).selections.values())
    assert all(before[1] <= after[0] for before, after in pairwise(parts))
