"""Which evidence item a node belongs to, whichever validator found it."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from dress_kg import terms

_TYPE = ox.NamedNode(terms.PREFIXES["rdf"] + "type")
_ITEM = ox.NamedNode(terms.ONTOLOGY + "EvidenceItem")
_ASSESSES = ox.NamedNode(terms.ONTOLOGY + "assesses")
_ROW = ox.NamedNode(terms.ONTOLOGY + "row")


@dataclass(frozen=True, slots=True)
class Items:
    """The evidence items of a store. :ivar graphs: the graph of each. :ivar of: the item of each graph."""

    graphs: dict[str, ox.NamedNode | ox.DefaultGraph]
    of: dict[str, str]

    def above(self, node: str) -> str | None:
        """The item under whose IRI a node's IRI stands, or that it is."""
        while node not in self.graphs:
            node, slash, _ = node.rpartition("/")
            if not slash:
                return None
        return node

    def owner(self, store: ox.Store, node: ox.NamedNode | ox.BlankNode) -> str | None:
        """The item whose graph says something of the node, or that the node rates, or whose row it is."""
        if node.value in self.graphs:
            return node.value
        for quad in store.quads_for_pattern(node, _ASSESSES, None, None):
            if isinstance(quad.object, ox.NamedNode) and quad.object.value in self.graphs:
                return quad.object.value
        for quad in store.quads_for_pattern(node, None, None, None):
            if isinstance(quad.graph_name, ox.NamedNode):
                if quad.graph_name.value in self.of:
                    return self.of[quad.graph_name.value]
            elif isinstance(node, ox.NamedNode):
                above = self.above(node.value)
                if above is not None:
                    return above
        rows = (quad.subject for quad in store.quads_for_pattern(None, _ROW, node, None))
        return min((row.value for row in rows if isinstance(row, ox.NamedNode)), default=None)


def read_items(store: ox.Store) -> Items:
    """The evidence items of a store with their graphs."""
    graphs: dict[str, ox.NamedNode | ox.DefaultGraph] = {}
    of: dict[str, str] = {}
    for quad in store.quads_for_pattern(None, _TYPE, _ITEM, None):
        if isinstance(quad.subject, ox.NamedNode) and not isinstance(quad.graph_name, ox.BlankNode):
            graphs[quad.subject.value] = quad.graph_name
            if isinstance(quad.graph_name, ox.NamedNode):
                of[quad.graph_name.value] = quad.subject.value
    return Items(graphs, of)
