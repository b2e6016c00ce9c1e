"""Repair: the DRESS table against the gold, what maps back to where, and the rules on small tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dress_kg.errors import LedgerError
from dress_kg.profile import Profile, load_profile
from dress_kg.records import Line, LineKind, Row, Table
from dress_kg.repair import check_ledger, ledger_counts, repair
from dress_kg.repair.shape import Token, token_kind
from dress_kg.repair.words import Dictionary
from dress_kg.table import read_lines

PROFILE = load_profile("dress")
HEADER = "DRUG\tDOSE\tINTERVAL\tREFERENCE\tSTUDY DESIGN\tCOMMENTS\tLEVEL EVIDENCE\tGRADE RECOM"
KNOWN = frozenset(
    {"cyclosporine", "mycophenolate", "methylprednisolone", "n-acetylcysteine", "corticosteroids"}
)
MENDED = {
    (8, "interval", "mycophenolat e,", "mycophenolate,"),
    (15, "dose", "Methyl- prednisolone", "Methylprednisolone"),
    (22, "comments", "Epstein -Barr", "Epstein-Barr"),
    (25, "comments", "N -acetylcysteine,", "N-acetylcysteine,"),
    (33, "reference", "Cumbo- Nacheli", "Cumbo-Nacheli"),
    (34, "dose", "life- threatening", "life-threatening"),
}


def lines_of(text: str) -> tuple[Line, ...]:
    return tuple(
        Line(number, part, tuple(part.split("\t"))) for number, part in enumerate(text.split("\n"), start=1)
    )


def repaired(*rows: str, profile: Profile = PROFILE) -> Table:
    return repair(lines_of("\n".join([HEADER, *rows])), profile, "small.tsv", KNOWN)


@pytest.fixture(scope="module")
def dress() -> Table:
    return repair(read_lines(PROFILE.source_file, PROFILE), PROFILE, "dress-treatment-evidence.tsv", KNOWN)


# ------------------------------------------------------------------ the DRESS table


def test_the_ledger_is_the_gold_s(dress: Table, gold: dict[str, Any]) -> None:
    expected = {number: kind for kind, numbers in gold["furniture_lines"].items() for number in numbers}
    got = {entry.line: entry.kind.value for entry in dress.ledger if entry.kind is not LineKind.ROW}
    assert got == expected
    counts = ledger_counts(dress)
    assert sum(counts.values()) == 84
    assert counts[LineKind.ROW] == 63
    assert [list(row.lines) for row in dress.rows] == [item["line_numbers"] for item in gold["items"]]
    assert all(entry.reason for entry in dress.ledger)


def test_280_of_280_cells_are_the_gold_s(dress: Table, gold_items: list[dict[str, Any]]) -> None:
    equal = 0
    for row, item in zip(dress.rows, gold_items, strict=True):
        assert {name: cell.joined for name, cell in row.cells.items()} == item["cells"], item["id"]
        equal += len(row.cells)
    assert equal == 280


def test_sections_are_the_gold_s(dress: Table, gold_items: list[dict[str, Any]]) -> None:
    titles = [row.section for row in dress.rows]
    assert [title.removesuffix(" (IVIG)") for title in titles if title] == [i["section"] for i in gold_items]
    assert "Intravenous immunoglobulin (IVIG)" in titles


def test_text_differs_from_joined_by_recorded_repairs_only(dress: Table) -> None:
    mended = set()
    for row in dress.rows:
        for name, cell in row.cells.items():
            made = [r for r in row.repairs if r.field == name and r.rule in ("mend-word", "strip-markup")]
            assert (cell.text != cell.joined) == bool(made)
            text = cell.joined
            for change in made:
                assert change.before in text
                text = text.replace(change.before, change.after, 1)
            assert text == cell.text
            mended |= {(r.line, name, r.before, r.after) for r in made if r.rule == "mend-word"}
    assert mended == MENDED


def test_without_the_caller_s_words_nothing_else_changes(dress: Table) -> None:
    plain = repair(dress.lines, PROFILE, dress.file)
    for bare, row in zip(plain.rows, dress.rows, strict=True):
        assert [cell.joined for cell in bare.cells.values()] == [cell.joined for cell in row.cells.values()]


def test_every_character_has_its_place(dress: Table) -> None:
    for row in dress.rows:
        assert_traced(row)


def assert_traced(row: Row) -> None:
    aside = {(cell.line, cell.position) for cell in row.noise}
    for name, cell in row.cells.items():
        raw = {(part.line, part.position): part.text for part in cell.raw}
        covered: dict[tuple[int, int], set[int]] = {}
        for part in cell.fragments:
            place = (part.line, part.position)
            assert cell.text[part.start : part.end] == raw[place][part.raw_start : part.raw_end]
            assert part.end > part.start
            covered.setdefault(place, set()).update(range(part.raw_start, part.raw_end))
        starts = [part.start for part in cell.fragments]
        assert starts == sorted(starts)
        changed = [r.line for r in row.repairs if r.field == name and not r.rule.startswith("join-")]
        for place, text in raw.items():
            lost = set(range(len(text))) - covered.get(place, set())
            # A repair over a line end names the first of its lines.
            mended_here = any(line <= place[0] for line in changed)
            assert not lost or not text.strip() or place in aside or mended_here, (name, place)


# ------------------------------------------------------------------ the rules, one by one


def test_codes_make_a_row_of_lines_whose_columns_end_at_different_heights() -> None:
    table = repaired(
        "IVIG\t0.5 g/kg/d\t2 consecutive\tSinger EM, et al\tCase report\tSparing.\t3\tD",
        "+ CS\t\tdays every\tJAMA Dermatol.\t1 case\t\t\t",
        "\t\tmonth\t2013 [43]\t\t\t\t",
        "Ganciclovir\tNot specified\t\tMoling O 2013 [60]\t\tFailed\t3\tD",
    )
    assert [row.lines for row in table.rows] == [(2, 3, 4), (5,)]
    assert table.rows[0].cells["interval"].text == "2 consecutive days every month"
    joins = [r for r in table.rows[0].repairs if r.rule == "join-continuation"]
    assert {r.field for r in joins} == {"drug", "interval", "reference", "study_design"}
    assert joins[0].before == "IVIG\n+ CS"


def test_a_row_cut_by_a_page_is_joined_over_footer_and_header() -> None:
    table = repaired(
        "IVIG (previous\t\t\t\t\t\t\t",
        "",
        "J Investig Allergol Clin Immunol 2020; Vol. 30(4) doi: 10.18176/jiaci.0480",
        HEADER,
        "treatment with Cs)\t1g/kg\t2d\tFields KS 2005 [42]\tCase report\tEffective\t3\tD",
    )
    (row,) = table.rows
    assert row.lines == (2, 6)
    assert row.cells["drug"].text == "IVIG (previous treatment with Cs)"
    assert [r.rule for r in row.repairs] == ["join-over-page-break"]


@pytest.mark.parametrize(
    ("cells", "title"),
    [
        ("LIVER TRANSPLANTATI\tION\tĪ\tĪ\t1\t1\tI\tĪ", "Liver transplantation"),
        ("INTRAVENOUS IMMUN\tIOGLOBULIN (IVIG)\t\t\t\t\t\t", "Intravenous immunoglobulin (IVIG)"),
        ("OTHER TREATMENT OF\tPTIONS\t\t\t\t4\t1\t", "Other treatment options"),
        ("INTRAVENOUS\tIMMUNOGLOBULIN\t\t\t\t\t\t", "Intravenous immunoglobulin"),
        ("CYCLOSPORINE\t\t\t\tDEGIGIT\t\tLVIDLINOL\tINLOOM", "Cyclosporine"),
        ("TOPICAL STEROIDS\t\t\t\t\t\t\t", "Topical steroids"),
    ],
)
def test_bands(cells: str, title: str) -> None:
    table = repaired(cells, "Rituximab\t1 g\t1 d\tFoo B 2010 [1]\tCase report\tFailed\t3\tD")
    assert table.rows[0].section == title
    assert table.ledger[1].kind is LineKind.SECTION
    for ghost in ("DEGIGIT", "Ī"):
        assert (ghost in table.ledger[1].reason) == (ghost in cells)


def test_a_row_in_capitals_is_no_band() -> None:
    table = repaired(
        "RITUXIMAB\t1 G\t\tFOO B 2010 [1]\tCASE REPORT\tFAILED\t3\tD",
        "IVIG + CS\t\t\tBar C 2011 [2]\t\t\t3\tD",
    )
    assert len(table.rows) == 2


def test_real_short_cells_are_kept() -> None:
    table = repaired(
        "Cyclosporine\t-\t7\tKirchhof M\tPhase I\tVitamin\t3\tD",
        "A\t\tdays\tG, et al.\t\tC\t\t",
        "\t\t\t2016\t\tfailed\t\t",
        "\t\t\t[48]\t\t\t\t",
    )
    (row,) = table.rows
    assert row.noise == ()
    assert {name: cell.text for name, cell in row.cells.items()} == {
        "drug": "Cyclosporine A",
        "dose": "-",
        "interval": "7 days",
        "reference": "Kirchhof M G, et al. 2016 [48]",
        "study_design": "Phase I",
        "comments": "Vitamin C failed",
        "level": "3",
        "grade": "D",
    }


def test_routes_printed_with_dots_are_no_initials() -> None:
    table = repaired(
        "IVIG\t200 mg/kg\t5 d\tJoly P 2012 [44]\tProspective\tNo benefit\t3\tD",
        "\tI. V.\t\t\t\tseen\t\t",
    )
    assert table.rows[0].cells["dose"].text == "200 mg/kg I. V."


def test_a_lone_letter_that_a_column_uses_as_a_code_is_kept() -> None:
    rows = [f"Drug{i}\t\tA\tFoo B 2010 [{i}]\tCase report\tFailed\t3\tD" for i in range(1, 5)]
    assert [row.cells["interval"].text for row in repaired(*rows).rows] == ["A"] * 4
    once = repaired(rows[0], rows[1].replace("\tA\t", "\t\t"))
    assert once.rows[0].cells["interval"].text == ""
    assert [(cell.line, cell.position, cell.text) for cell in once.rows[0].noise] == [(2, 3, "A")]


def test_a_level_outside_the_scale_is_not_eaten() -> None:
    (row,) = repaired("IVIG\t\t\tFoo B 2010 [1]\t\tFailed\t2a\tStrong").rows
    assert (row.cells["level"].text, row.cells["grade"].text) == ("2a", "Strong")


def test_markup_references_and_odd_spaces() -> None:
    (row,) = repaired(
        "IVIG\t1\u00a0 g&lt;2\t\tFoo B 2010 [1]\t\tAdd<br/><i>N</i>\u200b -acetylcysteine \t3\tD"
    ).rows
    assert row.cells["dose"].joined == "1 g&lt;2"
    assert row.cells["dose"].text == "1 g<2"
    assert row.cells["comments"].text == "Add N-acetylcysteine"
    assert {r.rule for r in row.repairs} == {"normalise-space", "strip-markup", "decode-entity", "mend-word"}


def test_a_ledger_that_does_not_add_up_is_refused(dress: Table) -> None:
    entry = dress.ledger[2]
    bad = (
        replace(dress, ledger=dress.ledger[:-1]),
        replace(dress, ledger=(dress.ledger[1], *dress.ledger[1:])),
        replace(dress, ledger=(*dress.ledger[:2], replace(entry, row=2), *dress.ledger[3:])),
        replace(dress, rows=(*dress.rows, dress.rows[-1])),
        replace(dress, rows=(replace(dress.rows[0], lines=()), *dress.rows[1:])),
    )
    for table in bad:
        with pytest.raises(LedgerError):
            check_ledger(table)


# ------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("with mycophenolat e, 1500 mg", "with mycophenolate, 1500 mg"),
        ("Methyl- prednisolone 60mg/d", "Methylprednisolone 60mg/d"),
        ("N -acetylcysteine", "N-acetylcysteine"),
        ("cortico- steroids", "corticosteroids"),
        ("eosin ophilia and hepat itis", "eosin ophilia and hepatitis"),
        ("IVIG 1g /kg/d", "IVIG 1g /kg/d"),
        ("4-5 mg /kg per day. - Clinical worsening", "4-5 mg /kg per day. - Clinical worsening"),
        ("*2 cases -Case 1: Overlap DRESS/ SJS - Case 2", "*2 cases -Case 1: Overlap DRESS/ SJS - Case 2"),
        ("pre- and post-treatment", "pre- and post-treatment"),
        ("a response- no relapse", "a response- no relapse"),
        ("1- cyclosporine 2- prednisone", "1- cyclosporine 2- prednisone"),
        ("a typical course in fusion over all", "a typical course in fusion over all"),
        ("Kirchhof MG, et al. J Am Acad Dermatol", "Kirchhof MG, et al. J Am Acad Dermatol"),
        ("GonzÍ!lez-Ramos J", "GonzÍ!lez-Ramos J"),
        ("as an steroid", "as an steroid"),
    ],
)
def test_words_are_mended_only_where_the_whole_is_known(broken: str, whole: str) -> None:
    dictionary = Dictionary.of(KNOWN, ["atypical infusion overall prednisone cyclosporine"])
    assert mended(broken, dictionary) == whole


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("corticosteroid- sparing agent", "corticosteroid-sparing agent"),
        ("ad- verse events", "adverse events"),
        ("long- term follow- up", "long-term follow-up"),
        ("a 14- year-old girl", "a 14-year-old girl"),
        ("short- or long-term", "short- or long-term"),
        ("Muñoz- Bellido", "Muñoz-Bellido"),
        ("1- 7 weeks", "1- 7 weeks"),
    ],
)
def test_a_hyphen_at_the_end_of_a_line_is_a_break(broken: str, whole: str) -> None:
    seams = frozenset(i for i, char in enumerate(broken) if char == " " and broken[i - 1] == "-")
    assert mended(broken, Dictionary.of(KNOWN | {"corticosteroid"}, []), seams) == whole


def mended(text: str, dictionary: Dictionary, seams: frozenset[int] = frozenset()) -> str:
    for mend in reversed(dictionary.breaks(text, seams)):
        text = text[: mend.start] + text[mend.end :]
    return text


# ------------------------------------------------------------------ properties

_cell = st.text(
    st.sampled_from("abcdeg AB I.\u00a0\u200b-+()'·1234[]/:<i>&amp;\u2028é"), max_size=12
) | st.sampled_from(
    ["IVIG", "3", "D", "Foo B 2010 [1]", "NOTE", "life-", "threatening", "mycophenolat", "e", ""]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(_cell, min_size=1, max_size=8), max_size=12))
def test_whatever_the_lines_nothing_is_lost(rows: list[list[str]]) -> None:
    lines = [Line(1, HEADER, tuple(HEADER.split("\t")))]
    lines += [Line(number, "\t".join(cells), tuple(cells)) for number, cells in enumerate(rows, start=2)]
    table = repair(lines, PROFILE, "any.tsv", KNOWN)
    assert sum(ledger_counts(table).values()) == len(lines)
    for row in table.rows:
        assert_traced(row)
        noise = {(cell.line, cell.position) for cell in row.noise}
        for number in row.lines:
            for position, text in enumerate(lines[number - 1].cells, start=1):
                held = any(
                    (part.line, part.position) == (number, position)
                    for cell in row.cells.values()
                    for part in cell.raw
                )
                assert held or (number, position) in noise or not text.strip()


def test_token_kinds() -> None:
    words = ("mg/kg", "1g", "b.i.d.", "OKT3", "IL-5", "(p.o.)", "m2", "q8h", "et", "N-AC")
    assert {token_kind(word) for word in words} == {Token.WORD}
    numbers = ("[53]", "(n=2)", "2016", "1-7", "0.05%", "12.5.2019", "B11205", "≥18")
    assert {token_kind(number) for number in numbers} == {Token.NUMBER}


def test_a_table_without_codes_and_marks(tmp_path: Path) -> None:
    """Another table by another profile: rows start where the leading cell has a fresh beginning."""
    (tmp_path / "other.toml").write_text(
        """
[source]
id = "other"
title = "Another table"
file = "other.tsv"
condition = "SJS"
key = ["drug"]
[[column]]
field = "drug"
header = "Treatment"
kind = "name"
required = true
[[column]]
field = "comments"
header = "Result"
kind = "text"
required = true
[[column]]
field = "patients"
header = "No. of patients"
[sections]
case = "any"
""",
        encoding="utf-8",
    )
    text = (
        "Treatment\tResult\tNo. of patients\n"
        "Systemic treatment\t\t\n"
        "Cyclosporine\tSlower\t12\n"
        "+ steroids\tdetachment\t\n"
        "\tof skin.\t\n"
        "Infliximab\tOne death.\t3\n"
        "\n"
        "Topical treatment\t\t\n"
        "Etanercept (single\tHealing in 8.5 days\tA\n"
        "dose)\t\t\n"
    )
    (tmp_path / "other.tsv").write_text(text, encoding="utf-8")
    profile = load_profile(tmp_path / "other.toml")
    table = repair(read_lines(tmp_path / "other.tsv", profile), profile, "other.tsv")
    assert [(row.section, *(cell.text for cell in row.cells.values())) for row in table.rows] == [
        ("Systemic treatment", "Cyclosporine + steroids", "Slower detachment of skin.", "12"),
        ("Systemic treatment", "Infliximab", "One death.", "3"),
        ("Topical treatment", "Etanercept (single dose)", "Healing in 8.5 days", "A"),
    ]


@pytest.mark.parametrize(
    "text",
    ["KRAS wt and EGFR VIII", "a t(5;9)(q22;q34) and A c.3028", "to p.I68S", "c.2320A>TGGCT GG;"],
)
def test_what_stands_side_by_side_in_real_tables_is_left(text: str) -> None:
    dictionary = Dictionary.of([], ["KRASwt EGFRVIII at ac top TGGCTGG"])
    assert mended(text, dictionary) == text
