"""JSON-LD 1.1, compacted with `ontology/context.jsonld`, which stands inside the document.

Written graph by graph: memory holds one of them. Values are written so that expansion gives back the same
terms: a value that the context would read otherwise is spelt out with its type.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from pyoxigraph import DefaultGraph, Quad, Store

from dress_kg import terms
from dress_kg.errors import OntologyError
from dress_kg.export.statements import TYPE, Statement, graphs, statements_of
from dress_kg.resources import folder

_XSD = terms.PREFIXES["xsd"]
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_KNOWN = 20_000
"""Terms remembered by one writer."""
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
    written = _Writer(using)
    out.write(b'{\n"@context": ' + _dump(using.document) + b',\n"@graph": [')
    before = ""
    for graph in graphs(store):
        indent = ""
        if not isinstance(graph, DefaultGraph):
            out.write(f'{before}\n{{\n "@id": "{written.name(str(graph))}",\n "@graph": ['.encode())
            before, indent = "", "  "
        for node in written.nodes(statements_of(store, graph), indent):
            out.write(f"{before}\n{node}".encode())
            before = ","
        if indent:
            out.write(b"\n ]\n}")
    out.write(b"\n]\n}\n")


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")


def nodes(quads: Iterable[Quad], context: Context) -> Iterator[dict[str, Any]]:
    """One object a subject; the quads are sorted by subject."""
    given = ((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads)
    for text in _Writer(context).nodes(given, ""):
        yield json.loads(text)


_Value = str | tuple[tuple[str, str], ...]
"""A value in JSON: a text, a number or a truth value as written, or the entries of an object."""


class _Writer:
    """Writes statements as JSON, as `json.dumps(…, indent=1)` does, from the texts of N-Triples.

    A literal without `\\u` is the same text in both; IRIs hold nothing that JSON escapes.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._names: dict[str, str] = {}
        self._keys: dict[str, tuple[str, str | None]] = {}
        self._values: dict[tuple[str, str | None], _Value] = {}

    def nodes(self, given: Iterable[Statement], indent: str) -> Iterator[str]:
        """The text of each subject's object; the statements of a subject stand together."""
        about = None
        entries: list[tuple[str, list[_Value]]] = []
        for subject, predicate, value in given:
            if subject != about:
                if about is not None:
                    yield self._object(about, entries, indent)
                about, entries = subject, []
            key, made = self._statement(predicate, value)
            if entries and entries[-1][0] == key:
                entries[-1][1].append(made)
            else:
                entries.append((key, [made]))
        if about is not None:
            yield self._object(about, entries, indent)

    def _object(self, about: str, entries: Iterable[tuple[str, list[_Value]]], indent: str) -> str:
        one, two = indent + " ", indent + "  "
        parts = [f'{indent}{{\n{one}"@id": "{self.name(about)}"']
        for key, values in entries:
            if len(values) == 1:
                parts.append(f',\n{one}"{key}": {_shown(values[0], one)}')
            else:
                listed = f",\n{two}".join(_shown(value, two) for value in values)
                parts.append(f',\n{one}"{key}": [\n{two}{listed}\n{one}]')
        return "".join(parts) + f"\n{indent}}}"

    def _statement(self, predicate: str, value: str) -> tuple[str, _Value]:
        if predicate == TYPE and value[0] != '"':
            return "@type", f'"{self.name(value)}"'
        known = self._keys.get(predicate)
        if known is None:
            iri = predicate[1:-1]
            known = self._keys[predicate] = self._context.names.get(iri) or (self.name(predicate), None)
        key, coercion = known
        if value[0] == '"':
            if coercion is None and value[-1] == '"' and "\\u" not in value:
                return key, value
            return key, self._remembered(value, coercion)
        name = f'"{self.name(value)}"'
        return key, name if coercion == "@id" else (("@id", name),)

    def _remembered(self, value: str, coercion: str | None) -> _Value:
        """Numbers, dates and truth values come again and again."""
        made = self._values.get((value, coercion))
        if made is None:
            made = self._literal(value, coercion)
            if len(self._values) >= _KNOWN:
                self._values.clear()
            self._values[value, coercion] = made
        return made

    def _literal(self, term: str, coercion: str | None) -> _Value:
        end = term.rindex('"')
        text, rest = _json_text(term[: end + 1]), term[end + 1 :]
        if rest.startswith("@"):
            return ("@value", text), ("@language", f'"{rest[1:]}"')
        datatype = rest[3:-1] or _XSD + "string"
        bare = text[1:-1]
        if datatype == _XSD + "boolean" and bare in ("true", "false") and coercion in (None, datatype):
            return bare
        if datatype == _XSD + "integer" and _INTEGER.fullmatch(bare) and coercion in (None, datatype):
            return bare
        if datatype == _XSD + "string":
            return text if coercion is None else (("@value", text),)
        if datatype == coercion:
            return text
        return ("@value", text), ("@type", f'"{self.name(rest[2:])}"')

    def name(self, term: str) -> str:
        """The IRI or blank node as the document names it."""
        made = self._names.get(term)
        if made is None:
            made = self._name(term)
            if len(self._names) >= _KNOWN:
                self._names.clear()
            self._names[term] = made
        return made

    def _name(self, term: str) -> str:
        if term[0] == "_":
            return term
        if term[0] != "<" or term[1] == "<":
            raise TypeError(f"JSON-LD has no place for {term}")
        return _compact(term[1:-1], self._context)


def _shown(value: _Value, indent: str) -> str:
    if isinstance(value, str):
        return value
    inside = f",\n{indent} ".join(f'"{key}": {text}' for key, text in value)
    return f"{{\n{indent} {inside}\n{indent}}}"


def _json_text(quoted: str) -> str:
    """A text in the quotes and with the escapes of N-Triples, in those of JSON.

    >>> _json_text('"a\\\\u0007\\\\u007F"') == '"a\\\\u0007\x7f"'
    True
    """
    if "\\u" not in quoted:
        return quoted
    # `\u` is one in both; what it stands for may be written otherwise.
    return json.dumps(json.loads(quoted), ensure_ascii=False)


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
