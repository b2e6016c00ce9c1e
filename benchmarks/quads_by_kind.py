"""How many quads an evidence item costs, by kind of node: `python -m benchmarks.quads_by_kind DIR`."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from dress_kg import terms

_TYPE = terms.PREFIXES["rdf"] + "type"


def by_kind(quads: list[Quad]) -> Counter[str]:
    """Quads in item graphs by the class of their subject."""
    kinds = {
        quad.subject: quad.object.value.removeprefix(terms.ONTOLOGY)
        for quad in quads
        if quad.predicate.value == _TYPE and isinstance(quad.object, NamedNode)
    }
    counted: Counter[str] = Counter()
    for quad in quads:
        kind = kinds.get(quad.subject, "?")
        if quad.predicate.value.endswith("#selection"):
            kind = "links to selections"
        counted[kind] += 1
    return counted


def main(folder: Path) -> None:
    """Print the table."""
    every = list(parse(path=str(folder / "graph.nq"), format=RdfFormat.N_QUADS))
    inside = [q for q in every if "/graph/evidence/" in getattr(q.graph_name, "value", "")]
    items = len({q.graph_name for q in inside})
    print(f"{len(every):,} quads in all; {items} item graphs, {len(inside) / items:.0f} quads an item")
    for kind, count in by_kind(inside).most_common():
        print(f"{kind:<24} {count / items:6.1f}  {100 * count / len(inside):4.1f} %")
    names = Counter(getattr(q.graph_name, "value", "") for q in every)
    others = Counter(
        {name.rpartition("/")[2]: n for name, n in names.items() if "/graph/evidence/" not in name}
    )
    for graph, count in others.most_common():
        print(f"graph {graph:<18} {count:6,}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
