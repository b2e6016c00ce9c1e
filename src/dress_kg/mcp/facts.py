"""What is looked up in the published store beside the queries: items, their printed rows, agents, the notice.

Only by pattern, never by query text of others, so it needs no worker. Another version is opened when one is
published.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox
from rapidfuzz import fuzz, process

from dress_kg import terms
from dress_kg.errors import QueryError
from dress_kg.queries import labels
from dress_kg.store import Build
from dress_kg.web.published import Published, Version


def _name(prefix: str, local: str) -> ox.NamedNode:
    return ox.NamedNode(terms.PREFIXES[prefix] + local)


_TYPE = _name("rdf", "type")
_PART_OF, _LABEL = _name("dcterms", "isPartOf"), _name("rdfs", "label")
_WARNING = ox.NamedNode(terms.concept("severity", "warning"))
_NAMES = tuple(_name("skos", local) for local in ("prefLabel", "altLabel"))
_SAME = ("exactMatch", "closeMatch", "relatedMatch")


def _dk(local: str) -> ox.NamedNode:
    return _name("dk", local)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a printed row. :ivar lines: of the file. :ivar text: after repair."""

    column: str
    lines: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Printed:
    """The row that an item was read from. :ivar warnings: what the gate says of it."""

    label: str | None
    file: str | None
    lines: tuple[int, ...]
    cells: tuple[Cell, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent.

    :ivar names: the preferred one first. :ivar matches: SKOS relation and IRI of other registers' records.
    :ivar roles: item and role, of each item that names it.
    """

    iri: str
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    matches: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str], ...]


class Facts:
    """The store of the version that is published now."""

    def __init__(self, published: Published) -> None:
        self._published = published
        self._version: Version | None = None
        self._store: ox.Store | None = None
        self._agents: dict[str, str] | None = None
        self._items: tuple[str, ...] | None = None
        self.base = terms.DATA

    def version(self) -> Version:
        """The published version; what is looked up from now on is of it."""
        version = self._published.version()
        if version != self._version:
            build = Build(version.folder, {})
            self._store, self._version, self.base = build.store(), version, version.base
            self._agents = self._items = None
        return version

    @property
    def store(self) -> ox.Store:
        """The open store."""
        if self._store is None:
            self.version()
        assert self._store is not None  # noqa: S101 - just opened
        return self._store

    def notice(self) -> list[str]:
        """What a reader must know, of each source."""
        return sorted(self._texts(None, _dk("notice")))

    def titles(self) -> list[str]:
        """The titles of the sources."""
        sources = self._subjects(_TYPE, _dk("SourceTable"))
        return sorted(self._text(each, _name("dcterms", "title")) or each.value for each in sources)

    def items(self) -> tuple[str, ...]:
        """The IRIs of all evidence items, sorted."""
        if self._items is None:
            found = (node.value for node in self._subjects(_TYPE, _dk("EvidenceItem")))
            self._items = tuple(sorted(found))
        return self._items

    def named_item(self, name: str) -> str:
        """The item of that IRI, address, key or label.

        :raises QueryError: there is none, or several.
        """
        wanted = name.strip().removeprefix("dress-kg:///evidence/").removesuffix(".jsonld")
        space = f"{self.base}evidence/"
        found = [item for item in self.items() if wanted in (item, item.removeprefix(space))]
        found = found or [item for item in self.items() if item.rpartition("/")[2] == wanted]
        if not found:
            by_label = {label: item for item, label in self.labels(self.items()).items()}
            found = [by_label[wanted]] if wanted in by_label else []
        if len(found) == 1:
            return found[0]
        keys = [item.removeprefix(space) for item in found or self.items()]
        near = keys if found else [key for key, _, _ in _nearest(wanted, keys)]
        raise QueryError(
            "several evidence items have this name" if found else "there is no evidence item of this name",
            value=name[:200],
            remedy=f"did you mean {', '.join(near[:3])}?" if near else "`flat-table` lists the items",
        )

    def item_of(self, iri: str) -> str | None:
        """The evidence item that a node is, or is a part of; None where it is of none."""
        space = f"{self.base}evidence/"
        if not iri.startswith(space):
            return None
        item = space + "/".join(iri.removeprefix(space).split("/")[:2])
        return item if (_dk("EvidenceItem") in self._objects(ox.NamedNode(item), _TYPE)) else None

    def labels(self, iris: Iterable[str]) -> dict[str, str]:
        """A label of each that has one."""
        return labels(self.store, iris)

    def printed(self, item: str) -> Printed:
        """The row behind an item; empty where the graph has none."""
        node = ox.NamedNode(item)
        row = next(iter(self._nodes(node, _dk("row"))), None)
        lines = () if row is None else self._numbers(self._subjects(_dk("row"), row))
        cells = [] if row is None else [self._cell(each, lines) for each in self._nodes(row, _dk("cell"))]
        return Printed(
            self._text(node, _LABEL),
            None if row is None else self._file(row),
            lines,
            tuple(cell for _, cell in sorted(cells, key=lambda each: (each[0], each[1].column)) if cell.text),
            tuple(self._warnings(node)),
        )

    def _cell(self, node: ox.NamedNode, lines: tuple[int, ...]) -> tuple[int, Cell]:
        """A cell and its place in the row; of a column that is only passed on, the lines are the row's."""
        fragments = self._subjects(_dk("cell"), node)
        behind = [line for each in fragments for line in self._nodes(each, _dk("sourceLine"))]
        numbers = [self._text(each, _dk("columnNumber")) for each in fragments]
        place = min((int(number) for number in numbers if number), default=999)
        column = self._text(node, _dk("column")) or self._text(node, _dk("field")) or ""
        return place, Cell(column, self._numbers(behind) or lines, self._text(node, _dk("text")) or "")

    def _file(self, row: ox.NamedNode) -> str | None:
        files = (self._text(source, _dk("file")) for source in self._nodes(row, _PART_OF))
        return next((file for file in files if file), None)

    def _warnings(self, item: ox.NamedNode) -> Iterator[str]:
        for finding in sorted(self._subjects(_dk("about"), item), key=str):
            if _WARNING in self._objects(finding, _dk("severity")):
                rule, message = (self._text(finding, _dk(name)) for name in ("rule", "message"))
                yield f"{rule}: {message}"

    def _numbers(self, lines: Iterable[ox.NamedNode]) -> tuple[int, ...]:
        numbers = (self._text(line, _dk("lineNumber")) for line in lines)
        return tuple(sorted({int(number) for number in numbers if number}))

    def agents(self) -> dict[str, str]:
        """IRIs by name of the agents that some row names: preferred names first, then synonyms."""
        if self._agents is None:
            used = {quad.object for quad in self.store.quads_for_pattern(None, _dk("agent"), None, None)}
            named = [(self._agent_names(node), node.value) for node in used if isinstance(node, ox.NamedNode)]
            ranked = sorted(
                (place > 0, name, iri) for names, iri in named for place, name in enumerate(names)
            )
            self._agents = {}
            for _, name, iri in ranked:
                self._agents.setdefault(name, iri)
        return self._agents

    def agent(self, iri: str) -> Agent:
        """All that stands of an agent; without names where the graph knows none."""
        node = ox.NamedNode(iri)
        kinds = (term for term in self._objects(node, _TYPE) if isinstance(term, ox.NamedNode))
        roles = set()
        for component in self._subjects(_dk("agent"), node):
            item = self.item_of(component.value)
            for role in self._nodes(component, _dk("role")):
                if item is not None:
                    roles.add((item, role.value.rpartition("/")[2]))
        return Agent(
            iri,
            tuple(self._agent_names(node)),
            tuple(sorted(_local(kind.value) for kind in kinds if kind.value.startswith(terms.ONTOLOGY))),
            tuple((name, each.value) for name in _SAME for each in self._nodes(node, _name("skos", name))),
            tuple(sorted(roles)),
        )

    def _agent_names(self, node: ox.NamedNode) -> list[str]:
        return [text for name in (*_NAMES, _LABEL) for text in sorted(self._texts(node, name))]

    def _objects(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> list[object]:
        return [quad.object for quad in self.store.quads_for_pattern(subject, predicate, None, None)]

    def _nodes(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> list[ox.NamedNode]:
        found = {term for term in self._objects(subject, predicate) if isinstance(term, ox.NamedNode)}
        return sorted(found, key=str)

    def _subjects(self, predicate: ox.NamedNode, value: ox.NamedNode) -> list[ox.NamedNode]:
        quads = self.store.quads_for_pattern(None, predicate, value, None)
        return sorted({quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode)}, key=str)

    def _texts(self, subject: ox.NamedNode | None, predicate: ox.NamedNode) -> set[str]:
        quads = self.store.quads_for_pattern(subject, predicate, None, None)
        return {quad.object.value for quad in quads if isinstance(quad.object, ox.Literal)}

    def _text(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> str | None:
        return min(self._texts(subject, predicate), default=None)


def _nearest(wanted: str, keys: list[str]) -> list[tuple[str, float, int]]:
    """The keys that share most words with what was typed, with their likeness (0 to 100)."""
    words = re.compile("[^0-9a-z]+")

    def plain(text: str) -> str:
        return words.sub(" ", text.casefold())

    return process.extract(
        wanted, keys, scorer=fuzz.token_set_ratio, processor=plain, limit=3, score_cutoff=60.0
    )


def _local(iri: str) -> str:
    return iri.removeprefix(terms.ONTOLOGY)
