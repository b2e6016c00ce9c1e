"""A build out of the version before publishes byte for byte what a build of everything does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Quad, RdfFormat, Store, parse
from rdflib import RDF, URIRef, Variable
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.algebra import traverse
from rdflib.plugins.sparql.parserutils import CompValue

from dress_kg import affected, fingerprint, pipeline, renewal, rereading, terms
from dress_kg.affected import GROUPS, grouped
from dress_kg.derive import Derivation, conclude, load_derivations
from dress_kg.errors import StoreError
from dress_kg.integrity import damage
from dress_kg.interpret.curation import COLUMNS
from dress_kg.pipeline import build
from dress_kg.profile import load_profile
from dress_kg.report import build_summary
from dress_kg.results import Result
from dress_kg.rownotes import FOLDER
from dress_kg.rowstage import Batch, Made, read_rows
from dress_kg.store import open_build
from dress_kg.validate.rules import load_rules

Lines = list[str]


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def lines() -> Lines:
    return load_profile("dress").source_file.read_text("utf-8").split("\n")


@pytest.fixture
def read_again(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each batch had that pass 2 read in a rebuild."""
    seen: list[int] = []

    def counted(batch: Batch) -> Made:
        seen.append(batch.rows)
        return read_rows(batch)

    monkeypatch.setattr(rereading, "read_rows", counted)
    return seen


def same(one: Result, other: Result) -> None:
    """Every file of two versions but the store's is the same, and the stores hold the same."""
    for part in ("graph.nq", "report.json"):
        assert (one.folder / part).read_bytes() == (other.folder / part).read_bytes(), part
    for inner in ("tables", FOLDER):
        names = sorted(path.name for path in (one.folder / inner).iterdir())
        assert names == sorted(path.name for path in (other.folder / inner).iterdir())
        for name in names:
            assert (one.folder / inner / name).read_bytes() == (other.folder / inner / name).read_bytes(), (
                name
            )
    quads = set(parse(path=str(one.folder / "graph.nq"), format=RdfFormat.N_QUADS))
    assert set(open_build(one.folder).store()) == quads
    assert damage(one.folder) == []
    said = [json.loads((each.folder / "manifest.json").read_text()) for each in (one, other)]
    for name in ("quads", "rows", "sources"):
        assert said[0][name] == said[1][name]
    assert one.graphs == other.graphs
    assert _told(one) == _told(other)


def _told(result: Result) -> list[str]:
    """The summary without times, places and what changed."""
    told = build_summary(result).split("\n")
    return [line for line in told if not line.startswith((" ", "Graph", "Published", "Changes"))]


def _dose(lines: Lines) -> Lines:
    return "\n".join(lines).replace("5 mg/kg/day", "6 mg/kg/day", 1).split("\n")


def _inserted(lines: Lines) -> Lines:
    return [
        *lines[:12],
        "Cyclosporine\t100 mg/d\t7 days\tNew A, et al Lancet 2020 [99]\tCase report\t\t3\tD",
        *lines[12:],
    ]


def _removed(lines: Lines) -> Lines:
    at = next(n for n, line in enumerate(lines) if line.startswith("Cyclosporine\t") and "Husain" in line)
    return [*lines[:at], *lines[at + 1 :]]


def _moved(lines: Lines) -> Lines:
    at = next(n for n, line in enumerate(lines) if line.startswith("Cyclosporine\t") and "Husain" in line)
    rest = [*lines[:at], *lines[at + 1 :]]
    return [*rest[: at + 1], lines[at], *rest[at + 1 :]]


def _twice(lines: Lines) -> Lines:
    """A row whose key another one has: the ordinals of equal keys are told anew."""
    at = next(n for n, line in enumerate(lines) if line.startswith("Cyclosporine\t") and "Husain" in line)
    return [*lines[: at + 1], lines[at], *lines[at + 1 :]]


def _cited(lines: Lines) -> Lines:
    """A year that disagrees with the other rows of the publication."""
    at = next(n for n, line in enumerate(lines) if line.startswith("Cyclosporine\t") and "Husain" in line)
    return [*lines[:at], lines[at].replace("2013", "2011"), *lines[at + 1 :]]


def _patients(lines: Lines) -> Lines:
    """Another number of patients, in the cell of a study."""
    text = "\n".join(lines)
    assert "*1 case" in text
    return text.replace("*1 case", "*7 cases", 1).split("\n")


@pytest.mark.parametrize(
    "change",
    [
        _dose,
        _inserted,
        *(pytest.param(each, marks=pytest.mark.slow) for each in (_removed, _moved, _twice, _cited)),
    ],
)
def test_rows_that_differ(
    change: Callable[[Lines], Lines],
    lines: Lines,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(renewal, "WORTH", 2.0)
    source = tmp_path / "table.tsv"
    source.write_text("\n".join(lines), "utf-8")
    first = build(["dress"], source=source, out=tmp_path / "out")
    source.write_text("\n".join(change(lines)), "utf-8")
    renewed = build(["dress"], source=source, out=tmp_path / "out")
    assert renewed.difference is not None
    same(renewed, build(["dress"], source=source, out=tmp_path / "fresh", fresh=True))
    # And back again, out of a version that was itself made out of one.
    source.write_text("\n".join(lines), "utf-8")
    back = build(["dress"], source=source, out=tmp_path / "out")
    assert back.difference is not None
    same(back, first)


def test_one_row_is_read_where_one_differs(lines: Lines, tmp_path: Path, read_again: list[int]) -> None:
    source = tmp_path / "table.tsv"
    source.write_text("\n".join(lines), "utf-8")
    build(["dress"], source=source, out=tmp_path / "out")
    source.write_text("\n".join(_dose(lines)), "utf-8")
    renewed = build(["dress"], source=source, out=tmp_path / "out")
    assert read_again == [1, 0]  # the row; the lines that are in none
    assert renewed.difference is not None
    (changed,) = renewed.difference.changes
    assert changed.item == terms.evidence("dress", "cyclosporine-zhang-2017")
    assert changed.printed == ("dose",)
    assert "changed  dress/cyclosporine-zhang-2017  printed: dose" in build_summary(renewed)


def test_what_has_not_changed_stands(lines: Lines, tmp_path: Path) -> None:
    built = build(["dress"], out=tmp_path / "out")
    again = build(["dress"], out=tmp_path / "out")
    assert again.folder == built.folder
    assert again.seconds == {}
    assert _told(again) == _told(built)


def test_decisions_of_curators(lines: Lines, tmp_path: Path, read_again: list[int]) -> None:
    first = build(["dress"], out=tmp_path / "out")
    cells = (
        "cyclosporine-husain-2013",
        "direction",
        "effective",
        "said so",
        "me",
        "2026-11-22",
        "drug",
        "Cyclosporine",
    )
    decided = tmp_path / "dress.tsv"
    decided.write_text("\t".join(COLUMNS) + "\n" + "\t".join(cells) + "\n", "utf-8")
    renewed = build(["dress"], curation=decided, out=tmp_path / "out")
    assert read_again == [1, 0]
    assert renewed.sources[0].tally.curated == first.sources[0].tally.curated + 1
    same(renewed, build(["dress"], curation=decided, out=tmp_path / "fresh", fresh=True))


@pytest.mark.parametrize("other", ["version", "profile", "fresh"])
def test_all_is_made_anew(other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = load_profile("dress").path
    own = tmp_path / "dress.toml"
    text = profile.read_text("utf-8")
    own.write_text(text, "utf-8")
    source = load_profile("dress").source_file
    first = build([str(own)], source=source, out=tmp_path / "out")
    if other == "version":
        monkeypatch.setattr(fingerprint, "__version__", "9.9.9")
    elif other == "profile":
        own.write_text(text + "\n# another word\n", "utf-8")
    again = build([str(own)], source=source, out=tmp_path / "out", fresh=other == "fresh")
    assert again.difference is None
    assert again.folder != first.folder
    assert (again.folder / "graph.nq").read_bytes() == (first.folder / "graph.nq").read_bytes()


def test_a_damaged_version_is_not_taken_over(lines: Lines, tmp_path: Path) -> None:
    source = tmp_path / "table.tsv"
    source.write_text("\n".join(lines), "utf-8")
    first = build(["dress"], source=source, out=tmp_path / "out")
    graph = first.folder / "graph.nq"
    graph.write_bytes(graph.read_bytes().replace(b"Cyclosporine", b"cyclosporine", 1))
    source.write_text("\n".join(_dose(lines)), "utf-8")
    with pytest.raises(StoreError, match="SHA-256"):
        build(["dress"], source=source, out=tmp_path / "out")
    assert open_build(tmp_path / "out").folder == first.folder
    build(["dress"], source=source, out=tmp_path / "out", fresh=True)


def test_every_rule_says_what_it_has_to_see() -> None:
    assert grouped()
    said = {rule.group for rule in load_rules()} | {rule.group for rule in load_derivations()}
    assert said == GROUPS


def test_what_a_rule_rests_on_is_all_that_it_asks_for() -> None:
    for rule in load_derivations():
        asked: set[URIRef] = set()
        for predicate, value in _patterns(rule.text):
            assert not isinstance(predicate, Variable), f"{rule.name}: a variable as predicate"
            parts = set(_named(predicate))
            asked |= {value} if parts == {RDF.type} and isinstance(value, URIRef) else parts
        assert asked
        assert {str(iri) for iri in asked} <= rule.rests_on, rule.name


def _patterns(text: str) -> list[tuple[Any, Any]]:
    """Predicate (or path) and object of all triple patterns."""
    found: list[tuple[Any, Any]] = []

    def look(node: object) -> None:
        if isinstance(node, CompValue):
            for each in node.get("triples") or ():
                terms = list(each)  # inside an EXISTS the parser leaves them in one row
                if len(terms) == 1:
                    terms = list(terms[0])
                found.extend(zip(terms[1::3], terms[2::3], strict=True))

    traverse(prepareQuery(text).algebra["p"], visitPost=look)
    return found


def _named(path: Any) -> Iterator[URIRef]:
    """The predicates of a path; a single one is itself."""
    if isinstance(path, URIRef):
        yield path
    else:
        for part in getattr(path, "args", None) or (getattr(path, "path", None) or path.arg,):
            yield from _named(part)


@pytest.mark.parametrize(("change", "again"), [(_dose, False), (_removed, True), (_patients, True)])
def test_a_rule_over_the_table_runs_where_what_it_asks_for_differs(
    change: Callable[[Lines], Lines],
    again: bool,
    lines: Lines,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = tmp_path / "table.tsv"
    source.write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr(renewal, "WORTH", 2.0)
    build(["dress"], source=source, out=tmp_path / "out")
    run: list[str | None] = []

    def seen(store: Store, rule: Derivation, base: str) -> Iterator[Quad]:
        run.append(rule.group)
        return conclude(store, rule, base)

    monkeypatch.setattr(affected, "conclude", seen)
    source.write_text("\n".join(change(lines)), "utf-8")
    build(["dress"], source=source, out=tmp_path / "out")
    assert run
    assert ("table" in run) is again


@pytest.mark.slow
def test_an_export_over_the_store_on_disk(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_again: list[int]
) -> None:
    monkeypatch.setattr(pipeline, "LARGE", 50)
    rows = (shared / "tables/civic-clinical-evidence.tsv").read_text("utf-8").split("\n")[:121]
    source = tmp_path / "civic.tsv"
    source.write_text("\n".join(rows) + "\n", "utf-8")
    build(["civic"], source=source, out=tmp_path / "out")
    cells = rows[60].split("\t")
    longest = max(range(len(cells)), key=lambda at: len(cells[at]))
    cells[longest] += " Imatinib was not effective."
    rows[60] = "\t".join(cells)
    rows.append(rows[100])  # and one more row, under a key that is there
    source.write_text("\n".join(rows) + "\n", "utf-8")
    renewed = build(["civic"], source=source, out=tmp_path / "out")
    assert sum(read_again) == 2
    same(renewed, build(["civic"], source=source, out=tmp_path / "fresh", fresh=True))
