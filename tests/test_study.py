"""Design, patients and population, against the gold and on strings it does not hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dress_kg.interpret.agents import ConditionLexicon
from dress_kg.interpret.study import read_study
from dress_kg.pipeline import build
from dress_kg.records import Basis, Study
from tests.conftest import ROOT

CONDITIONS = ConditionLexicon.load()


def study(design: str, comments: str = "") -> Study:
    return read_study(design, comments, CONDITIONS)


def test_design_patients_and_population_of_the_gold(gold_items: list[dict[str, Any]]) -> None:
    for item in gold_items:
        read, wanted = study(item["cells"]["study_design"], item["cells"]["comments"]), item["study"]
        assert (read.design or "").replace("-", " ") == wanted["design"], item["id"]
        assert (read.design_basis is Basis.STATED) == wanted["design_stated"], item["id"]
        assert read.patients in [wanted["patients"], *wanted.get("patients_also_acceptable", [])], item["id"]
        assert [label for label, _ in read.population] == wanted["population"], item["id"]
        assert read.unread == (), item["id"]
        if item["patients_basis"] is not None:
            assert read.patients_basis is not None
            assert item["patients_basis"].startswith(read.patients_basis.value), item["id"]


def test_every_selection_is_the_text_it_points_to(gold_items: list[dict[str, Any]]) -> None:
    for item in gold_items:
        read = study(item["cells"]["study_design"], item["cells"]["comments"])
        chosen = [*read.design_selections, *read.patients_selections, *(s for _, s in read.population)]
        assert all(item["cells"][s.field][s.start : s.end] == s.exact for s in chosen)
        assert read.design is None or read.design_selections
        assert read.patients is None or read.patients_selections


@pytest.mark.parametrize(
    ("design", "comments", "concept", "patients", "basis"),
    [
        ("Retrospective cohort study, n=38", "", "retrospective-cohort-study", 38, Basis.STATED),
        ("RCT", "12 of 24 patients responded", "randomised-controlled-trial", 24, Basis.STATED),
        ("Case series (seven children)", "", "case-series", 7, Basis.STATED),
        ("Prospective open-label trial, 1,204 participants", "", "clinical-trial", 1204, Basis.STATED),
        ("Case report", "The patient, a 62-year-old woman, recovered", "case-report", 1, Basis.INFERRED),
        ("Case report", "Case 1: died Case 2: recovery", "case-report", 2, Basis.INFERRED),
        ("Multicenter retrospective study 2010-2015", "", "retrospective-study", None, None),
        ("Retrospective analysis of 11 consecutive patients", "", "retrospective-study", 11, Basis.STATED),
        ("Prospective observational cohort", "", "prospective-cohort-study", None, None),
        ("Not a randomised trial", "", None, None, None),
        ("Quasi-randomized trial", "", None, None, None),
        ("Meta-analysis of 6 RCTs (n=358)", "", "meta-analysis", 358, Basis.STATED),
        ("Randomised to drug (n=20) or placebo (n=20)", "", "randomised-controlled-trial", None, None),
        ("Case series, n=14 (9 women)", "", "case-series", 14, Basis.STATED),
        ("Interrupted time series", "", None, None, None),
        ("Zzz", "", None, None, None),
        ("", "", None, None, None),
    ],
)
def test_other_tables(
    design: str, comments: str, concept: str | None, patients: int | None, basis: Basis | None
) -> None:
    read = study(design, comments)
    assert (read.design, read.patients, read.patients_basis) == (concept, patients, basis)


@pytest.mark.parametrize(
    ("design", "comments"),
    [
        ("Report of 2 cases and retrospective study of 18 patients", ""),  # two numbers
        ("Observational", "Two patients died; 13 patients recovered"),  # parts of an unknown whole
        ("Prospective", "and 4 patients had to be treated with oral corticosteroids (n=2)"),
        ("Cohort study of 12/15 patients", ""),
        ("Systematic review", "34 patients were found"),  # not patients of its own
        ("Case report", "Should not be used in children"),
    ],
)
def test_a_number_that_is_not_the_studys_is_not_read(design: str, comments: str) -> None:
    assert study(design, comments).patients is None


def test_a_design_inferred_from_the_cases_says_so() -> None:
    one, three = study("*1 case"), study("3 cases")
    assert (one.design, one.design_basis) == ("case-report", Basis.INFERRED)
    assert (three.design, three.design_basis) == ("case-series", Basis.INFERRED)


@pytest.mark.parametrize(
    ("comments", "labels"),
    [
        ("A 14-year-old girl", ["pediatric"]),
        ("8-month-old infant", ["pediatric"]),
        ("A 62-year-old woman", []),
        ("Avoid in children", []),
        ("For CMV infection", ["CMV infection"]),
        ("in the setting of CMV infection", []),
    ],
)
def test_population_from_comments(comments: str, labels: list[str]) -> None:
    assert [label for label, _ in study("Case report", comments).population] == labels


def test_what_nothing_read_is_kept() -> None:
    assert [part.exact for part in study("Multicenter retrospective study").unread] == ["Multicenter"]


def test_words_that_tell_number_and_population_are_selected_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A boy is one patient, and a child: such a row stopped the build."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    read = study("Retrospective study", "Not effective 6-year-old boy Start of treatment")
    assert read.patients_selections == tuple(selection for _, selection in read.population)
    profile = (ROOT / "mappings/dress.toml").read_text("utf-8").replace('id = "dress"', 'id = "mine"', 1)
    (tmp_path / "mine.toml").write_text(profile, "utf-8")
    header = "DRUG\tDOSE\tINTERVAL\tREFERENCE\tSTUDY DESIGN\tCOMMENTS\tLEVEL EVIDENCE\tGRADE RECOM"
    row = "IVIG\t1 g/d\t5 days\tLee A, et al J Dermatol 2010 [1]\tRetrospective study"
    comment = "Not effective 6-year-old boy Start of treatment"
    (tmp_path / "mine.tsv").write_text(f"{header}\n{row}\t{comment}\t3\tD\n", "utf-8")
    built = build([str(tmp_path / "mine.toml")], source=tmp_path / "mine.tsv", out=tmp_path / "out")
    rows = built.graph.tables["selected"]
    chosen = [row["selection"] for row in rows if (row["node"] or "").endswith("/study")]
    assert len(chosen) == len(set(chosen)) == 2
