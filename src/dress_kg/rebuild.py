"""A build out of the version before: only what rows that differ make, and what rests on them, is made anew.

    rows that differ ──read again──> their quads ──┐
    the version before ──found by halving──────────┴──> rules over the groups concerned ──> blocks that differ
         ──patch──> graph.nq, tables/, report.json; the store, linked, with those quads ──publish──> a version

What is published is byte for byte what a build of everything publishes, but for the files of the store and
the times in the manifest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from mmap import mmap
from pathlib import Path

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.affected import Affected, Rules, item_of
from dress_kg.before import LATE, Before, line_head, shared_lines
from dress_kg.counting import Counts
from dress_kg.dataset import about, describe_source
from dress_kg.difference import Difference, heads_of
from dress_kg.findings import Verdict
from dress_kg.patching import link_store, patched_graph, patched_tables
from dress_kg.recount import counted_before, held, objects_of, recounted
from dress_kg.reference import vocabulary_quads
from dress_kg.reportfile import Told, as_told, rewrite, told_results
from dress_kg.rereading import Reread
from dress_kg.rownotes import RowNote
from dress_kg.rowstage import Made, mapped
from dress_kg.shards import QUADS, Shard, read_blocks, table_blocks
from dress_kg.sortedfile import SortedLines, mapped_file
from dress_kg.spill import stream
from dress_kg.store import Build
from dress_kg.tables import merge
from dress_kg.tables.schema import TABLES
from dress_kg.validate import ValidationReport, quality_tables
from dress_kg.validate.rows import Placed, RowValidator
from dress_kg.validate.rules import load_rules

_DERIVED = ("same-case", "disagreement", "profile")
_ITEM = terms.ONTOLOGY + "EvidenceItem"
_TYPE = ox.NamedNode(terms.PREFIXES["rdf"] + "type")
_A = str(_TYPE).encode()


@dataclass(frozen=True, slots=True)
class Given:
    """What a rebuild starts from: rows have been read again, shared nodes are made.

    :ivar build: the version before; :ivar furniture: its lines that were in no row, by source.
    :ivar reread: the rows of each source. :ivar made: what those read again became.
    :ivar shared: the shards of shared nodes. :ivar verdict: of the version before.
    """

    build: Build
    furniture: Mapping[str, tuple[int, ...]]
    work: Path
    base: str
    fields: frozenset[str]
    reread: Mapping[str, Reread]
    made: Sequence[Made]
    shared: tuple[Shard, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a rebuild left in the working folder: every part of a version but the manifest.

    :ivar rows: of each tidy table.
    :ivar hashes: SHA-256 by path in the version, of the files whose hash is known.
    """

    verdict: Verdict
    difference: Difference
    quads: int
    graphs: int
    rows: dict[str, int]
    hashes: dict[str, str]


def rebuild(given: Given) -> Renewed:
    """Make `graph.nq`, `tables`, `report.json` and `store` in the working folder.

    :raises StoreError: a file of the version before is damaged.
    :raises OSError: the disk is full, or the folder cannot be written.
    """
    with ExitStack() as files:
        old = SortedLines(files.enter_context(mapped_file(given.build.graph_file)))
        report = files.enter_context(mapped_file(given.build.folder / "report.json"))
        hashes = link_store(given.build, given.work / "store")
        store = ox.Store(str(given.work / "store"))
        run = _Rebuild(given, Before(old, given.base), store)
        run.gather()
        run.assert_anew()
        affected = Rules(run.before, given.reread, store, given.fields, frozenset(run.said)).run(
            run.renewed()
        )
        anew = run.results(affected, report)
        run.say_anew(affected, anew)
        given.verdict.items = len(run.notes())
        given.verdict.shapes_checked = run.checked()
        counts = run.describe()
        store.flush()
        run.store = ox.Store()
        del store
        hashes["graph.nq"] = patched_graph(given.build, given.work, old, run.blocks())
        rows = patched_tables(given.build, given.work, run.tables, given.shared, hashes)
        position = {item: note.ordinal for item, note in run.notes().items()}
        with (given.work / "report.json").open("w", encoding="utf-8") as out:
            rewrite(report, anew, position, given.verdict, out)
        told, quads = run.difference()
    quads += int(given.build.manifest["quads"])
    return Renewed(given.verdict, told, quads, _graphs(counts), rows, hashes)


@dataclass(slots=True)
class _Rebuild:
    """A rebuild under way.

    :ivar state: the lines of the blocks that were looked at, as the store has them now, by head.
    :ivar tables: by tidy table and head the new records, none where they go.
    :ivar said: the predicates by which, and the classes of which, something else is said than before.
    """

    given: Given
    before: Before
    store: ox.Store
    state: dict[bytes, set[bytes]] = field(default_factory=dict)
    tables: dict[str, dict[bytes, bytes]] = field(default_factory=lambda: {name: {} for name in TABLES})
    was_shared: dict[bytes, list[bytes]] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)

    def gather(self) -> None:
        """The lines of rows read again and of shared nodes, and nothing for rows that are gone."""
        base, before = self.given.base, self.before
        for source, rows in self.given.reread.items():
            numbers = set(self.given.furniture.get(source, ()))
            for key in rows.changed | rows.gone:
                item = terms.evidence(source, key, base)
                before.items[item], before.alone[item] = [], []
                numbers.update(rows.before[key].lines if key in rows.before else ())
                for name in TABLES.keys() - {"quality_finding"}:  # what is found is compared later
                    self.tables[name].update({f"{item}/".encode(): b"", f"{item}\0".encode(): b""})
            for number in numbers:
                head = line_head(source, number, base)
                before.others[head] = []
                self.tables["line"][head[1:-2] + b"\0"] = b""
        items = f"<{base}evidence/".encode()
        for made in self.given.made:
            for head, text in read_blocks(made.shard, QUADS):
                lines = text.splitlines(keepends=True)
                if head.startswith(items):
                    item = head[1:].decode().rstrip("/> ")
                    for line in lines:
                        (before.alone if before.kind(line) == "inferred" else before.items)[item].append(line)
                else:
                    before.others[head] = lines
            for name in TABLES:
                self.tables[name].update(read_blocks(made.shard, name))
        for shard in self.given.shared:
            blocks = read_blocks(shard, QUADS)
            before.shared.update((head, text.splitlines(keepends=True)) for head, text in blocks)
        owned = [f"<{base}{kind}/".encode() for kind in ("evidence", *_DERIVED)]
        owned += [f"<{terms.source(source, base)}/line/".encode() for source in self.given.reread]
        self.was_shared = shared_lines(before.old, base, owned)

    def assert_anew(self) -> None:
        """Bring the store up to date in what rows and shared nodes assert."""
        before = self.before
        for item, lines in before.items.items():
            late = [line for line in before.whole(item) if before.kind(line) in LATE]
            self._put_item(item, {*lines, *late})
        for head in before.others.keys() | before.shared.keys() | self.was_shared.keys():
            had = set(self.was_shared[head] if head in self.was_shared else before.old.lines(head))
            kept = {line for line in had if before.kind(line) in LATE}
            self._put(head, kept | set(before.others.get(head) or before.shared.get(head) or ()), had)

    def renewed(self) -> set[str]:
        """The shared nodes of which something else is said than before; not the sources themselves."""
        sources = {terms.source(source, self.given.base) for source in self.given.reread}
        changed = set()
        for head in self.before.shared.keys() | self.was_shared.keys():
            was = {x for x in self.was_shared.get(head, ()) if self.before.kind(x) not in LATE}
            if was != set(self.before.shared.get(head, ())):
                changed.add(head[1:-2].decode())
        return {iri for iri in changed - sources if iri.startswith(self.given.base)}

    def results(self, affected: Affected, report: mmap | bytes) -> dict[str, list[Told]]:
        """The results of the items of which others are found than before, as they stand in the report."""
        rules = {each.rule.name: each.group for each in load_rules() if not each.of_a_row}
        items = affected.near | affected.dosed | self.before.items.keys()
        kept: dict[str, list[Placed]] = {item: [] for item in items}
        ordinals = {item: note.ordinal for item, note in self.notes().items()}
        agents = affected.agents
        was: dict[str, list[Told]] = {item: [] for item in items}
        for told in told_results(report):
            if told.item is None or told.item not in kept:
                continue
            was[told.item].append(told)
            if told.item not in ordinals:
                continue
            group = rules.get(told.rule)  # none of a shape, or a rule of a row: judged with the row
            gone = told.item in self.before.items if group is None else told.item in affected.near
            if group == "agent":
                result = told.read()
                gone = told.item in affected.other or bool(agents & self._agents_of(result.node or ""))
            if not gone:
                kept[told.item].append(Placed(ordinals[told.item], told.read()))
        for made in self.given.made:
            for placed in stream(made.judged):
                if placed.result.item in kept:
                    kept[placed.result.item].append(placed)
        for item, found in affected.results.items():
            kept.setdefault(item, []).extend(found)
        now = {item: as_told(found) if item in ordinals else [] for item, found in kept.items()}
        return {item: told for item, told in now.items() if told != was.get(item, [])}

    def say_anew(self, affected: Affected, anew: Mapping[str, list[Told]]) -> None:
        """Bring the store up to date in what is found and concluded."""
        found = self._quality(anew)
        for item in affected.near | anew.keys():
            said = {x for head in heads_of(item) for x in self._concluded(affected, head)}
            if item in anew:
                said.update(found.get(item, ()))
            else:
                said.update(x for x in self.before.whole(item) if self.before.kind(x) == "quality")
            self._put_item(item, {*self.before.asserted(item), *said})
        items = f"<{self.given.base}evidence/".encode()
        for head, lines in affected.concluded.items():
            if not head.startswith(items):
                had = self._now(head)
                self._put(head, {x for x in had if self.before.kind(x) != "inferred"} | lines)

    def checked(self) -> frozenset[str]:
        """The shapes that still have a node to judge: of a row, or of what rows share."""
        shapes = RowValidator.load(fields=self.given.fields).shapes
        known = {quad.object for quad in vocabulary_quads(self.given.base, frozenset({_TYPE.value}))}
        found = {name for made in self.given.made for name in made.judgement.matched}
        for shape, rule in shapes.rules.items():
            target = shapes.targets[shape]
            having = self.store.quads_for_pattern(None, _TYPE, target, None)
            if target in known or any(
                self.before.kind(b"%s ." % str(q).encode()) not in LATE for q in having
            ):
                found.add(rule.name)
        return self.given.verdict.shapes_checked & found

    def describe(self) -> dict[str, Counts]:
        """Count the graph, and describe each source with the counts."""
        base, kind = self.given.base, self.before.kind
        described = [x for lines in self.was_shared.values() for x in lines if kind(x) == "dataset"]
        counts = counted_before(described, base)
        old = [line for head in self.state for line in self.before.old.lines(head)]
        new = [line for lines in self.state.values() for line in lines]
        recounted(counts, old, new, base)
        objects = objects_of(set(old) ^ set(new), base)
        was = held(self.given.build.store(), objects, base)
        now = held(self.store, objects, base)
        lines: dict[bytes, set[bytes]] = {}
        for source, found in counts.items():
            found.objects += now[source] - was[source]
            table = ox.NamedNode(terms.source(source, base))
            told = about(self.store.quads_for_pattern(table, None, None, None))
            for quad in describe_source(source, found, told, base):
                line = f"{quad} .\n".encode()
                lines.setdefault(line[: line.index(b" ") + 1], set()).add(line)
        for head in lines.keys() | {line[: line.index(b" ") + 1] for line in described}:
            had = {line for line in self._now(head) if kind(line) != "dataset"}
            self._put(head, had | lines.get(head, set()))
        return counts

    def blocks(self) -> dict[bytes, bytes]:
        """The blocks that are not as in the version before, by head."""
        return {
            head: b"".join(sorted(lines))
            for head, lines in self.state.items()
            if set(self.before.old.lines(head)) != lines
        }

    def difference(self) -> tuple[Difference, int]:
        """What differs, in terms of items; and how many quads more there are."""
        told, more = Difference(), 0
        for head, lines in self.state.items():
            more += len(lines) - len(self.before.old.lines(head))
        items = {self._item(head) for head in self.state} - {None}
        for item in sorted(filter(None, items)):
            now = b"".join(line for head in heads_of(item) for line in self._now(head))
            told.add(item, b"".join(self.before.whole(item)), now, self.given.base)
        return told, more

    def notes(self) -> dict[str, RowNote]:
        """The rows as they are now, by item."""
        return {
            terms.evidence(source, key, self.given.base): note
            for source, rows in self.given.reread.items()
            for key, note in rows.now.items()
        }

    def _item(self, head: bytes) -> str | None:
        start = f"<{self.given.base}evidence/".encode()
        return head[1:].decode().rstrip("/> ") if head.startswith(start) else None

    def _now(self, head: bytes) -> set[bytes]:
        return self.state[head] if head in self.state else set(self.before.old.lines(head))

    def _concluded(self, affected: Affected, head: bytes) -> Iterable[bytes]:
        return affected.concluded[head] if head in affected.concluded else self.before.concluded(head)

    def _quality(self, anew: Mapping[str, list[Told]]) -> dict[str, list[bytes]]:
        """The lines of what is found, by item; its tidy rows are put aside."""
        base = self.given.base
        for item in anew:
            self.tables["quality_finding"][f"{item}/".encode()] = b""
        results = tuple(each.read() for told in anew.values() for each in told)
        report = ValidationReport(results, (), (), (), (), 0)
        tables = merge(quality_tables(report, source, base) for source in self.given.reread)
        rows = tables["quality_finding"]
        self.tables["quality_finding"].update(table_blocks(rows, TABLES["quality_finding"], base))
        found: dict[str, list[bytes]] = {}
        for line in mapped(tables):
            found.setdefault(item_of(line, base), []).append(line)
        return found

    def _agents_of(self, node: str) -> set[str]:
        predicate = ox.NamedNode(terms.ONTOLOGY + "agent")
        found = self.store.quads_for_pattern(ox.NamedNode(node), predicate, None, None) if node else ()
        return {quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode)}

    def _put_item(self, item: str, lines: set[bytes]) -> None:
        for head in heads_of(item):
            self._put(head, {line for line in lines if line.startswith(head)})

    def _put(self, head: bytes, lines: set[bytes], was: set[bytes] | None = None) -> None:
        """Make these the lines of a head, in the store too."""
        had = self.state.get(head, was)
        if had is None:
            had = set(self.before.old.lines(head))
        if had == lines:
            return
        gone, come = had - lines, lines - had
        for quad in ox.parse(input=b"".join(gone), format=ox.RdfFormat.N_QUADS):
            self.store.remove(quad)
        self.store.extend(ox.parse(input=b"".join(come), format=ox.RdfFormat.N_QUADS))
        self.said.update(map(_said_with, gone | come))
        self.state[head] = lines


def _said_with(line: bytes) -> str:
    """The predicate of a line; of a type, the class."""
    _, predicate, value, *_ = line.split(b" ", 3)
    return (value if predicate == _A else predicate)[1:-1].decode()


def _graphs(counts: Mapping[str, Counts]) -> int:
    """The named graphs: one an item, some a source, and the one that all share."""
    kinds = sum(len(found.by_kind.keys() - {"evidence"}) + 1 for found in counts.values())
    return kinds + sum(found.members[_ITEM] for found in counts.values()) + 1
