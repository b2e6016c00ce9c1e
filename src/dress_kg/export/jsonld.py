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
from itertools import groupby, islice
from pathlib import Path
from typing import IO, Any

from pyoxigraph import Quad, Store

from dress_kg import terms
from dress_kg.errors import OntologyError
from dress_kg.export.statements import TYPE, Description, described_by_graph
from dress_kg.resources import folder

_XSD = terms.PREFIXES["xsd"]
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_KNOWN = 20_000
"""Terms remembered by one writer."""
_TOGETHER = 1000
"""Nodes written at a time."""
_SUFFIX = r"(?!//)[^\s:]+"


@dataclass(frozen=True, slots=True)
class Context:
    """A JSON-LD context, as far as compaction needs it.

    :ivar document: the value of `@context`.
    :ivar prefixes: prefix by namespace, the longest namespace first.
    :ivar spaces: an IRI in one of those that can be written with its prefix: namespace and rest.
    :ivar names: by predicate IRI its (term, coercion); coercion is `@id`, a datatype IRI or None.
    """

    document: Mapping[str, Any]
    prefixes: Mapping[str, str]
    spaces: re.Pattern[str]
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
    longest: dict[str, str] = {}
    for name, space in sorted(prefixes.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        longest.setdefault(space, name)
    spaces = re.compile(f"({'|'.join(map(re.escape, longest)) or '(?!)'})({_SUFFIX})")
    return Context(document, longest, spaces, names)


def _full(name: str, prefixes: Mapping[str, str]) -> str:
    prefix, _, local = name.partition(":")
    return prefixes[prefix] + local if prefix in prefixes else name


def write_jsonld(source: Store | Path, out: IO[bytes], context: Context | None = None) -> None:
    """Write all graphs: nodes of the default graph, then each named graph as a node with its `@graph`.

    :param source: a store, or a file of N-Quads.
    """
    using = context or load_context()
    default, named = _Writer(using), _Writer(using, "  ")
    out.write(b'{\n"@context": ' + _dump(using.document) + b',\n"@graph": [')
    before = "\n"
    for graph, given in described_by_graph(source):
        if not graph:
            _write(default.nodes(given), before, out)
        else:
            out.write(f'{before}{{\n "@id": {named.names[graph]},\n "@graph": ['.encode())
            _write(named.nodes(given), "\n", out)
            out.write(b"\n ]\n}")
        before = ",\n"
    out.write(b"\n]\n}\n")


def _write(nodes: Iterator[str], before: str, out: IO[bytes]) -> None:
    """Write nodes with a comma between them; what is `before` stands before the first."""
    while some := list(islice(nodes, _TOGETHER)):
        out.write((before + ",\n".join(some)).encode("utf-8"))
        before = ",\n"


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")


def nodes(quads: Iterable[Quad], context: Context) -> Iterator[dict[str, Any]]:
    """One object a subject; the quads are sorted by subject."""
    given = (
        (subject, [f"{quad.predicate} {quad.object}" for quad in said])
        for subject, said in groupby(quads, lambda quad: str(quad.subject))
    )
    for text in _Writer(context).nodes(given):
        yield json.loads(text)


class _Values(dict[str, str]):
    """Terms as JSON, by the text that N-Triples has for them, where the context says what they are.

    What is an object has lines, which no other value has.

    :ivar coercion: `@id`, a datatype IRI or None.
    """

    def __init__(self, context: Context, coercion: str | None, indent: str) -> None:
        super().__init__()
        self._context = context
        self._coercion = coercion
        self._indent = indent

    def __missing__(self, term: str) -> str:
        if term[0] == '"':
            made = self._literal(term)
        elif self._coercion == "@id":
            made = f'"{_name(term, self._context)}"'
        else:
            made = self._object(("@id", f'"{_name(term, self._context)}"'))
        if len(self) >= _KNOWN:
            self.clear()
        self[term] = made
        return made

    def _literal(self, term: str) -> str:
        end, coercion = term.rindex('"'), self._coercion
        text, rest = _json_text(term[: end + 1]), term[end + 1 :]
        if rest.startswith("@"):
            return self._object(("@value", text), ("@language", f'"{rest[1:]}"'))
        datatype = rest[3:-1] or _XSD + "string"
        bare = text[1:-1]
        if datatype == _XSD + "boolean" and bare in ("true", "false") and coercion in (None, datatype):
            return bare
        if datatype == _XSD + "integer" and _INTEGER.fullmatch(bare) and coercion in (None, datatype):
            return bare
        if datatype == _XSD + "string":
            return text if coercion is None else self._object(("@value", text))
        if datatype == coercion:
            return text
        return self._object(("@value", text), ("@type", f'"{_compact(datatype, self._context)}"'))

    def _object(self, *entries: tuple[str, str]) -> str:
        inside = ",".join(f'\n{self._indent} "{key}": {text}' for key, text in entries)
        return f"{{{inside}\n{self._indent}}}"


class _Writer(dict[str, tuple[str, bool, _Values]]):
    """Writes subjects as JSON, as `json.dumps(…, indent=1)` does, from the texts of N-Triples.

    By predicate: what stands before its value, the comma included; whether a plain text is written as it is;
    and its values. A literal without `\\u` is the same text in both; IRIs hold nothing that JSON escapes.
    """

    def __init__(self, context: Context, indent: str = "") -> None:
        super().__init__()
        self._context = context
        self._indent = indent
        self._values: dict[str | None, _Values] = {}
        self.names = self._values_of("@id")
        self._untyped = self[TYPE]
        """Of `rdf:type` with a literal, which `@type` cannot have."""
        self[TYPE] = self._head("@type"), False, self.names

    def __missing__(self, predicate: str) -> tuple[str, bool, _Values]:
        iri = predicate[1:-1]
        name, coercion = self._context.names.get(iri) or (_compact(iri, self._context), None)
        made = self[predicate] = self._head(name), coercion is None, self._values_of(coercion)
        return made

    def _head(self, name: str) -> str:
        return f',\n{self._indent} "{name}": '

    def _values_of(self, coercion: str | None) -> _Values:
        made = _Values(self._context, coercion, f"{self._indent} ")
        return self._values.setdefault(coercion, made)

    def nodes(self, given: Iterable[Description]) -> Iterator[str]:
        """The text of each subject's object."""
        one, names = f"\n{self._indent} ", self.names
        start, end, opened, comma, closed = (
            f'{self._indent}{{{one}"@id": ',
            one[:-1] + "}",
            f"[{one} ",
            f",{one} ",
            f"{one}]",
        )
        for subject, told in given:
            parts = [start, names[subject]]
            before, listed = "", False
            for each in told:
                predicate, term = each.split(" ", 1)
                head, plain, values = self[predicate]
                if plain and term[-1] == '"' and "\\u" not in term:
                    value = term
                else:
                    if predicate == TYPE and term[0] == '"':
                        head, _, values = self._untyped
                    value = values[term]
                if head != before:
                    if listed:
                        parts.append(closed)
                    parts += (head, value)
                    before, listed = head, False
                    continue
                if not listed:
                    parts[-1] = opened + parts[-1].replace("\n", "\n ")
                    listed = True
                parts += (comma, value.replace("\n", "\n "))
            parts.append(closed + end if listed else end)
            yield "".join(parts)


def _name(term: str, context: Context) -> str:
    """The IRI or blank node as the document names it."""
    if term[0] == "_":
        return term
    if term[0] != "<" or term[1] == "<":
        raise TypeError(f"JSON-LD has no place for {term}")
    return _compact(term[1:-1], context)


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
    found = context.spaces.fullmatch(iri)
    if found is not None:
        return f"{context.prefixes[found[1]]}:{found[2]}"
    scheme, _, rest = iri.partition(":")
    if not rest.startswith("//") and isinstance(context.document.get(scheme), str):
        raise OntologyError(
            "an IRI whose scheme is a prefix of the JSON-LD context cannot be written", value=iri,
            remedy="rename that prefix in ontology/context.jsonld",
        )  # fmt: skip
    return iri
