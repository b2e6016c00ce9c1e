"""Retired terms: a list as data, that nothing of ours uses, and that no term can leave the ontology without.

`DRESS_KG_WRITE_EXPECTED=1 pytest tests/test_retired.py` adds new terms to `expected/terms.txt`; none is ever
taken out of it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from packaging.version import Version
from pyoxigraph import NamedNode, RdfFormat, parse

from dress_kg import __version__, terms
from dress_kg.doubts import doubts, known, retired
from dress_kg.errors import OntologyError
from dress_kg.pipeline import make_graph
from tests.conftest import ROOT

EVER = ROOT / "tests/expected/terms.txt"
FILES = ("ontology/dress-kg.ttl", "ontology/vocab/*.ttl", "ontology/scales/*.ttl")
USERS = sorted(
    path
    for folder in ("queries", "ontology", "mappings")
    for path in (ROOT / folder).rglob("*.*")
    if path.is_file() and path.suffix != ".gz" and path.name != "retired.ttl"
)  # fmt: skip


def declared() -> set[str]:
    """Classes, properties, and concepts and schemes of our vocabularies."""
    found = set(known())
    for file in (path for pattern in FILES for path in ROOT.glob(pattern)):
        for quad in parse(path=str(file), format=RdfFormat.TURTLE):
            subject = quad.subject
            if isinstance(subject, NamedNode) and subject.value.startswith(terms.VOCABULARY):
                found.add(subject.value)
    return found


def test_no_term_leaves_without_a_word() -> None:
    ever = set(EVER.read_text("utf-8").split())
    now = declared()
    if os.environ.get("DRESS_KG_WRITE_EXPECTED") == "1":
        ever |= now
        EVER.write_text("".join(f"{iri}\n" for iri in sorted(ever)), "utf-8")
    assert len(ever) > 400
    assert ever - now == set(retired()), "gone, and not in ontology/retired.ttl (or the other way round)"
    assert now <= ever, "new terms: DRESS_KG_WRITE_EXPECTED=1 pytest tests/test_retired.py"


def test_each_retired_term_says_when_why_and_what_instead() -> None:
    now = declared()
    for term in retired().values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", term.version)
        assert Version(term.version) <= Version(__version__)
        assert len(term.reason) > 30
        assert term.replacement is None or term.replacement in now


def uses(text: str, iri: str) -> bool:
    """Whether a file's text names the term: in full, or by the last part after a prefix of that namespace."""
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    space, local = iri[:cut], iri[cut:]
    prefixes = re.findall(rf"(?i)prefix\s+([\w-]*):\s*<{re.escape(space)}>", text)
    names = [re.escape(iri), *(rf"(?<![\w-]){prefix}:{re.escape(local)}" for prefix in prefixes)]
    return any(re.search(rf"{name}(?![\w-])", text) for name in names)


@pytest.mark.parametrize("file", USERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_query_shape_rule_or_mapping_uses_one(file: Path) -> None:
    text = file.read_text("utf-8")
    assert not [iri for iri in retired() if uses(text, iri)]


def test_use_is_seen_in_full_and_by_prefix() -> None:
    iri = "https://w3id.org/dress-kg/vocab/route/inhaled"
    assert uses(f"?s dk:route <{iri}>", iri)
    assert uses("@prefix way: <https://w3id.org/dress-kg/vocab/route/> . [] dk:route way:inhaled .", iri)
    assert not uses(
        "@prefix way: <https://w3id.org/dress-kg/vocab/route/> . [] dk:route way:inhaled-2 .", iri
    )


def test_no_data_use_one() -> None:
    data = make_graph(["dress"]).quads
    nodes = {
        term.value for quad in data for term in (quad.predicate, quad.object) if isinstance(term, NamedNode)
    }
    assert terms.ONTOLOGY + "EvidenceItem" in nodes
    assert not nodes & set(retired())


def test_an_entry_without_its_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "retired.ttl"
    path.write_text("@prefix owl: <http://www.w3.org/2002/07/owl#> . <urn:a> owl:deprecated true .", "utf-8")
    with pytest.raises(OntologyError, match="changeNote") as caught:
        retired(path)
    assert caught.value.value == "urn:a"


DK = "PREFIX dk: <https://w3id.org/dress-kg/ontology#>\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SELECT * { ?s dk:componet/dk:agent ?o }",
         ["line 2: the ontology has no dk:componet; did you mean dk:component?"]),
        ("SELECT * { ?s a dk:Evidence-Item }",
         ["line 2: the ontology has no dk:Evidence-Item; did you mean dk:EvidenceItem?"]),
        ("SELECT * {\n ?s dk:agent 'dk:nothing' } # dk:nothing", []),
        ("SELECT * { ?s dk:agent ?o. }", []),
        ("SELECT * { ?s other:componet ?o }", []),
        ("SELECT * { ?s dk:wzxq ?o ; dk:wzxq ?p }", ["line 2: the ontology has no dk:wzxq"]),
        ("SELECT * { ?s <https://w3id.org/dress-kg/ontology#Harn> ?o }",
         ["line 2: the ontology has no <https://w3id.org/dress-kg/ontology#Harn>; did you mean dk:Harm?"]),
    ],
)  # fmt: skip
def test_doubts_of_a_query(text: str, told: list[str]) -> None:
    assert list(doubts(DK + text)) == told


def test_a_retired_term_in_a_query_is_told_with_what_to_use() -> None:
    [told] = doubts("SELECT * { ?s ?p <https://w3id.org/dress-kg/vocab/route/inhaled> }")
    assert "retired in version 0.1.0; use <https://w3id.org/dress-kg/vocab/route/inhalation>" in told


def test_no_stored_query_is_doubted() -> None:
    queries = sorted((ROOT / "queries").rglob("*.rq"))
    assert len(queries) > 40
    assert not [doubt for path in queries for doubt in doubts(path.read_text("utf-8"))]
