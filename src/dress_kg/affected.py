"""What rules over several rows say anew when some rows differ: only of the groups that these rows are in.

A rule says what it has to see at once (its `group`). Rules of a row have run with the rows. Rules of an
item, of a publication's items and of the row above run over a small store with these; rules of an agent
over another one, with all items that dose one of the agents concerned or take a stance on it. What they say
of other groups stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.before import Before
from dress_kg.derive import Derivation, conclude, load_derivations
from dress_kg.difference import heads_of
from dress_kg.reference import vocabulary_quads
from dress_kg.rereading import Reread
from dress_kg.validate.rows import Placed, judged_by
from dress_kg.validate.rules import Hit, QueryRule, load_rules, run_rule

NEAR = frozenset({"item", "publication", "row above"})
"""Groups of rules that need a row and a few others."""
GROUPS = NEAR | {"row", "agent", "table"}
_AGENT = ox.NamedNode(terms.ONTOLOGY + "agent")
_RULE = ox.NamedNode(terms.ONTOLOGY + "rule")
_SCRATCH = ox.NamedNode("urn:dress-kg:whole-vocabularies")


Wanted = Callable[[Hit], bool]


@dataclass(slots=True)
class Affected:
    """What rules say anew.

    :ivar near: items whose results by rules of NEAR groups are replaced. :ivar agents: agents whose nodes'
        results by rules of an agent are replaced. :ivar results: the new ones, of these, by item.
    :ivar concluded: what is concluded now, by the heads of the subjects concerned; none is nothing any more.
    :ivar dosed: items that dose one of the agents or take a stance on it.
    :ivar other: items of which something else is asserted or concluded than before.
    """

    near: set[str] = field(default_factory=set)
    agents: set[str] = field(default_factory=set)
    results: dict[str, list[Placed]] = field(default_factory=dict)
    concluded: dict[bytes, set[bytes]] = field(default_factory=dict)
    dosed: set[str] = field(default_factory=set)
    other: set[str] = field(default_factory=set)


def grouped() -> bool:
    """Whether every rule says what it has to see; else only the whole store will do."""
    rules, derivations = load_rules(), load_derivations()
    return all(each.group in GROUPS for each in derivations) and all(
        each.group in GROUPS - {"table"} for each in rules
    )


@dataclass(slots=True)
class Rules:
    """The rules run over what is affected.

    :ivar store: the whole store, up to date in what rows assert.
    :ivar fields: the columns that the sources have.
    :ivar said: the predicates by which, and the classes of which, something else is asserted than before.
    """

    before: Before
    reread: Mapping[str, Reread]
    store: ox.Store
    fields: frozenset[str]
    said: frozenset[str]
    found: Affected = field(default_factory=Affected)
    rules: tuple[QueryRule, ...] = field(default_factory=load_rules)
    derivations: tuple[Derivation, ...] = field(default_factory=load_derivations)

    def run(self, renewed: Iterable[str]) -> Affected:
        """Everything that is said anew.

        :param renewed: IRIs of shared nodes of which other things are said.
        """
        self._near(set(renewed))
        self._agents()
        self._tables()
        return self.found

    def _item(self, source: str, key: str) -> str:
        return terms.evidence(source, key, self.before.base)

    def _near(self, renewed: set[str]) -> None:
        """Rows read again, those below them, and all that cite what these cite or cited."""
        items: set[tuple[str, str]] = set()
        cited: set[str] = set()
        at: dict[tuple[str, int], str] = {}
        referring = set(self._referring(renewed))
        for source, rows in self.reread.items():
            at.update({(source, note.ordinal): key for key, note in rows.now.items()})
            for key in rows.changed | rows.gone:
                if key in rows.before:
                    cited.add(rows.before[key].publication or "")
            for key in rows.changed & rows.now.keys():
                items.add((source, key))
                below = at.get((source, rows.now[key].ordinal + 1))
                items.update([(source, below)] if below else [])
            items.update((source, key) for key in rows.now if self._item(source, key) in referring)
        cited |= {self.reread[source].now[key].publication or "" for source, key in items} | renewed
        cited.discard("")
        for source, rows in self.reread.items():
            items.update((source, key) for key, note in rows.now.items() if note.publication in cited)
        self.found.near = {self._item(source, key) for source, key in items}
        self.found.near |= {self._item(s, key) for s, rows in self.reread.items() for key in rows.gone}
        above = {(s, at.get((s, self.reread[s].now[key].ordinal - 1))) for s, key in items}
        loaded = items | {(source, key) for source, key in above if key}
        store = self._small(loaded, printed=True)
        self._judge(store, store, NEAR, lambda hit: hit.item in self.found.near)
        made = self._conclude(store, {"item", "publication"})
        for item in self.found.near:
            self.found.concluded.update((head, set()) for head in heads_of(item))
            made += self._alone(item)
        keys = {iri.rpartition("/publication/")[2] for iri in cited}
        for source in self.reread:
            for key in keys:
                place = f"<{self.before.base}same-case/{source}/{key}/".encode()
                self._forget(place)
                self.found.concluded.update((_head(line), set()) for line in made if line.startswith(place))
        for line in made:
            self._put(line)

    def _alone(self, item: str) -> list[bytes]:
        """What is concluded from an item's row alone: with the row if it was read again, else as before."""
        if item in self.before.items:
            return self.before.alone.get(item, [])
        rule = f"<{_RULE.value}>".encode()
        names = {f'"{each.name}"'.encode() for each in self.derivations if each.of_a_row}
        parts = [line.split(b" ", 3) for head in heads_of(item) for line in self.before.concluded(head)]
        nodes = {subject for subject, predicate, value, _ in parts if predicate == rule and value in names}
        return [b" ".join(each) for each in parts if each[0] in nodes]

    def _referring(self, renewed: Iterable[str]) -> Iterator[str]:
        """The items that refer to these nodes."""
        inside = re.compile(re.escape(self.before.base) + r"evidence/[^/]+/[^/]+")
        for iri in renewed:
            for quad in self.store.quads_for_pattern(None, None, ox.NamedNode(iri), None):
                found = inside.match(quad.subject.value) if isinstance(quad.subject, ox.NamedNode) else None
                if found:
                    yield found[0]

    def _agents(self) -> None:
        """All that dose an agent, or take a stance on one, that a row that differs has or had so."""
        agents: set[str] = set()
        for item in self.found.near:
            now = [*self._asserted(item), *(self._said(item))]
            if set(self.before.whole(item)) - self._quality(item) != set(now):
                agents |= _dosed(now) | _dosed(self.before.whole(item))
                self.found.other.add(item)
        self.found.agents = agents
        items = {item for agent in agents for item in self._with_agent(agent)}
        items |= {i for i in self.found.near if _dosed([*self._asserted(i), *self._said(i)]) & agents}
        self.found.dosed = items
        names = {iri: (iri.split("/")[-2], iri.split("/")[-1]) for iri in items}
        known = {names[iri] for iri in items if names[iri][1] in self.reread[names[iri][0]].now}
        store = self._small(known, printed=False)

        def concerned(hit: Hit) -> bool:
            return bool(agents & set(_objects(store, hit.node or "", _AGENT)))

        self._judge(store, self.store, {"agent"}, concerned)
        made = self._conclude(store, {"agent"})
        for node in self._derived_of(agents):
            self._forget(f"<{node}> ".encode())
            self._forget(f"<{node}/".encode())
        for line in made:
            if self._owner_agents(store, line) & agents:
                self.found.concluded.setdefault(_head(line), set()).add(line)

    def _tables(self) -> None:
        for rule in self.derivations:
            if rule.group != "table" or not rule.rests_on & self.said:
                continue
            for quad in self.store.quads_for_pattern(None, _RULE, ox.Literal(rule.name), None):
                if isinstance(quad.subject, ox.NamedNode):
                    self._forget(f"<{quad.subject.value}> ".encode())
            for quad in conclude(self.store, rule, self.before.base):
                line = f"{quad} .\n".encode()
                self.found.concluded.setdefault(_head(line), set()).add(line)

    def _small(self, items: Iterable[tuple[str, str]], *, printed: bool) -> ox.Store:
        """A store of these items, what they share, and the whole vocabularies."""
        lines: list[bytes] = []
        cited: set[str] = set()
        for source, key in items:
            item, note = self._item(source, key), self.reread[source].now[key]
            own = self._asserted(item)
            if printed:
                lines += own
                lines += self.before.printed(source, note)
            else:
                lines += [line for line in own if self.before.kind(line) != "source"]
                lines += self._said(item)
            cited.add(note.publication or "")
        publication = f"<{self.before.base}publication/".encode()
        for head, about in self.before.shared.items():
            if not head.startswith(publication) or head[1:-2].decode() in cited:
                lines += about
        if printed:
            for source, rows in self.reread.items():
                lines += [line for n in rows.furniture for line in self.before.line(source, n)]
        store = ox.Store()
        store.bulk_load(input=b"".join(lines), format=ox.RdfFormat.N_QUADS)
        missing = [q for q in vocabulary_quads(self.before.base) if q not in store]
        store.bulk_extend(ox.Quad(q.subject, q.predicate, q.object, _SCRATCH) for q in missing)
        return store

    def _asserted(self, item: str) -> list[bytes]:
        return self.before.asserted(item)

    def _said(self, item: str) -> list[bytes]:
        """What is concluded of an item, once the rules of NEAR groups have run."""
        found: list[bytes] = []
        for head in heads_of(item):
            anew = self.found.concluded.get(head)
            found += self.before.concluded(head) if anew is None else anew
        return found

    def _quality(self, item: str) -> set[bytes]:
        return {line for line in self.before.whole(item) if self.before.kind(line) == "quality"}

    def _judge(self, store: ox.Store, places: ox.Store, groups: Iterable[str], wanted: Wanted) -> None:
        wide = frozenset(groups)
        for rule in self.rules:
            if rule.group in wide and self.fields.issuperset(rule.rule.fields):
                hits = [hit for hit in run_rule(store, rule) if wanted(hit)]
                for placed in judged_by(places, hits):
                    if placed.result.item is not None:
                        self.found.results.setdefault(placed.result.item, []).append(placed)

    def _conclude(self, store: ox.Store, groups: set[str]) -> list[bytes]:
        made: list[bytes] = []
        for rule in self.derivations:
            if rule.group in groups:
                quads = set(conclude(store, rule, self.before.base))
                store.extend(quads)
                made += [f"{quad} .\n".encode() for quad in quads]
        return made

    def _put(self, line: bytes) -> None:
        """Keep a conclusion of a subject that is concerned."""
        for head in (_head(line), *heads_of(item_of(line, self.before.base))):
            if head in self.found.concluded and line.startswith(head):
                self.found.concluded[head].add(line)
                return

    def _forget(self, place: bytes) -> None:
        """Nothing is concluded any more of the subjects that begin so, but what is said anew."""
        for line in self.before.concluded(place):
            self.found.concluded.setdefault(_head(line), set())

    def _with_agent(self, agent: str) -> Iterator[str]:
        for quad in self.store.quads_for_pattern(None, _AGENT, ox.NamedNode(agent), None):
            if isinstance(quad.subject, ox.NamedNode) and _doses(quad.subject.value):
                yield item_of(f"<{quad.subject.value}> ".encode(), self.before.base)

    def _derived_of(self, agents: Iterable[str]) -> Iterator[str]:
        """Derived nodes that are no part of an item and have one of these agents."""
        items = f"{self.before.base}evidence/"
        for agent in agents:
            for quad in self.store.quads_for_pattern(None, _AGENT, ox.NamedNode(agent), None):
                if isinstance(quad.subject, ox.NamedNode) and not quad.subject.value.startswith(items):
                    yield quad.subject.value

    def _owner_agents(self, store: ox.Store, line: bytes) -> set[str]:
        """The agents of a derived node, or of what it is a part of."""
        node = _head(line)[1:-2].decode()
        while node:
            found = set(_objects(store, node, _AGENT))
            if found:
                return found
            node = node.rpartition("/")[0]
            if node.endswith(":/"):
                break
        return set()


def _objects(store: ox.Store, node: str, predicate: ox.NamedNode) -> Iterator[str]:
    for quad in store.quads_for_pattern(ox.NamedNode(node), predicate, None, None) if node else ():
        if isinstance(quad.object, ox.NamedNode):
            yield quad.object.value


def _head(line: bytes) -> bytes:
    return line[: line.index(b" ") + 1]


def _doses(node: str) -> bool:
    """Whether a node doses an agent or takes a stance on it."""
    return "/evidence/" in node and ("/step/" in node or "/stance/" in node)


def _dosed(lines: Iterable[bytes]) -> set[str]:
    """The agents that these lines dose or take a stance on."""
    relation = f"<{_AGENT.value}>".encode()
    found = set()
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        if predicate == relation and _doses(subject.decode()):
            found.add(rest.split(b" ", 1)[0][1:-1].decode())
    return found


def item_of(line: bytes, base: str) -> str:
    """The item that a line's subject is, or is a part of; empty where it is none."""
    start = f"<{base}evidence/".encode()
    if not line.startswith(start):
        return ""
    source, key = line[len(start) : line.index(b">")].decode().split("/")[:2]
    return f"{base}evidence/{source}/{key}"
