"""The gate: run all shapes and rules over a store or a file and report each fault where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from dress_kg import resources, terms
from dress_kg.errors import SourceError
from dress_kg.validate.locate import Locator, Place
from dress_kg.validate.result import QualityResult, Rule, ValidationReport
from dress_kg.validate.rules import Hit, load_rules, run_rule

if TYPE_CHECKING:
    from rdflib import URIRef

_FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".nq": ox.RdfFormat.N_QUADS,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".json": ox.RdfFormat.JSON_LD,
}
_TYPE = ox.NamedNode(terms.PREFIXES["rdf"] + "type")
_REFERENCE = ox.NamedNode(terms.ONTOLOGY + "DoseReference")


def validate_store(
    store: ox.Store,
    *,
    shapes: Path | None = None,
    fields: frozenset[str] | None = None,
    batch: int = 500,
) -> ValidationReport:
    """Judge every evidence item of a store.

    The rules read the whole vocabularies and scales, also what no item uses. A store that has not got them
    is copied in memory first; :func:`load_vocabulary` beforehand spares that.

    :param shapes: a folder of shapes (or one file) instead of the shipped ones.
    :param fields: the columns that the source has; rules that need another are not applicable. None
        means all.
    :param batch: how many items pySHACL sees at a time.
    :raises ShapeError: a shape or a rule is at fault.
    """
    from dress_kg.validate.batches import batches, items  # rdflib is heavy
    from dress_kg.validate.judge import focus_classes, judge  # pySHACL is heavy
    from dress_kg.validate.shapes import load_shapes  # rdflib is heavy

    store = _with_vocabulary(store)
    loaded = load_shapes(shapes)
    applied = loaded.only(fields)
    hits: list[Hit] = []
    classes: set[URIRef] = set()
    for chosen in batches(store, batch):
        classes |= focus_classes(chosen.graph)
        for shape, node in judge(chosen.graph, applied):
            rule = loaded.rules[shape]
            hits.append(Hit(rule, chosen.item_of.get(node), node, None, None, rule.message))
    rules = load_rules()
    run = [r for r in rules if fields is None or fields.issuperset(r.rule.fields)]
    for query_rule in run:
        hits.extend(run_rule(store, query_rule))
    off = [r.name for s, r in loaded.rules.items() if s not in applied.rules]
    off += [r.rule.name for r in rules if r not in run]
    matched = {s for s, target in loaded.targets.items() if target in classes}
    return ValidationReport(
        results=_results(store, hits),
        not_applicable=tuple(sorted(off)),
        unmatched=tuple(sorted(r.name for s, r in applied.rules.items() if s not in matched)),
        shapes_checked=tuple(sorted(r.name for s, r in applied.rules.items() if s in matched)),
        rules_run=tuple(sorted(r.rule.name for r in run)),
        items=len(items(store)),
    )


def validate_rdf(path: Path, *, shapes: Path | None = None) -> ValidationReport:
    """Judge an RDF file: Turtle, TriG, N-Quads, N-Triples or JSON-LD, told by its suffix.

    :raises SourceError: the file is missing, in another format, does not parse, or holds no evidence item.
    """
    store = _load(path)
    load_vocabulary(store)
    report = validate_store(store, shapes=shapes)
    if report.items == 0:
        raise SourceError(
            "there is no dk:EvidenceItem in this file, so there is nothing to judge",
            file=path,
            remedy="validate a graph that dress-kg has built, such as graph.nq",
        )
    return report


def load_vocabulary(store: ox.Store, base: str = terms.DATA) -> None:
    """Add the shipped vocabularies and rating scales to the store's reference graph."""
    graph = ox.NamedNode(terms.reference_graph(base))
    ontology = resources.folder("ontology")
    for file in sorted([*ontology.glob("vocab/*.ttl"), *ontology.glob("scales/*.ttl")]):
        store.load(path=str(file), format=ox.RdfFormat.TURTLE, to_graph=graph)


def _with_vocabulary(store: ox.Store) -> ox.Store:
    """The store itself where it has the dose references (which no item points to), else a copy that has."""
    if next(store.quads_for_pattern(None, _TYPE, _REFERENCE, None), None) is not None:
        return store
    copy = ox.Store()
    copy.bulk_extend(store)
    load_vocabulary(copy)
    return copy


def _load(path: Path) -> ox.Store:
    format_ = _FORMATS.get(path.suffix.lower())
    if format_ is None:
        raise SourceError(
            "this suffix is of no format that dress-kg reads",
            file=path,
            value=path.suffix,
            remedy="use .ttl, .trig, .nq, .nt or .jsonld; RDF/XML is refused, for its entities can explode",
        )
    store = ox.Store()
    try:
        store.load(path=str(path), format=format_)
    except SyntaxError as fault:
        raise SourceError(
            "this file does not parse", file=path, line=fault.lineno, value=fault.msg
        ) from fault
    except OSError as fault:
        raise SourceError(
            "cannot read this file", file=path, value=fault.strerror or str(fault), remedy="check the path"
        ) from fault
    return store


def _results(store: ox.Store, hits: Iterable[Hit]) -> tuple[QualityResult, ...]:
    locator = Locator(store)
    placed = []
    for hit in hits:
        field = hit.field or next(iter(hit.rule.fields), None)
        place = locator.place(hit.item, hit.node, field)
        placed.append((place.position, _result(hit.rule, hit, place)))
    placed.sort(
        key=lambda pair: (pair[0], pair[1].item or "", pair[1].rule, pair[1].node or "", pair[1].message)
    )
    return tuple(dict.fromkeys(result for _, result in placed))


def _result(rule: Rule, hit: Hit, place: Place) -> QualityResult:
    return QualityResult(
        rule=rule.name,
        severity=rule.severity,
        message=hit.message,
        item=hit.item,
        node=hit.node or hit.item,
        cell=place.cell,
        field=place.field,
        file=place.file,
        line=place.lines[0] if place.lines else None,
        lines=place.lines,
        column=place.column,
        value=hit.value or place.value,
        suggestion=rule.suggestion,
    )
