"""Turtle and TriG: grouped by subject, with prefixes, in one order (`statements` says which).

What is written is, byte for byte, what the library writes of the statements in this order (a test compares
them), with a blank line before each subject of a Turtle file; only that it is made of texts, several times as
fast. A name that is not made of plain letters is asked of the library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import IO

from pyoxigraph import NamedNode, RdfFormat, Store, Triple, parse, serialize

from dress_kg import terms
from dress_kg.export.statements import TYPE, Description, described, described_by_graph, place_of
from dress_kg.report import NOTICE

_SCHEMES = (
    "basis context direction interval kind line line-kind operator organ per role route severity sign".split()
)
PREFIXES = terms.PREFIXES | {scheme: f"{terms.VOCABULARY}{scheme}/" for scheme in _SCHEMES}
"""With one for each scheme: a slash in a local name would have to be escaped."""

_XSD = terms.PREFIXES["xsd"]
_BARE = {
    f"<{_XSD}boolean>": re.compile(r"true|false"),
    f"<{_XSD}integer>": re.compile(r"[+-]?[0-9]+", re.ASCII),
    f"<{_XSD}decimal>": re.compile(r"[+-]?[0-9]*\.[0-9]+", re.ASCII),
    f"<{_XSD}double>": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+", re.ASCII),
}
"""Lexical forms that Turtle has without quotes and datatype (RDF 1.1 Turtle, 2.5.2 and 2.5.3)."""
_PLAIN_LOCAL = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*))?")
_ANY = NamedNode("urn:x-dress-kg:any")
_TOGETHER = 1000
"""Subjects written at a time."""
_KNOWN = 20_000
"""Terms remembered: concepts, agents and numbers come again and again."""


def write_turtle(source: Store | Path, out: IO[bytes]) -> None:
    """Write the triples of all graphs, each once.

    :param source: a store, or a file of N-Quads.
    """
    _headed(source, out)
    _write(_subjects(described(source), TurtleTerms(PREFIXES), "", "\n"), out)


def write_trig(source: Store | Path, out: IO[bytes]) -> None:
    """Write the quads, graph by graph, the default graph first.

    :param source: a store, or a file of N-Quads.
    """
    _headed(source, out)
    written = TurtleTerms(PREFIXES)
    for graph, given in described_by_graph(source):
        if graph:
            out.write(f"{written[graph]} {{\n".encode())
        _write(_subjects(given, written, "\t" if graph else "", ""), out)
        if graph:
            out.write(b"}\n")


def turtle_of_triples(triples: Iterable[Triple]) -> bytes:
    """The triples as Turtle, in the same order."""
    return serialize(sorted(set(triples), key=_triple_key), format=RdfFormat.TURTLE, prefixes=PREFIXES) or b""


def _triple_key(triple: Triple) -> tuple[str, str, str]:
    predicate = str(triple.predicate)
    return place_of(str(triple.subject)), "" if predicate == TYPE else predicate, str(triple.object)


def _subjects(given: Iterable[Description], written: TurtleTerms, indent: str, before: str) -> Iterator[str]:
    """The text of each subject.

    :param written: how a term is written.
    :param before: what stands before each subject.
    """
    verbs = _Verbs(written)
    between, before = f" ;\n{indent}\t", before + indent
    for subject, told in given:
        said, mark = "", " "
        parts = [before, written[subject]]
        for each in told:
            predicate, value = each.split(" ", 1)
            # Most objects are plain texts, which are written as they are.
            if value[-1] != '"':
                value = written[value]
            if predicate == said:
                parts += (" , ", value)
            else:
                parts += (mark, verbs[predicate], value)
                said, mark = predicate, between
        parts.append(" .\n")
        yield "".join(parts)


class TurtleTerms(dict[str, str]):
    """Terms as Turtle writes them, by the text that N-Triples has for them; made when first asked for.

    >>> written = TurtleTerms({"ex": "http://example.org/"})
    >>> written["<http://example.org/a>"], written['"1"^^<http://www.w3.org/2001/XMLSchema#integer>']
    ('ex:a', '1')
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        super().__init__()
        self._prefixes = dict(prefixes)
        self._names = {space: prefix for prefix, space in sorted(prefixes.items(), reverse=True)}
        self._spaced = re.compile("|".join(map(re.escape, self._names))).match
        # Where every namespace ends with one of these, the longest that fits ends with the last of them.
        self._quick = all(space[-1:] in ("/", "#") for space in self._names)

    def __missing__(self, term: str) -> str:
        if term[0] == '"' and term[-1] != ">":
            return term
        made = self._iri(term) if term[0] == "<" else self._other(term)
        if len(self) >= _KNOWN:
            self.clear()
        self[term] = made
        return made

    def _iri(self, term: str) -> str:
        iri = term[1:-1]
        if self._quick:
            cut = max(iri.rfind("/"), iri.rfind("#")) + 1
            prefix = self._names.get(iri[:cut])
            if prefix is not None and _PLAIN_LOCAL.fullmatch(iri, cut):
                return f"{prefix}:{iri[cut:]}"
            if self._spaced(iri) is None:
                return self._asked(term) if term[1] == "<" else term
        return self._asked(term)

    def _other(self, term: str) -> str:
        if term[0] == "_":
            return term
        text, _, datatype = term.rpartition("^^")
        bare = _BARE.get(datatype)
        if bare is not None and bare.fullmatch(text, 1, len(text) - 1):
            return text[1:-1]
        return f"{text}^^{self[datatype]}"

    def _asked(self, term: str) -> str:
        """As the library writes it."""
        triple = (quad.triple for quad in parse(f"<urn:s> <urn:p> {term} .".encode(), RdfFormat.N_TRIPLES))
        text = serialize(triple, format=RdfFormat.TURTLE, prefixes=self._prefixes) or b""
        return text.decode().rpartition("<urn:s> <urn:p> ")[2].removesuffix(" .\n")


class _Verbs(dict[str, str]):
    """Predicates as Turtle writes them, with the space after them."""

    def __init__(self, written: TurtleTerms) -> None:
        super().__init__({TYPE: "a "})
        self._written = written

    def __missing__(self, predicate: str) -> str:
        made = self[predicate] = f"{self._written[predicate]} "
        return made


def _write(texts: Iterator[str], out: IO[bytes]) -> None:
    while some := "".join(islice(texts, _TOGETHER)):
        out.write(some.encode("utf-8"))


def _headed(source: Store | Path, out: IO[bytes]) -> None:
    """The notice and the prefixes; an empty graph is a file that says so, not a file without a byte."""
    out.write(f"# {NOTICE}\n".encode())
    if (source.stat().st_size if isinstance(source, Path) else len(source)) == 0:
        out.write(b"# The graph is empty.\n")
        return
    some = serialize([Triple(_ANY, _ANY, _ANY)], format=RdfFormat.TURTLE, prefixes=PREFIXES) or b""
    out.writelines(line for line in some.splitlines(keepends=True) if line.startswith(b"@prefix "))
