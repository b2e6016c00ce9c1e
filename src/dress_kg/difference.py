"""What differs between two published versions, said of evidence items and not of triples.

Both `graph.nq` are sorted, so that the lines of an item stand together and equal stretches are passed over
as bytes. What changed in an item is told by where its lines stand: in the table as printed, in what was read
of it, in what was found doubtful, in what was derived. An item that only stands elsewhere in its file has
*moved*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dress_kg import terms
from dress_kg.counting import kind_of
from dress_kg.sortedfile import SortedLines, mapped_file

_STRETCH = 2**20
_TEXT = f"<{terms.ONTOLOGY}text>".encode()
_LINKS = frozenset({"selection", "cell", "type"})
"""Predicates that say where something was read, or what it is; named where nothing else differs."""


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What became of one evidence item.

    :ivar item: its IRI. :ivar change: `added`, `removed`, `changed` or `moved`.
    :ivar printed: the fields of the cells whose text differs.
    :ivar read: what differs in what was read, as `step: high, low`.
    :ivar doubts: rules that found something new (`+rule`) or no longer (`-rule`), or say it otherwise.
    :ivar derived: kinds of conclusions that differ (`stance`, `sameCaseAs`).
    """

    item: str
    change: str
    printed: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """What differs, in one line: `printed: dose; read: step: low; found: +dose-to-verify`."""
        parts = {"printed": self.printed, "read": self.read, "found": self.doubts, "derived": self.derived}
        return "; ".join(f"{name}: {', '.join(values)}" for name, values in parts.items() if values)


@dataclass(slots=True)
class Difference:
    """What differs between two versions, items in the order of their IRIs.

    :ivar quads: lines that only the newer one, and that only the older one has, in the items' blocks.
    """

    changes: list[ItemChange] = field(default_factory=list)
    quads: tuple[int, int] = (0, 0)

    def of(self, change: str) -> list[ItemChange]:
        """The items with that change."""
        return [each for each in self.changes if each.change == change]

    @property
    def counts(self) -> dict[str, int]:
        """How many items were added, changed, removed, moved."""
        return {name: len(self.of(name)) for name in CHANGES}

    def add(self, item: str, old: bytes, new: bytes, base: str = terms.DATA) -> None:
        """Add an item by its lines in the older and in the newer version, where they differ."""
        if old == new:
            return
        before, after = frozenset(old.splitlines()), frozenset(new.splitlines())
        gone, come = before - after, after - before
        self.quads = (self.quads[0] + len(come), self.quads[1] + len(gone))
        self.changes.append(item_change(item, before, after, base))


CHANGES = ("added", "changed", "removed", "moved")


def difference(old: Path, new: Path, base: str = terms.DATA) -> Difference:
    """What differs between the `graph.nq` of two versions.

    :raises OSError: one of them cannot be read.
    """
    found = Difference()
    with mapped_file(old) as before, mapped_file(new) as after:
        one, other = SortedLines(before), SortedLines(after)
        for item in _differing(one, other, base):
            found.add(item, lines_of(one, item), lines_of(other, item), base)
    found.changes.sort(key=lambda each: each.item)
    return found


def lines_of(lines: SortedLines, item: str) -> bytes:
    """The lines of an item and of its parts."""
    return b"".join(lines.data[slice(*lines.block(head))] for head in heads_of(item))


def heads_of(item: str) -> tuple[bytes, bytes]:
    """The heads of the two blocks of an item: of its parts, and of itself."""
    return f"<{item}/".encode(), f"<{item}> ".encode()


def _differing(old: SortedLines, new: SortedLines, base: str) -> Iterator[str]:
    """Each item whose lines are not the same in both, once."""
    begin = f"<{base}evidence/".encode()
    (a, a_end), (b, b_end) = old.block(begin), new.block(begin)
    while a < a_end or b < b_end:
        size = min(_STRETCH, a_end - a, b_end - b)
        if size and old.data[a : a + size] == new.data[b : b + size]:
            skip = _whole_blocks(old.data[a : a + size], base)
            if skip:
                a, b = a + skip, b + skip
                continue
        heads = (_head(old, a, a_end, base), _head(new, b, b_end, base))
        head = min(each for each in heads if each is not None)
        one, other = old.block(head), new.block(head)
        a, b = max(a, one[1]), max(b, other[1])
        item = head[1:].decode().rstrip("/> ")
        if old.data[slice(*one)] != new.data[slice(*other)] and (
            head.endswith(b"/") or _same(old, new, heads_of(item)[0])
        ):
            yield item  # at its parts where these differ, else at itself


def _same(old: SortedLines, new: SortedLines, head: bytes) -> bool:
    return old.data[slice(*old.block(head))] == new.data[slice(*new.block(head))]


def _whole_blocks(stretch: bytes, base: str) -> int:
    """How many bytes of a stretch are sure to be whole blocks: those before its last line's block."""
    last = stretch.rfind(b"\n", 0, stretch.rfind(b"\n")) + 1
    head = _item_head(base).match(stretch, last)
    if head is None:
        return 0
    start = last
    while start and stretch.startswith(head[0], stretch.rfind(b"\n", 0, start - 1) + 1):
        start = stretch.rfind(b"\n", 0, start - 1) + 1
    return start


def _head(lines: SortedLines, at: int, end: int, base: str) -> bytes | None:
    if at >= end:
        return None
    stop = lines.data.find(b"\n", at)
    found = _item_head(base).match(lines.data[at:stop])
    return found[0] if found else lines.data[at : lines.data.find(b" ", at) + 1]


def _item_head(base: str) -> re.Pattern[bytes]:
    return re.compile(rb"<" + re.escape(base.encode()) + rb"evidence/[^/>]+/[^/> ]+(?:/|> )")


def item_change(
    item: str, before: Iterable[bytes], after: Iterable[bytes], base: str = terms.DATA
) -> ItemChange:
    """What became of an item, by its N-Quads lines in the two versions; none at all is an item not there."""
    old, new = frozenset(before), frozenset(after)
    own = f"<{base}graph/{item.removeprefix(base)}>".encode()
    there = [any(line.endswith(own + b" .") for line in lines) for lines in (old, new)]
    if there != [True, True]:
        return ItemChange(item, "added" if there[1] else "removed")
    told = _Told(item, base)
    for lines, sign in ((old - new, "-"), (new - old, "+")):
        for line in lines:
            told.add(line, sign)
    return told.change()


@dataclass(slots=True)
class _Told:
    """What the lines that differ tell of an item."""

    item: str
    base: str
    printed: set[str] = field(default_factory=set)
    read: dict[str, set[str]] = field(default_factory=dict)
    doubts: dict[str, set[str]] = field(default_factory=dict)
    derived: set[str] = field(default_factory=set)

    def add(self, line: bytes, sign: str) -> None:
        subject, predicate, rest = line.split(b" ", 2)
        graph = rest.rsplit(b" ", 2)[1][1:-1].decode()
        kind = kind_of(graph, self.base)[1]
        path = subject[1:-1].decode().removeprefix(self.item).strip("/").split("/")
        relation = re.split(r"[#/]", predicate[1:-1].decode())[-1]
        if kind == "source":
            if predicate == _TEXT and path[0] == "cell":
                self.printed.add(path[1])
        elif kind == "quality":
            self.doubts.setdefault(path[1] if len(path) > 1 else relation, set()).add(sign)
        elif kind == "inferred":
            self.derived.add(path[-2] if len(path) > 1 else relation)
        elif path[0] == "cell" and len(path) > 2:
            self.read.setdefault("selection", set())
        else:
            self.read.setdefault(path[0] or "item", set()).add(relation)

    def change(self) -> ItemChange:
        read = {kind: names - _LINKS or names for kind, names in self.read.items()}
        if len(read) > 1:
            read.pop("selection", None)
        doubts = sorted(f"{signs.pop() if len(signs) == 1 else '~'}{r}" for r, signs in self.doubts.items())
        said = [f"{kind}: {', '.join(sorted(names))}" if names else kind for kind, names in read.items()]
        parts = (tuple(sorted(self.printed)), tuple(sorted(said)), tuple(doubts), tuple(sorted(self.derived)))
        return ItemChange(self.item, "changed" if any(parts) else "moved", *parts)
