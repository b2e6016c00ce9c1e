"""The graph of the version before, with the rows that were read again: where a rebuild looks things up.

What a row asserts stands in `graph.nq` in the blocks of its item and of its lines; beside it stand what was
found (`quality`) and concluded (`inferred`) when all was known, told apart by the named graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dress_kg import terms
from dress_kg.counting import kind_of
from dress_kg.difference import heads_of
from dress_kg.rownotes import RowNote
from dress_kg.sortedfile import SortedLines

LATE = frozenset({"quality", "inferred", "dataset"})
"""Kinds of graphs that are not asserted by rows."""


@dataclass(slots=True)
class Before:
    """The lines of the version before, and those that take their place.

    :ivar items: what the items read again assert now, by IRI; :ivar alone: what is concluded from the row of
        each alone. :ivar others: lines of other subjects that rows own (their physical lines), by head.
    :ivar shared: lines of what items share, by head.
    """

    old: SortedLines
    base: str
    items: dict[str, list[bytes]] = field(default_factory=dict)
    alone: dict[str, list[bytes]] = field(default_factory=dict)
    others: dict[bytes, list[bytes]] = field(default_factory=dict)
    shared: dict[bytes, list[bytes]] = field(default_factory=dict)
    _kinds: dict[bytes, str] = field(default_factory=dict)

    def kind(self, line: bytes) -> str:
        """Which of a source's graphs a line stands in; `reference` for the shared one."""
        graph = line.rsplit(b" ", 2)[1]
        if graph not in self._kinds:
            self._kinds[graph] = kind_of(graph[1:-1].decode(), self.base)[1]
        return self._kinds[graph]

    def whole(self, item: str) -> list[bytes]:
        """All lines of an item in the version before."""
        return [line for head in heads_of(item) for line in self.old.lines(head)]

    def was(self, item: str) -> list[bytes]:
        """What an item asserted in the version before."""
        return [line for line in self.whole(item) if self.kind(line) not in LATE]

    def asserted(self, item: str) -> list[bytes]:
        """What an item asserts now."""
        return self.items[item] if item in self.items else self.was(item)

    def concluded(self, head: bytes) -> list[bytes]:
        """What was concluded of a subject, or of an item's parts, in the version before."""
        return [line for line in self.old.lines(head) if self.kind(line) == "inferred"]

    def printed(self, source: str, note: RowNote) -> Iterator[bytes]:
        """The lines of the physical lines of a row, as they are now."""
        for number in note.lines:
            yield from self.line(source, number)

    def line(self, source: str, number: int) -> list[bytes]:
        """What is said of a physical line, as it is now."""
        head = line_head(source, number, self.base)
        return self.others[head] if head in self.others else self.old.lines(head)


def line_head(source: str, number: int, base: str = terms.DATA) -> bytes:
    """The head of the block of a physical line."""
    return f"<{terms.part(terms.source(source, base), 'line', number)}> ".encode()


def shared_lines(old: SortedLines, base: str, owned: Iterable[bytes]) -> dict[bytes, list[bytes]]:
    """The lines of all subjects that are no row's and not derived, by head.

    :param owned: prefixes of the subjects to be left out.
    """
    found: dict[bytes, list[bytes]] = {}
    at = 0
    spans = sorted(old.block(prefix) for prefix in owned)
    for start, end in (*spans, (len(old.data), len(old.data))):
        for line in old.data[at:start].splitlines(keepends=True) if start > at else ():
            found.setdefault(line[: line.index(b" ") + 1], []).append(line)
        at = max(at, end)
    return found
