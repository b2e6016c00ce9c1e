"""What the author's report holds: tables with their lines and rows, and what was found of each cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

SEVERITIES = ("violation", "warning", "info")
"""From the gravest to the least."""
MEANINGS = {
    "violation": "The value cannot stand: it blocks publication until it is corrected.",
    "warning": "The value is doubtful. It is kept as printed, and left out of ranges and counts by default.",
    "info": "Worth knowing; the value stands.",
}
KINDS = {
    "row": "a line of a row",
    "header": "column headers",
    "section": "a section band",
    "footer": "page furniture",
    "footnote": "a footnote",
    "noise": "noise of the scan",
    "blank": "blank",
}
"""The classes of physical lines."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A quality finding.

    :ivar number: 1-based over the report. :ivar source: id of the source; :ivar item: the item's key or None.
    :ivar field: profile's name of the column, :ivar column: its header; None where it is the whole row.
    :ivar lines: the physical lines it is about; empty where it is about the table as a whole.
    :ivar value: the printed value, None where nothing is printed.
    :ivar judged: what a curator said of it, None where nobody has looked.
    """

    number: int
    source: str
    item: str | None
    file: str | None
    lines: tuple[int, ...]
    field: str | None
    column: str | None
    severity: str
    rule: str
    message: str
    value: str | None
    suggestion: str | None
    judged: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a cell that stands on one physical line; None where no line is known."""

    line: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A cell of a row: text after repair, in pieces as the lines have it, and what was found of it."""

    field: str
    text: str
    pieces: tuple[Piece, ...]
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> str | None:
        """The gravest severity of its findings."""
        return gravest(self.findings)


@dataclass(frozen=True, slots=True)
class Repaired:
    """A repair of a row. :ivar column: its header, None where it concerned whole lines."""

    column: str | None
    line: int | None
    rule: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A curator's decision on a row. :ivar iri: of its node, None where it was read from tables."""

    field: str
    value: str
    reason: str
    curator: str
    date: str
    iri: str | None = None


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A row, in file order of its cells. :ivar findings: those about the row as a whole."""

    item: str
    position: int
    lines: tuple[int, ...]
    cells: tuple[PrintedCell, ...]
    findings: tuple[Finding, ...]
    repairs: tuple[Repaired, ...]
    judged: tuple[Judged, ...]

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Those of its cells, then those of the row, by number."""
        mine = [finding for cell in self.cells for finding in cell.findings]
        return tuple(sorted([*mine, *self.findings], key=lambda finding: finding.number))


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A physical line. :ivar kind: one of :data:`KINDS`. :ivar item: key of the item whose row it is in."""

    number: int
    kind: str
    reason: str
    text: str | None
    item: str | None


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A source table as printed.

    :ivar columns: (field, header) in file order. :ivar findings: those that no row of it holds.
    :ivar left_out: how many rows are not in `rows` because nothing is said of them.
    """

    id: str
    title: str
    file: str
    sha256: str
    rights: str | None
    notice: str | None
    columns: tuple[tuple[str, str], ...]
    rows: tuple[PrintedRow, ...]
    lines: tuple[PrintedLine, ...]
    findings: tuple[Finding, ...]
    left_out: int = 0

    def blocks(self) -> Iterator[PrintedRow | tuple[PrintedLine, ...]]:
        """Rows, and the runs of other lines of one kind between them, in the order of the file.

        A row stands at its first line; what is printed between its lines follows it.
        """
        by_item = {row.item: row for row in self.rows}
        shown: set[str] = set()
        run: list[PrintedLine] = []
        for line in self.lines:
            if run and (line.kind != run[0].kind or line.kind != "blank"):
                yield tuple(run)
                run = []
            if line.kind == "row" and line.item in by_item:
                if line.item not in shown:
                    shown.add(line.item)
                    yield by_item[line.item]
            else:
                run.append(line)
        if run:
            yield tuple(run)


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule spoke, and where."""

    rule: str
    severity: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The report of a build. :ivar version: of the program that built the graph."""

    tables: tuple[PrintedTable, ...]
    findings: tuple[Finding, ...]
    version: str

    def by_rule(self) -> tuple[RuleCount, ...]:
        """The rules that spoke, the gravest first, then the most frequent."""
        grouped: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.findings:
            grouped.setdefault((finding.severity, finding.rule), []).append(finding)
        counts = [RuleCount(rule, severity, tuple(all_)) for (severity, rule), all_ in grouped.items()]
        return tuple(sorted(counts, key=lambda each: (rank(each.severity), -len(each.findings), each.rule)))

    def by_severity(self) -> Mapping[str, int]:
        """How many findings there are of each severity, the gravest first."""
        counted = Counter(finding.severity for finding in self.findings)
        return {severity: counted[severity] for severity in SEVERITIES}


def place(value: str | None, text: str | None) -> tuple[int, int] | None:
    """Where a printed value stands in a text, as whole words; None where it does not, or not only once.

    >>> place("2", "2g/kg 2 spread"), place("2", "2 or 2"), place("C", "C/D")
    ((6, 7), None, (0, 1))
    """
    if not value or not text:
        return None
    whole = rf"(?<!\w){re.escape(value)}(?!\w)"
    found = [each.span() for each in re.finditer(whole, text)]
    if not found:
        start = text.find(value)
        return (start, start + len(value)) if start >= 0 and text.count(value) == 1 else None
    return found[0] if len(found) == 1 else None


def cut(starts: Sequence[tuple[int, int | None]], text: str) -> tuple[Piece, ...]:
    """A text cut where another physical line begins; together the pieces are the whole text.

    :param starts: (start, line) of each stretch whose line is known, in the order of the text.

    >>> [(piece.line, piece.start, piece.end) for piece in cut([(1, 7), (3, 7), (5, 8)], "abcdefg")]
    [(7, 0, 5), (8, 5, 7)]
    """
    kept: list[tuple[int, int | None]] = []
    for start, line in starts:
        if not kept or kept[-1][1] != line:
            kept.append((start if kept else 0, line))
    if not kept and text:
        kept.append((0, None))
    ends = [*(start for start, _ in kept[1:]), len(text)]
    return tuple(Piece(line, start, end) for (start, line), end in zip(kept, ends, strict=False))


def lines_of(value: str | None, text: str | None, pieces: tuple[Piece, ...]) -> tuple[int, ...]:
    """The physical lines on which a printed value of a cell stands; none where it is not there once."""
    span = place(value, text)
    if span is None:
        return ()
    start, end = span
    return tuple(p.line for p in pieces if p.line is not None and p.start < end and p.end > start)


def numbered(row: PrintedRow, counted: int) -> PrintedRow:
    """The row with its findings numbered from the next on: cell by cell, within a cell the gravest first."""
    cells = []
    for cell in row.cells:
        found = in_order(cell.findings, counted)
        counted += len(found)
        cells.append(replace(cell, findings=found))
    return replace(row, cells=tuple(cells), findings=in_order(row.findings, counted))


def in_order(findings: Iterable[Finding], counted: int) -> tuple[Finding, ...]:
    """Findings of one place, the gravest first, numbered from the next on."""
    order = sorted(findings, key=lambda each: (rank(each.severity), each.rule, each.message))
    return tuple(replace(finding, number=number) for number, finding in enumerate(order, counted + 1))


def said_of(rule: str | None, judged: Iterable[Judged]) -> str | None:
    """What a curator said of a rule's finding, in words; None where nobody did."""
    for each in judged:
        subject, _, said = each.value.rpartition(": ")
        if each.field == "flag" and subject == rule:
            return f"{said}, by {each.curator} on {each.date}: {each.reason}"
    return None


def rank(severity: str) -> int:
    """0 for the gravest.

    >>> rank("violation") < rank("warning") < rank("info")
    True
    """
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def gravest(findings: tuple[Finding, ...]) -> str | None:
    """The gravest severity of some findings, None where there are none."""
    return min((finding.severity for finding in findings), key=rank, default=None)
