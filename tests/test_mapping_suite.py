"""The published RML test cases for CSV: all end as they should, in older terms and in today's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse

from dress_kg.errors import MappingError, SourceError
from dress_kg.mapping import csv_tables, execute, in_todays_terms, load_mapping
from dress_kg.mapping.vocabulary import FIRST_RML, QUERY_LANGUAGES, R2RML

REFUSED = {
    "RMLTC0002c": "IDs",  # a column that the table does not have
    "RMLTC0002e": "student2.csv",  # a table that is not there
    "RMLTC0007h": "rml:graph",  # a graph that is no IRI
    "RMLTC0012c": "no subject map",
    "RMLTC0012d": "more than one subject map",
    "RMLTC0015b": "language tag",
}
EMPTY = {"RMLTC0000"}
UNMAKEABLE = {"RMLTC0019b": "Juan Daniel", "RMLTC0020b": "Emily Smith"}
"""Cases with a name that is no IRI even after the base: no triple for that row, and it is said."""
SET_ASIDE = {"RMLTC0004b"}
"""The case with a literal as subject: R2RML forbids it, the case expects the IRI all the same."""

Load = Callable[[Path], str | Path]


def _as_printed(folder: Path) -> Path:
    return folder / "mapping.ttl"


def _translated(folder: Path) -> str:
    text = in_todays_terms(folder / "mapping.ttl")
    assert not any(older in text for older in (R2RML, FIRST_RML, QUERY_LANGUAGES))
    return text


@pytest.fixture(scope="module")
def cases(shared: Path) -> dict[str, Path]:
    """The folders by case number, all 39 of them."""
    found = {each.name.removesuffix("-CSV"): each for each in sorted((shared / "suites/rml-csv").iterdir())}
    assert len(found) == 39
    return found


def _canonical(quads: list[Quad]) -> set[str]:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


@pytest.mark.parametrize("terms", [_as_printed, _translated], ids=["older terms", "today's terms"])
def test_cases_with_quads(cases: dict[str, Path], terms: Load) -> None:
    counted = {True: 0, False: 0}
    for name in sorted(cases.keys() - REFUSED.keys()):
        faults: list[MappingError] = []
        mapping = load_mapping(terms(cases[name]))
        quads = list(execute(mapping, csv_tables(cases[name]), on_fault=faults.append))
        expected = list(parse(path=cases[name] / "output.nq", format=RdfFormat.N_QUADS))
        assert _canonical(quads) == _canonical(expected), name
        assert (not quads) == (name in EMPTY)
        assert [fault.value for fault in faults] == [
            f"http://example.com/base/{UNMAKEABLE[each]}" for each in UNMAKEABLE if each == name
        ]
        assert bool(mapping.warnings) == (name in SET_ASIDE)
        counted[bool(quads)] += 1
    assert counted == {True: 32, False: 1}


@pytest.mark.parametrize("terms", [_as_printed, _translated], ids=["older terms", "today's terms"])
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_cases_refused(cases: dict[str, Path], name: str, terms: Load) -> None:
    with pytest.raises((MappingError, SourceError), match=REFUSED[name]) as caught:
        list(execute(load_mapping(terms(cases[name])), csv_tables(cases[name])))
    assert caught.value.remedy
    assert caught.value.file or terms is _translated


def test_small_batches_give_the_same(cases: dict[str, Path]) -> None:
    for name in ("RMLTC0009b", "RMLTC0012b", "RMLTC0011b"):
        mapping, tables = load_mapping(cases[name] / "mapping.ttl"), csv_tables(cases[name])
        assert set(execute(mapping, tables, batch=1)) == set(execute(mapping, tables))
