"""Every shape and every cross-row rule has a graph that it lets pass and one that it alone objects to."""

from __future__ import annotations

from pathlib import Path

import pytest

from dress_kg.errors import ShapeError
from dress_kg.validate import validate_rdf
from dress_kg.validate.rules import load_rules
from dress_kg.validate.shapes import load_shapes
from tests.conftest import ROOT

PAIRS = ROOT / "tests/shapes"
RULES = {r.name: r for r in load_shapes().rules.values()} | {r.rule.name: r.rule for r in load_rules()}
IMPLIED = {"row-broken-by-page": {"row-wrapped-over-lines"}}
"""A row that is broken by a page cannot but be printed over several lines."""


def found(path: Path) -> set[str]:
    results = validate_rdf(path).results
    assert all(result.item for result in results)
    return {result.rule for result in results}


def test_each_rule_has_its_pair_and_each_pair_its_rule() -> None:
    files = {path.name for path in PAIRS.glob("*.ttl")}
    assert files == {f"{kind}-{name}.ttl" for name in RULES for kind in ("ok", "bad")}
    assert len(RULES) == len(load_shapes().rules) + len(load_rules()) >= 70


@pytest.mark.parametrize("name", sorted(RULES))
def test_ok_passes_and_bad_triggers_that_rule_alone(name: str) -> None:
    implied = IMPLIED.get(name, set())
    assert found(PAIRS / f"ok-{name}.ttl") == implied
    assert found(PAIRS / f"bad-{name}.ttl") == {name} | implied


def test_every_rule_says_what_and_why_in_sentences() -> None:
    for rule in RULES.values():
        for text in (rule.message, rule.reason, rule.suggestion or "Fine."):
            assert text.endswith("."), (rule.name, text)
            assert text[0].isupper() or text.startswith("{?"), (rule.name, text)
        assert rule.name == rule.name.lower()


HEAD = """@prefix dk: <https://w3id.org/dress-kg/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<https://example.org/shape> a sh:NodeShape ;
    dk:rule "a-rule" ; sh:severity sh:Violation ; sh:message "No." ; dk:reason "Because." ;
"""


@pytest.mark.parametrize(
    ("body", "line", "value"),
    [
        ("    sh:targetClass dk:EvidenceItm .\n", 6, "EvidenceItm"),
        (
            "    sh:targetClass dk:EvidenceItem ;\n    sh:property [ sh:path dk:rwo ; sh:minCount 1 ] .\n",
            7,
            "rwo",
        ),
        ("    sh:targetClass <https://example.org/Item> .\n", None, "example.org/Item"),
        ("    sh:targetClass dk:EvidenceItem\n    sh:property [ ] .\n", 7, None),
    ],
)
def test_a_faulty_shape_file_is_named_with_its_line(
    tmp_path: Path, body: str, line: int | None, value: str | None
) -> None:
    file = tmp_path / "own.ttl"
    file.write_text(HEAD + body, "utf-8")
    with pytest.raises(ShapeError) as caught:
        load_shapes(tmp_path)
    assert caught.value.file == str(file)
    assert caught.value.line == line
    assert value is None or value in str(caught.value)


def test_a_shape_without_its_rule_is_refused(tmp_path: Path) -> None:
    text = HEAD.replace('dk:rule "a-rule" ;', "") + "    sh:targetClass dk:EvidenceItem .\n"
    (tmp_path / "own.ttl").write_text(text, "utf-8")
    with pytest.raises(ShapeError, match="dk:rule"):
        load_shapes(tmp_path)


def test_two_shapes_of_one_name_are_refused(tmp_path: Path) -> None:
    text = HEAD + "    sh:targetClass dk:EvidenceItem .\n"
    (tmp_path / "a.ttl").write_text(text, "utf-8")
    (tmp_path / "b.ttl").write_text(text.replace("org/shape", "org/other"), "utf-8")
    with pytest.raises(ShapeError, match="rule name"):
        load_shapes(tmp_path)


def test_a_folder_without_shapes_does_not_conform_in_silence(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="no shape file"):
        load_shapes(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT ?item WHERE { ?item ?p ?o }", "header"),
        ("#+ rule: other\n#+ severity: info\n#+ fields: []\n#+ message: M.\n#+ reason: R.\nSELECT", "named"),
        ("#+ rule: [\n", "YAML"),
    ],
)
def test_a_faulty_rule_header_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "mine.rq").write_text(text, "utf-8")
    with pytest.raises(ShapeError, match=message):
        load_rules(tmp_path)
