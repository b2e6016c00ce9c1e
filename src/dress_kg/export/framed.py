"""One JSON-LD document for each evidence item, as a tree that a web developer can read.

The tree is that of `ontology/frame.jsonld`: the item at the top, each node written out where it is first met
and named by its IRI after that. Besides the item's own graph it holds the panel's assessment of it and, of
the shared nodes it points to, kind and label (of a publication all that is known), nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dress_kg import terms
from dress_kg.errors import StoreError
from dress_kg.export.jsonld import Context, load_context, nodes

if TYPE_CHECKING:
    from pyoxigraph import NamedNode, Quad, Store

_NAMES = frozenset({
    terms.PREFIXES["rdf"] + "type", terms.PREFIXES["rdfs"] + "label", terms.PREFIXES["skos"] + "prefLabel",
})  # fmt: skip
_TOP = ("@id", "@type", "label", "identifier", "condition", "summaryDirection", "strategy", "finding")
"""What a reader wants first; the rest follows by name."""


def items(store: Store) -> Iterator[str]:
    """The IRIs of all evidence items, sorted."""
    from pyoxigraph import NamedNode

    kind = NamedNode(terms.PREFIXES["rdf"] + "type")
    item = NamedNode(terms.ONTOLOGY + "EvidenceItem")
    yield from sorted(str(quad.subject)[1:-1] for quad in store.quads_for_pattern(None, kind, item, None))


def framed(store: Store, item: str, base: str = terms.DATA, context: Context | None = None) -> dict[str, Any]:
    """The document of one item, with the context inside.

    :raises StoreError: there is no such item.
    """
    using = context or load_context()
    quads = item_quads(store, item, base)
    if not quads:
        raise StoreError("there is no such evidence item", value=item)
    ordered = sorted(quads, key=lambda quad: (str(quad.subject), str(quad.predicate), str(quad.object)))
    flat = {node["@id"]: node for node in nodes(ordered, using)}
    links = {key for key, coercion in using.names.values() if coercion == "@id"}
    top = next(name for name in flat if _expanded(name, using) == item)
    seen: set[str] = set()
    tree = _tree(top, flat, links, seen)
    rating = [_tree(name, flat, links, seen) for name, node in flat.items() if "assesses" in node]
    if rating:
        tree["@reverse"] = {"assesses": rating}
    return {"@context": using.document, **tree}


def item_quads(store: Store, item: str, base: str = terms.DATA) -> set[Quad]:
    """What an item's document says: its graph, its assessment, and the names of what they point to."""
    from pyoxigraph import NamedNode

    own = set(store.quads_for_pattern(None, None, None, NamedNode(terms.item_graph(item, base))))
    assesses = NamedNode(terms.ONTOLOGY + "assesses")
    for quad in store.quads_for_pattern(None, assesses, NamedNode(item), None):
        own.update(store.quads_for_pattern(quad.subject, None, None, quad.graph_name))
    return own | set(_named(store, own, NamedNode(terms.reference_graph(base)), f"{base}publication/"))


def _named(store: Store, quads: Iterable[Quad], shared: NamedNode, publication: str) -> Iterator[Quad]:
    from pyoxigraph import NamedNode

    for target in {quad.object for quad in quads if isinstance(quad.object, NamedNode)}:
        whole = target.value.startswith(publication)
        for quad in store.quads_for_pattern(target, None, None, shared):
            if whole or quad.predicate.value in _NAMES:
                yield quad


def _tree(name: str, flat: dict[str, dict[str, Any]], links: set[str], seen: set[str]) -> dict[str, Any]:
    """The node with those it points to inside; a node that was written out before is its IRI alone."""
    if name in seen or name not in flat:
        return {"@id": name}
    seen.add(name)
    node = flat[name]
    first = [key for key in _TOP if key in node]
    keys = [*first, *sorted(set(node) - set(first))]
    return {key: _inside(key, node[key], flat, links, seen) for key in keys if key != "assesses"}


def _inside(key: str, value: Any, flat: dict[str, dict[str, Any]], links: set[str], seen: set[str]) -> Any:
    if isinstance(value, list):
        return [_inside(key, each, flat, links, seen) for each in value]
    if key in links and isinstance(value, str):
        tree = _tree(value, flat, links, seen)
        return value if list(tree) == ["@id"] else tree
    return value


def _expanded(name: str, context: Context) -> str:
    prefix, _, local = name.partition(":")
    return next((space + local for space, known in context.prefixes.items() if known == prefix), name)


def write_items(store: Store, folder: Path, base: str = terms.DATA) -> int:
    """Write the document of each item to `<folder>/<source>/<key>.jsonld`.

    :returns: the number of documents.
    :raises StoreError: the folder cannot be written.
    """
    number = 0
    try:
        for item in items(store):
            path = folder / (item.removeprefix(f"{base}evidence/") + ".jsonld")
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(framed(store, item, base), ensure_ascii=False, indent=1)
            path.write_text(text + "\n", "utf-8")
            number += 1
    except OSError as error:
        raise StoreError(f"the documents cannot be written ({error})", file=folder) from error
    return number
