"""The gate: run all shapes and rules over a store or a file and report each fault where it stands."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from dress_kg import resources, terms
from dress_kg.errors import SourceError
from dress_kg.validate.result import ValidationReport
from dress_kg.validate.rows import PYSHACL_BATCH, Engine, RowValidator, assemble, cross_row_results
from dress_kg.validate.rules import row_rules

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
    batch: int = PYSHACL_BATCH,
    engine: Engine | str = Engine.AUTO,
) -> ValidationReport:
    """Judge every evidence item of a store.

    The rules read the whole vocabularies and scales, also what no item uses. A store that has not got them
    is copied in memory first; :func:`load_vocabulary` beforehand spares that.

    :param shapes: a folder of shapes (or one file) instead of the shipped ones.
    :param fields: the columns that the source has; rules that need another are not applicable. None
        means all.
    :param batch: how many items pySHACL sees at a time.
    :param engine: who judges the row shapes; the report is the same.
    :raises ShapeError: a shape or a rule is at fault.
    """
    store = _with_vocabulary(store)
    rows = RowValidator.load(shapes, fields, engine, row_rules())
    return assemble([rows.judge(store, batch=batch)], cross_row_results(store, fields))


def validate_rdf(
    path: Path, *, shapes: Path | None = None, engine: Engine | str = Engine.AUTO
) -> ValidationReport:
    """Judge an RDF file: Turtle, TriG, N-Quads, N-Triples or JSON-LD, told by its suffix.

    :raises SourceError: the file is missing, in another format, does not parse, or holds no evidence item.
    """
    store = _load(path)
    load_vocabulary(store)
    report = validate_store(store, shapes=shapes, engine=engine)
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
            "this file does not parse",
            file=path,
            line=fault.lineno,
            value=fault.msg,
            remedy=f"mend that line; by its name ending in {path.suffix} it is read as {format_.name}",
        ) from fault
    except OSError as fault:
        raise SourceError(
            "cannot read this file", file=path, value=fault.strerror or str(fault), remedy="check the path"
        ) from fault
    return store
