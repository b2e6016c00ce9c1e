"""The vocabularies and their SSSOM files: well-formed, connected, and with verified identifiers only."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from dress_kg import terms
from dress_kg.interpret.concepts import read_concepts
from dress_kg.resources import folder

VOCAB = folder("ontology") / "vocab"
MAPPINGS = folder("mappings")
FILES = ("agents", "conditions", "study-designs")
SKOS = terms.PREFIXES["skos"]


@pytest.mark.parametrize("name", FILES)
def test_each_concept_is_whole_and_its_id_is_its_label(name: str) -> None:
    concepts = read_concepts(VOCAB / f"{name}.ttl")
    ids = {concept.id for concept in concepts}
    assert len(concepts) > 15
    for concept in concepts:
        assert concept.id == terms.slug(concept.label)
        assert set(concept.broader) <= ids, concept.id
        assert len({each.lower() for each in concept.names}) == len(concept.names), concept.id


def test_no_id_is_used_by_two_vocabularies() -> None:
    ids = [concept.id for name in FILES for concept in read_concepts(VOCAB / f"{name}.ttl")]
    assert len(ids) == len(set(ids))


def test_no_name_stands_for_two_concepts() -> None:
    for name in FILES:
        owner: dict[str, str] = {}
        for concept in read_concepts(VOCAB / f"{name}.ttl"):
            for form in concept.names:
                assert owner.setdefault(form.lower(), concept.id) == concept.id, form


@pytest.mark.parametrize("name", FILES)
def test_every_concept_is_in_its_scheme_and_literals_have_a_language_or_are_ours(name: str) -> None:
    triples = list(parse(path=VOCAB / f"{name}.ttl", format=RdfFormat.TURTLE))
    scheme = NamedNode(terms.VOCABULARY + name)
    concepts = {t.subject for t in triples if t.object == NamedNode(SKOS + "Concept")}
    inside = {t.subject for t in triples if t.predicate.value == SKOS + "inScheme" and t.object == scheme}
    assert concepts == inside
    for triple in triples:
        if isinstance(triple.object, Literal) and triple.predicate.value.startswith(SKOS):
            assert triple.object.language == "en"


def test_each_agent_has_one_kind() -> None:
    kinds = {terms.ONTOLOGY + kind for kind in ("Drug", "DrugClass", "Biologic", "Procedure")}
    for concept in read_concepts(VOCAB / "agents.ttl"):
        assert len(concept.types & kinds) == 1, concept.id


def _rows(name: str) -> list[dict[str, str]]:
    text = (MAPPINGS / f"{name}.sssom.tsv").read_text("utf-8")
    return list(
        csv.DictReader((line for line in text.split("\n") if line and line[0] != "#"), delimiter="\t")
    )


@pytest.mark.filterwarnings("ignore::Warning:sssom", "ignore:.*inplace keyword.*")
@pytest.mark.parametrize(("name", "least"), [("agents", 190), ("conditions", 100)])
def test_sssom_is_valid_and_about_our_concepts(name: str, least: int) -> None:
    sssom_parsers = pytest.importorskip("sssom.parsers", reason="the SSSOM library is a development tool")
    validators = pytest.importorskip("sssom.validators")
    constants = pytest.importorskip("sssom.constants")
    mapping_set = sssom_parsers.parse_sssom_table(str(MAPPINGS / f"{name}.sssom.tsv"))
    assert len(mapping_set.df) >= least
    validators.validate(mapping_set, [constants.SchemaValidationType.JsonSchema], fail_on_error=True)
    labels = {f"dkv:{c.id}": c.label for c in read_concepts(VOCAB / f"{name}.ttl")}
    for row in _rows(name):
        assert labels[row["subject_id"]] == row["subject_label"]
        assert row["mapping_justification"] == "semapv:ManualMappingCuration"
        assert re.fullmatch(r"skos:(exact|close|broad|narrow|related)Match", row["predicate_id"])


@pytest.mark.parametrize("name", ["agents", "conditions"])
def test_every_identifier_was_verified(name: str, shared: Path) -> None:
    verified = (shared / f"vocab/{name}.csv").read_text("utf-8")
    for row in _rows(name):
        prefix, _, local = row["object_id"].partition(":")
        printed = row["object_id"] if prefix in {"MONDO", "DOID", "HP", "MAXO"} else local
        assert re.search(rf"(?<![\w:]){re.escape(printed)}(?!\w)", verified), row["object_id"]


def test_every_verified_identifier_is_kept(shared: Path) -> None:
    columns = {
        "agents": (
            "rxnorm",
            "mesh",
            "mesh_broader",
            "chebi",
            "drugbank",
            "unii",
            "wikidata",
            "atc",
            "maxo",
            "ncit",
        ),
        "conditions": (
            "mesh",
            "mesh_broader",
            "mondo",
            "orphanet",
            "doid",
            "hpo",
            "icd10cm",
            "ncit",
            "wikidata",
        ),
    }
    variants = {"living-donor liver transplantation"}  # a variant of its procedure, not a concept
    for name, wanted in columns.items():
        kept = {row["object_id"].partition(":")[2] for row in _rows(name)}
        with (shared / f"vocab/{name}.csv").open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened):
                codes = {code for column in wanted for code in row[column].split("|") if code}
                if row["name"] not in variants:
                    assert {code.rpartition(":")[2] for code in codes} <= kept, row["name"]


def test_design_matches_are_those_read_in_a_file(shared: Path) -> None:
    read = (shared / "vocab/ontologies.md").read_text("utf-8")
    matches = [
        triple.object.value
        for triple in parse(path=VOCAB / "study-designs.ttl", format=RdfFormat.TURTLE)
        if triple.predicate.value.endswith("Match") and isinstance(triple.object, NamedNode)
    ]
    assert len(matches) >= 15
    for iri in matches:
        assert re.search(rf"\b{re.escape(re.split(r'[/#]', iri)[-1])}\b", read), iri


def test_the_publications_hold_verified_values_only(shared: Path) -> None:
    with (shared / "vocab/publications.csv").open(encoding="utf-8", newline="") as opened:
        verified = {row["ref"]: row for row in csv.DictReader(opened)}
    with (MAPPINGS / "publications.tsv").open(encoding="utf-8", newline="") as opened:
        ours = list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(ours) == len(verified) == 28
    for row in ours:
        for name in ("first_author", "title", "year", "volume", "issue", "pages", "doi", "pmid", "pmcid"):
            assert row[name] == verified[row["ref"]][name], (row["key"], name)
