"""OWL 2 RL by the Rust engine `reasonable`: the same inferences for large graphs, without Java.

The engine closes the facts under the rules but does not say when they clash; the clashes that our ontology
can give are looked for in the closure: two disjoint classes, two values of a functional property, a literal
that its property does not allow. What OWL RL cannot infer is in docs/reasoning.md.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from itertools import combinations
from typing import TYPE_CHECKING

from dress_kg.ontology import Triple, missing
from dress_kg.reason.hermit import Classified

if TYPE_CHECKING:
    from rdflib import Graph

_LEXICAL = {
    "integer": re.compile(r"[+-]?[0-9]+"),
    "decimal": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"),
    "boolean": re.compile(r"true|false|0|1"),
    "string": re.compile(r"(?s).*"),
}


@dataclass(frozen=True, slots=True)
class Clash:
    """Why facts contradict each other. :ivar node: the individual it shows in. :ivar reason: in words."""

    node: str
    reason: str


def name() -> str:
    """The engine and its version, for the provenance of what it infers.

    :raises MissingPartError: it is not installed.
    """
    try:
        return f"OWL 2 RL rules by reasonable {version('reasonable')}"
    except PackageNotFoundError as error:
        raise missing("reasonable") from error


def classify(triples: Iterable[Triple], classes: Iterable[str]) -> Classified:
    """Is a clash to be seen, and which individuals are in these classes?

    :raises MissingPartError: reasonable is not installed.
    """
    from rdflib import RDF

    name()
    given = set(triples)
    closed = closure(given)
    if next(_clashes(given, closed), None):
        return Classified(consistent=False)
    wanted = frozenset(classes)
    types = {(str(s), str(o)) for s, p, o in closed if p == RDF.type and str(o) in wanted}
    return Classified(True, frozenset(types))


def closure(triples: Iterable[Triple]) -> set[Triple]:
    """The facts and all that OWL RL infers from them.

    :raises MissingPartError: reasonable is not installed.
    """
    try:
        import reasonable
    except ImportError as error:
        raise missing("reasonable") from error
    engine = reasonable.PyReasoner()
    given = set(triples)
    engine.from_graph(given)
    return given | set(engine.reason())


def clashes(triples: Iterable[Triple]) -> Iterator[Clash]:
    """The contradictions that show after closure, in no order."""
    given = set(triples)
    yield from _clashes(given, closure(given))


def _clashes(given: set[Triple], closed: set[Triple]) -> Iterator[Clash]:
    from rdflib import RDF, Graph, Literal, URIRef

    ontology = Graph(bind_namespaces="none")
    for triple in given:
        ontology.add(triple)
    functional, ranges = _restricted(given)
    types: dict[str, set[str]] = defaultdict(set)
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for subject, predicate, value in closed:
        if not isinstance(subject, URIRef):
            continue
        if predicate == RDF.type and isinstance(value, URIRef):
            types[str(subject)].add(str(value))
        elif isinstance(value, Literal):
            if str(predicate) in functional:
                values[str(subject), str(predicate)].add(str(value))
            wrong = _wrong(value, ranges.get(str(predicate)))
            if wrong:
                yield Clash(str(subject), f"{_local(str(predicate))} {wrong}")
    yield from _in_disjoint_classes(types, set(_disjoint(ontology)))
    for (node, predicate_name), found in values.items():
        if len(found) > 1:
            told = " and ".join(sorted(found))
            yield Clash(node, f"{_local(predicate_name)} may have one value, and has {told}")


def _in_disjoint_classes(types: dict[str, set[str]], disjoint: set[tuple[str, str]]) -> Iterator[Clash]:
    for node, kinds in types.items():
        for pair in combinations(sorted(kinds), 2):
            if pair in disjoint:
                yield Clash(node, f"is both {_local(pair[0])} and {_local(pair[1])}, which are disjoint")


def _disjoint(ontology: Graph) -> Iterator[tuple[str, str]]:
    from rdflib import OWL, RDF
    from rdflib.collection import Collection

    for one, other in ontology.subject_objects(OWL.disjointWith):
        pair = sorted((str(one), str(other)))
        yield pair[0], pair[1]
    for every in ontology.subjects(RDF.type, OWL.AllDisjointClasses):
        members = ontology.value(every, OWL.members)
        if members is not None:
            yield from combinations(sorted(map(str, Collection(ontology, members))), 2)


def _restricted(ontology: Iterable[Triple]) -> tuple[frozenset[str], dict[str, str]]:
    """Functional datatype properties, and the XSD datatype that a property allows."""
    from rdflib import OWL, RDF, RDFS, XSD

    functional = frozenset(str(s) for s, p, o in ontology if p == RDF.type and o == OWL.FunctionalProperty)
    ranges = {str(s): str(o) for s, p, o in ontology if p == RDFS.range and str(o).startswith(str(XSD))}
    return functional, ranges


@lru_cache(maxsize=4096)
def _fits(text: str, datatype: str, allowed: str) -> bool:
    pattern = _LEXICAL.get(allowed.partition("#")[2])
    if pattern is None:
        return True
    same = datatype == allowed or (allowed.endswith("#decimal") and datatype.endswith("#integer"))
    return same and pattern.fullmatch(text) is not None


def _wrong(value: object, allowed: str | None) -> str | None:
    """What is wrong with a literal where that datatype is declared, or None."""
    from rdflib import XSD, Literal

    if allowed is None or not isinstance(value, Literal):
        return None
    datatype = str(value.datatype or XSD.string)
    if _fits(str(value), datatype, allowed):
        return None
    return f"has {str(value)!r} ({_local(datatype)}), where {_local(allowed)} is declared"


def _local(iri: str) -> str:
    return iri.rpartition("#")[2] if "#" in iri else iri.rpartition("/")[2]
