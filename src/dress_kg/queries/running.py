"""Asking a store: names to IRIs, query text to rows, IRIs to labels."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING

from dress_kg import terms
from dress_kg.errors import LimitError, QueryError
from dress_kg.queries.fault import parse_error
from dress_kg.queries.result import Result
from dress_kg.queries.syntax import meaning, refused

if TYPE_CHECKING:
    from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, Store, Triple

NAMES = tuple(
    terms.PREFIXES[prefix] + local
    for prefix, local in (
        ("skos", "prefLabel"),
        ("skos", "altLabel"),
        ("skos", "notation"),
        ("rdfs", "label"),
        ("dcterms", "identifier"),
        ("dcterms", "title"),
    )
)
LABELS = tuple(
    terms.PREFIXES[prefix] + local
    for prefix, local in (
        ("skos", "prefLabel"),
        ("rdfs", "label"),
        ("dcterms", "title"),
        ("skos", "notation"),
    )
)
_LONGEST = 65_536
_DEEPEST = 100


def run(store: Store, text: str, *, most: int | None = None) -> Result:
    """The answer of the union of all graphs.

    :param most: rows or triples that an answer may have; None is no limit.
    :raises QueryError: the text does not parse, is too long or too deep, holds an update or SERVICE.
    :raises LimitError: the answer is larger than `most`.
    """
    check_text(text)
    try:
        answer = store.query(text, use_default_graph_as_union=True)
    except SyntaxError as error:
        raise parse_error(text, error) from error
    return whole(answer, most)


def whole(answer: QuerySolutions | QueryBoolean | QueryTriples, most: int | None) -> Result:
    """All of an engine's answer.

    :raises LimitError: it has more rows or triples than `most`; a part is never given for the whole.
    """
    from pyoxigraph import QueryBoolean, QueryTriples

    if isinstance(answer, QueryBoolean):
        return Result(boolean=bool(answer))
    if isinstance(answer, QueryTriples):
        triples: dict[Triple, None] = {}
        for triple in answer:  # one may come twice, so they are counted as they are told apart
            triples[triple] = None
            _check_size(len(triples), most)
        return Result(triples=tuple(triples))
    stop = None if most is None else most + 1
    columns = tuple(variable.value for variable in answer.variables)
    rows = tuple(tuple(solution[name] for name in columns) for solution in islice(answer, stop))
    _check_size(len(rows), most)
    return Result(columns, rows)


def _check_size(found: int, most: int | None) -> None:
    if most is not None and found > most:
        raise LimitError(f"the answer has more than {most:,} rows", remedy="ask for less, or use LIMIT")


def check_text(text: str, *, allowed: frozenset[str] = frozenset()) -> None:
    """Look at a query text before an engine sees it: its length and depth, and that it only reads.

    :param allowed: as in `syntax.refused`.
    :raises LimitError: it is too long or too deep.
    :raises QueryError: it holds an update, SERVICE, FROM or an escape that could hide one.
    """
    if len(text) > _LONGEST:
        raise LimitError(f"the query is longer than {_LONGEST:,} characters", remedy="ask in parts")
    bad = refused(text, allowed=allowed)
    if bad:
        raise QueryError(
            f"the query holds {bad[1]}", value=bad[0].text, remedy="only reading is possible here"
        )
    depth = deepest = 0
    for token in meaning(text):
        depth += (token.text in "{([") - (token.text in "])}") if token.kind == "mark" else 0
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        raise LimitError(f"the query nests deeper than {_DEEPEST} brackets", remedy="ask in parts")


def labels(store: Store, iris: Iterable[str]) -> dict[str, str]:
    """A label for each IRI that has one: the preferred one, else rdfs:label, title or notation.

    English before no language before others; of several, the first by code point.
    """
    from pyoxigraph import Literal, NamedNode

    found: dict[str, str] = {}
    for iri in set(iris):
        for name in LABELS:
            values = [
                quad.object
                for quad in store.quads_for_pattern(NamedNode(iri), NamedNode(name), None, None)
                if isinstance(quad.object, Literal)
            ]
            if values:
                best = min(values, key=lambda each: (_language_rank(each.language), each.value))
                found[iri] = best.value
                break
    return found


def _language_rank(language: str | None) -> int:
    if language is None:
        return 1
    return 0 if language.lower().split("-")[0] == "en" else 2


def resolver(store: Store) -> Callable[[str], str]:
    """A function from a label, synonym, identifier, local id or IRI to the IRI in this store.

    Case and hyphens do not matter. An exact preferred name wins over a synonym.
    """
    index: dict[str, dict[int, set[str]]] | None = None

    def resolve(value: str) -> str:
        nonlocal index
        if ":" in value:
            expanded = expand(value)
            if expanded is not None and _known(store, expanded):
                return expanded
        if index is None:
            index = _index(store)
        ranks = index.get(_plain(value), {})
        for rank in sorted(ranks):
            if len(ranks[rank]) == 1:
                return next(iter(ranks[rank]))
            raise QueryError("this name stands for several things in the graph", value=value,
                             remedy="give one of: " + ", ".join(sorted(ranks[rank])[:5]))  # fmt: skip
        near = ", ".join(difflib.get_close_matches(_plain(value), index, n=3, cutoff=0.6))
        raise QueryError(
            "the graph knows nothing of this name",
            value=value,
            remedy=f"did you mean {near}?" if near else "`dress-kg query vocabulary-in-use` lists names",
        )

    return resolve


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").split())


def expand(value: str) -> str | None:
    """A full IRI from an IRI, a CURIE, or an IRI in angle brackets."""
    bare = value.strip().removeprefix("<").removesuffix(">")
    prefix, _, local = bare.partition(":")
    if prefix in terms.PREFIXES and not local.startswith("//"):
        return terms.PREFIXES[prefix] + local
    return bare if any(character in bare for character in "/#") or prefix == "urn" else None


def _known(store: Store, iri: str) -> bool:
    from pyoxigraph import NamedNode

    try:
        node = NamedNode(iri)
    except ValueError:
        return False
    forward = store.quads_for_pattern(node, None, None, None)
    backward = store.quads_for_pattern(None, None, node, None)
    return next(forward, None) is not None or next(backward, None) is not None


def _index(store: Store) -> dict[str, dict[int, set[str]]]:
    """Names to IRIs, by rank: preferred labels first, then synonyms, then local ids."""
    from pyoxigraph import Literal, NamedNode

    index: dict[str, dict[int, set[str]]] = {}
    for rank, name in enumerate(NAMES):
        for quad in store.quads_for_pattern(None, NamedNode(name), None, None):
            if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode):
                iri = quad.subject.value
                index.setdefault(_plain(quad.object.value), {}).setdefault(rank, set()).add(iri)
                local = iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1]
                index.setdefault(_plain(local), {}).setdefault(len(NAMES), set()).add(iri)
    return index
