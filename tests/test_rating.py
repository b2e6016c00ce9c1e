"""Levels and grades, on the scale that the source names and on no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dress_kg.errors import OntologyError
from dress_kg.interpret.rating import Scale, read_assessment

SIGN = Scale.load("sign")


def test_all_levels_and_grades_of_the_gold_are_read(gold_items: list[dict[str, Any]]) -> None:
    for item in gold_items:
        cells = item["cells"]
        read = read_assessment(cells["level"], cells["grade"], SIGN)
        assert read is not None
        assert (list(read.levels), list(read.grades)) == (item["levels"], item["grades"]), item["id"]
        assert (read.printed_level, read.printed_grade, read.unread) == (cells["level"], cells["grade"], ())
        assert read.scale == "sign"


@pytest.mark.parametrize(
    ("level", "grade", "levels", "grades"),
    [
        ("3/4", "C/D", ("3", "4"), ("C", "D")),
        ("2++", "B", ("2++",), ("B",)),
        ("2−", "D", ("2-",), ("D",)),
        ("2+/3", "c", ("2+", "3"), ("C",)),
        ("Level 3", "Grade D", ("3",), ("D",)),
        ("3 or 4", "C to D", ("3", "4"), ("C", "D")),
        ("3-4", "C–D", ("3", "4"), ("C", "D")),
    ],
)
def test_printed_forms(level: str, grade: str, levels: tuple[str, ...], grades: tuple[str, ...]) -> None:
    read = read_assessment(level, grade, SIGN)
    assert read is not None
    assert (read.levels, read.grades, read.unread) == (levels, grades, ())


@pytest.mark.parametrize("level", ["III", "1-3", "33", "1.5", "5", "B", "1+ +", "Ia"])
def test_what_is_no_level_of_this_scale_is_unread_and_kept(level: str) -> None:
    read = read_assessment(level, "D", SIGN)
    assert read is not None
    assert read.levels == ()
    assert [part.exact for part in read.unread] == [level]
    assert read.printed_level == level
    assert read.grades == ("D",)


def test_the_cells_of_the_two_columns_are_kept_apart() -> None:
    read = read_assessment("D", "3", SIGN)
    assert read is not None
    assert (read.levels, read.grades) == ((), ())
    assert {part.field for part in read.unread} == {"level", "grade"}


def test_empty_cells_are_no_assessment() -> None:
    assert read_assessment(" ", "", SIGN) is None


def test_sign_as_data() -> None:
    assert frozenset({"1++", "1+", "1-", "2++", "2+", "2-", "3", "4"}) == SIGN.levels
    assert frozenset("ABCD") == SIGN.grades
    assert SIGN.supports["3"] == frozenset({"D"})
    assert "D" in SIGN.supports["2+"]


def test_another_scale_reads_its_own_codes_only(tmp_path: Path) -> None:
    path = tmp_path / "letters.ttl"
    path.write_text(
        """@prefix dk: <https://w3id.org/dress-kg/ontology#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix ex: <https://w3id.org/dress-kg/vocab/letters/> .
        ex:level-a a skos:Concept , dk:RatingLevel ; skos:notation "A" .
        ex:level-b a skos:Concept , dk:RatingLevel ; skos:notation "B" .""",
        encoding="utf-8",
    )
    letters = Scale.load("letters", path)
    read = read_assessment("A", "", letters)
    assert read is not None
    assert (read.levels, read.grades, read.scale) == (("A",), (), "letters")
    sign_level = read_assessment("3", "", letters)
    assert sign_level is not None
    assert sign_level.levels == ()


def test_a_scale_that_is_not_there_or_has_no_levels(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match="no such rating scale"):
        Scale.load("grade-of-nowhere")
    empty = tmp_path / "empty.ttl"
    empty.write_text("", encoding="utf-8")
    with pytest.raises(OntologyError, match="no level with a notation"):
        Scale.load("empty", empty)
