"""CIViC's 3,706 rows by profile alone: nothing in the code knows this table."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from dress_kg import terms
from dress_kg.interpret.publication import resolve_publications
from dress_kg.interpret.rating import Scale, read_assessment
from dress_kg.pipeline import Clock, build, make_graph, read_source
from dress_kg.profile import load_profile
from dress_kg.records import AgentKind, Direction, Evidence, LineKind, Operator, Role
from dress_kg.repair import ledger_counts
from dress_kg.results import Source
from dress_kg.validate import validate_rdf
from tests.conftest import ROOT

LEVELS = {"A": 73, "B": 1293, "C": 1301, "D": 965, "E": 74}


@pytest.fixture(scope="module")
def table(shared: Path) -> Path:
    return shared / "tables/civic-clinical-evidence.tsv"


@pytest.fixture(scope="module")
def civic(table: Path) -> Source:
    return read_source(load_profile("civic"), table, 1, Clock())


@pytest.fixture(scope="module")
def printed(table: Path) -> list[dict[str, str]]:
    """The rows of the file, read apart from our readers."""
    head, *lines = table.read_text("utf-8").rstrip("\n").split("\n")
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


def test_every_row_is_an_item_under_its_evidence_id(civic: Source, printed: list[dict[str, str]]) -> None:
    assert [item.key for item in civic.evidence] == [row["evidence_id"] for row in printed]
    assert len(civic.evidence) == 3706
    counts = ledger_counts(civic.table)
    assert (counts[LineKind.ROW], counts[LineKind.HEADER], sum(counts.values())) == (3706, 1, 3707)


def test_no_cell_is_dropped_or_changed_but_for_spaces_and_entities(
    civic: Source, printed: list[dict[str, str]]
) -> None:
    assert len(civic.table.columns) == 41
    by_header = {header: field for field, header in civic.table.columns}
    changed = 0
    for item, row in zip(civic.evidence, printed, strict=True):
        repaired = {repair.field for repair in item.row.repairs}
        for header, text in row.items():
            cell = item.row.cells[by_header[header]]
            if cell.text != text:
                assert cell.field in repaired
                assert cell.raw[0].text == text
                changed += 1
    assert changed <= 620
    rules = {repair.rule for item in civic.evidence for repair in item.row.repairs}
    assert rules == {"normalise-space", "decode-entity"}


def test_levels_are_those_of_the_scale_of_civic(civic: Source) -> None:
    rated = [item.assessment for item in civic.evidence]
    assert all(each is not None and each.scale == "civic" and not each.unread for each in rated)
    assert Counter(each.levels[0] for each in rated if each) == LEVELS
    assert not any(each.grades for each in rated if each)


def test_a_level_of_one_scale_is_never_read_on_another() -> None:
    civic, sign = Scale.load("civic"), Scale.load("sign")
    assert civic.grades == frozenset()
    assert not civic.levels & sign.levels
    for level, grade, scale in (("3", "", civic), ("1++", "", civic), ("C", "", sign), ("", "D", civic)):
        read = read_assessment(level, grade, scale)
        assert read is not None
        assert (read.levels, read.grades) == ((), ())
        assert read.unread
    iris = {terms.rating("civic", "level", code) for code in civic.levels}
    assert not iris & {terms.rating("sign", "level", code) for code in sign.levels}


def test_operators_are_those_declared(civic: Source, printed: list[dict[str, str]]) -> None:
    meaning = {"Combination": "combination", "Substitutes": "alternatives", "Sequential": "sequence"}
    for item, row in zip(civic.evidence, printed, strict=True):
        if not row["drugs"]:
            assert item.strategy is None
            continue
        assert item.strategy is not None
        declared = meaning.get(row["drug_interaction_type"])
        several = len(item.strategy.components) > 1
        assert item.strategy.operator == (declared or ("not stated" if several else "single")), row["drugs"]
        # Every name stands in the cell, and between the names there is nothing but separators.
        rest = list(row["drugs"].strip())
        for component in item.strategy.components:
            for selection in component.selections:
                rest[selection.start : selection.end] = "," * len(selection.exact)
        assert set(rest) <= {",", " "}, row["drugs"]
    found = Counter(item.strategy.operator for item in civic.evidence if item.strategy)
    assert found == {
        Operator.SINGLE: 1759,
        Operator.COMBINATION: 290,
        Operator.ALTERNATIVES: 285,
        Operator.SEQUENCE: 9,
        Operator.NOT_STATED: 1,
    }


def by_id(source: Source, key: str) -> Evidence:
    return next(item for item in source.evidence if item.key == key)


def test_names_with_commas_are_one_agent(civic: Source) -> None:
    names = {
        c.selections[0].exact for item in civic.evidence if item.strategy for c in item.strategy.components
    }
    assert {
        "2,4-pyrimidinediamine",
        "HER2 Inhibitor CP-724,714",
        "FGF/VEGF Receptor Tyrosine Kinase Inhibitor, PD173074",
    } <= names
    assert not {"714", "2", "4-pyrimidinediamine", "HER2 Inhibitor CP-724"} & names


def test_sequences_have_a_later_agent_and_substitutes_only_alternatives(civic: Source) -> None:
    for item in civic.evidence:
        if item.strategy is None:
            continue
        roles = [component.role for component in item.strategy.components]
        if item.strategy.operator is Operator.SEQUENCE:
            assert roles[0] is Role.INDEX
            assert set(roles[1:]) == {Role.SUBSEQUENT}
        if item.strategy.operator is Operator.ALTERNATIVES:
            assert set(roles) == {Role.ALTERNATIVE}


def test_the_direction_comes_from_the_declared_values_alone(
    civic: Source, printed: list[dict[str, str]]
) -> None:
    for item, row in zip(civic.evidence, printed, strict=True):
        code = (row["evidence_type"], row["evidence_direction"], row["clinical_significance"])
        expected = Direction.NOT_STATED
        if row["drugs"] and code == ("Predictive", "Supports", "Sensitivity/Response"):
            expected = Direction.EFFECTIVE
        elif row["drugs"] and code == ("Predictive", "Supports", "Resistance"):
            expected = Direction.NOT_EFFECTIVE
        assert item.direction is expected, code
        assert len(item.findings) == (expected is not Direction.NOT_STATED)
        for finding in item.findings:
            assert finding.voice == "database curator"
            held = [" ".join(row[name].split()) for name in ("gene", "variant")]
            assert [s.exact for s in finding.conditions] == held
            assert finding.selections[0].exact == row["clinical_significance"]
    assert Counter(item.direction for item in civic.evidence) == {
        Direction.EFFECTIVE: 1231,
        Direction.NOT_EFFECTIVE: 749,
        Direction.NOT_STATED: 1726,
    }


def test_free_text_yields_nothing_that_no_column_declares(civic: Source) -> None:
    for item in civic.evidence:
        assert not (item.harms or item.contexts or item.culprits or item.others or item.steps)
        assert item.study.patients is None
    designs = Counter(item.study.design for item in civic.evidence)
    assert designs == {"preclinical-study": LEVELS["D"], None: 3706 - LEVELS["D"]}


def test_conditions_are_those_of_the_row(civic: Source, printed: list[dict[str, str]]) -> None:
    for item, row in zip(civic.evidence, printed, strict=True):
        assert item.condition is not None
        assert item.condition.label == row["disease"].strip()
        doid = row["doid"]
        assert item.condition.identifier == (f"http://purl.obolibrary.org/obo/DOID_{doid}" if doid else None)
    # Two diseases never share a node.
    labels = {item.condition.label for item in civic.evidence if item.condition}
    assert len({terms.condition("civic", label) for label in labels}) == len(labels) == 227


def test_citations_merge_on_their_ids_and_on_nothing_else(
    civic: Source, printed: list[dict[str, str]]
) -> None:
    ids = [item.publication_id for item in civic.evidence]
    assert ids == [
        f"{'pmid' if row['source_type'] == 'PubMed' else 'asco'}:{row['citation_id']}" for row in printed
    ]
    resolved = resolve_publications([item.citation for item in civic.evidence], "civic", identifiers=ids)
    assert len({publication.key for publication in resolved.of if publication}) == len(set(ids)) == 1628
    pmid = {publication.pmid for publication in resolved.publications}
    assert len(pmid - {None}) == len({one for one in ids if one and one.startswith("pmid:")})


def test_unknown_drugs_are_kept_as_unmapped_agents(civic: Source) -> None:
    agents = [c.agent for item in civic.evidence if item.strategy for c in item.strategy.components]
    unknown = {agent.label for agent in agents if agent.kind is AgentKind.UNKNOWN}
    assert {"TAE684", "MEK Inhibitor PD0325901", "NOTCH1 Antibody (PF-06293622)"} <= unknown
    assert len({agent.label.casefold() for agent in agents}) > 300


def test_any_number_of_workers_reads_the_same(table: Path, civic: Source, tmp_path: Path) -> None:
    lines = table.read_text("utf-8").split("\n")[:41]
    short = tmp_path / table.name
    short.write_text("\n".join(lines), encoding="utf-8")
    two = read_source(load_profile("civic"), short, 2, Clock())
    assert two.evidence == civic.evidence[:40]


def test_some_hundred_rows_conform_and_reach_the_graph(table: Path, tmp_path: Path) -> None:
    lines = table.read_text("utf-8").split("\n")
    short = tmp_path / table.name
    short.write_text("\n".join([lines[0], *lines[1:3707:20]]) + "\n", encoding="utf-8")
    graph = make_graph(["civic"], source=short)
    assert graph.report.conforms
    assert not graph.report.violations
    assert len(graph.tables["evidence"]) == 186
    named = {row["condition"] for row in graph.tables["evidence"]}
    described = {row["condition"] for row in graph.tables["condition"]}
    assert {iri for iri in named if iri and "/condition/civic/" in iri} == described
    assert any(
        row["title"].startswith("CIViC is a community") for row in graph.tables["publication"] if row["title"]
    )
    fields = {row["field"] for row in graph.tables["cell"]}
    assert len(fields) == 41


@pytest.mark.slow
def test_the_whole_table_is_built_and_conforms(table: Path, tmp_path: Path) -> None:
    result = build(["civic"], source=table, out=tmp_path / "out")
    assert result.graph.report.conforms
    assert not result.graph.report.violations
    tables = result.graph.tables
    assert len(tables["evidence"]) == len(tables["row"]) == 3706
    assert len(tables["cell"]) == 3706 * 41
    levels = Counter((row["level"] or "")[-1].upper() for row in tables["assessment_level"])
    assert levels == LEVELS


def test_levels_of_single_statements_may_differ_within_a_publication(tmp_path: Path) -> None:
    """The same two rows: rated by study on SIGN's levels, by statement on CIViC's."""
    text = (ROOT / "tests/shapes/bad-level-differs-for-same-publication.ttl").read_text("utf-8")
    civic = (
        text.replace("dk:scale v:sign", "dk:scale v:civic")
        .replace("sign:level-3 ; dk:grade sign:grade-d", "<https://w3id.org/dress-kg/vocab/civic/level-c>")
        .replace("sign:level-4 ; dk:grade sign:grade-d", "<https://w3id.org/dress-kg/vocab/civic/level-d>")
        .replace('dk:printedLevel "3" ; dk:printedGrade "D"', 'dk:printedLevel "C"')
        .replace('dk:printedLevel "4" ; dk:printedGrade "D"', 'dk:printedLevel "D"')
    )
    assert "sign:" not in civic.replace("@prefix sign:", "")
    (tmp_path / "civic.ttl").write_text(civic, "utf-8")
    (tmp_path / "sign.ttl").write_text(text, "utf-8")
    spoke = {
        name: "level-differs-for-same-publication"
        in {result.rule for result in validate_rdf(tmp_path / f"{name}.ttl").results}
        for name in ("civic", "sign")
    }
    assert spoke == {"civic": False, "sign": True}
