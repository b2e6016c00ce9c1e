"""JSON-LD 1.1, compacted with `ontology/context.jsonld`, which stands inside the document.

Written graph by graph: memory holds one of them. Values are written so that expansion gives back the same
terms: a value that the context would read otherwise is spelt out with its type.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from dress_kg import terms
from dress_kg.errors import OntologyError
from dress_kg.export.turtle import graphs, quads_of
from dress_kg.resources import folder

_XSD = terms.PREFIXES["xsd"]
_TYPE = terms.PREFIXES["rdf"] + "type"
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_SUFFIX = re.compile(r"(?!//)[^\s:]+")


@dataclass(frozen=True, slots=True)
class Context:
    """A JSON-LD context, as far as compaction needs it.

    :ivar document: the value of `@context`.
    :ivar prefixes: namespace by prefix, longest namespace first.
    :ivar names: by predicate IRI its (term, coercion); coercion is `@id`, a datatype IRI or None.
    """

    document: Mapping[str, Any]
    prefixes: tuple[tuple[str, str], ...]
    names: Mapping[str, tuple[str, str | None]]


@cache
def load_context(path: Path | None = None) -> Context:
    """The shipped context, or the one in a file.

    :raises OntologyError: it is no JSON-LD context of prefixes and terms.
    """
    source = path or folder("ontology") / "context.jsonld"
    try:
        document = json.loads(source.read_text(encoding="utf-8"))["@context"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OntologyError(f"the JSON-LD context cannot be read ({error!r})", file=source) from error
    prefixes = {
        name: value for name, value in document.items() if isinstance(value, str) and not name.startswith("@")
    }
    names = {}
    for name, value in document.items():
        if isinstance(value, dict):
            coercion = value.get("@type")
            names[_full(value["@id"], prefixes)] = (
                name,
                coercion if coercion in (None, "@id") else _full(coercion, prefixes),
            )
    longest = sorted(prefixes.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return Context(document, tuple((base, prefix) for prefix, base in longest), names)


def _full(name: str, prefixes: Mapping[str, str]) -> str:
    prefix, _, local = name.partition(":")
    return prefixes[prefix] + local if prefix in prefixes else name


def write_jsonld(store: Store, out: IO[bytes], context: Context | None = None) -> None:
    """Write all graphs: nodes of the default graph, then each named graph as a node with its `@graph`."""
    using = context or load_context()
    out.write(b'{\n"@context": ' + _dump(using.document) + b',\n"@graph": [')
    first = True
    for graph in graphs(store):
        said = list(nodes(quads_of(store, graph), using))
        entries = said if isinstance(graph, DefaultGraph) else [{"@id": _id(graph, using), "@graph": said}]
        for entry in entries:
            out.write(b"\n" if first else b",\n")
            out.write(_dump(entry))
            first = False
    out.write(b"\n]\n}\n")


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")


def nodes(quads: list[Quad], context: Context) -> Iterator[dict[str, Any]]:
    """One object a subject; the quads are sorted by subject."""
    node: dict[str, Any] = {}
    for quad in quads:
        name = _id(quad.subject, context)
        if node.get("@id") != name:
            if node:
                yield node
            node = {"@id": name}
        key, value = _statement(quad, context)
        if key not in node:
            node[key] = value
        elif isinstance(node[key], list):
            node[key].append(value)
        else:
            node[key] = [node[key], value]
    if node:
        yield node


def _statement(quad: Quad, context: Context) -> tuple[str, Any]:
    predicate, value = quad.predicate.value, quad.object
    if predicate == _TYPE and not isinstance(value, Literal):
        return "@type", _id(value, context)
    key, coercion = context.names.get(predicate, (_compact(predicate, context), None))
    if isinstance(value, Literal):
        return key, _literal(value, coercion, context)
    identifier = _id(value, context)
    return key, identifier if coercion == "@id" else {"@id": identifier}


def _literal(value: Literal, coercion: str | None, context: Context) -> Any:
    if value.language is not None:
        return {"@value": value.value, "@language": value.language}
    datatype = value.datatype.value
    if datatype == _XSD + "boolean" and value.value in ("true", "false") and coercion in (None, datatype):
        return value.value == "true"
    if datatype == _XSD + "integer" and _INTEGER.fullmatch(value.value) and coercion in (None, datatype):
        return int(value.value)
    if datatype == _XSD + "string":
        return value.value if coercion is None else {"@value": value.value}
    if datatype == coercion:
        return value.value
    return {"@value": value.value, "@type": _compact(datatype, context)}


def _id(node: object, context: Context) -> str:
    if isinstance(node, NamedNode):
        return _compact(node.value, context)
    if isinstance(node, BlankNode):
        return f"_:{node.value}"
    raise TypeError(f"JSON-LD has no place for {node!r}")


def _compact(iri: str, context: Context) -> str:
    """The IRI with a prefix of the context where that reads back as the same IRI."""
    for base, prefix in context.prefixes:
        if iri.startswith(base) and _SUFFIX.fullmatch(iri, len(base)):
            return f"{prefix}:{iri[len(base) :]}"
    scheme, _, rest = iri.partition(":")
    if not rest.startswith("//") and any(scheme == prefix for _, prefix in context.prefixes):
        raise OntologyError(
            "an IRI whose scheme is a prefix of the JSON-LD context cannot be written", value=iri,
            remedy="rename that prefix in ontology/context.jsonld",
        )  # fmt: skip
    return iri
