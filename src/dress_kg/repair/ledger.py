"""The row ledger: every physical line in one class, with its reason; it adds up or the build fails."""

from __future__ import annotations

from dress_kg.errors import LedgerError
from dress_kg.records import LineKind, Table


def check_ledger(table: Table) -> None:
    """Make sure that each line of the file has one entry, and that rows and entries agree.

    :raises LedgerError: a line is missing, counted twice or out of order; a row has no lines; an entry
        and the rows do not say the same.
    """
    if len(table.lines) != len(table.ledger):
        message = (
            f"the ledger does not add up: {len(table.lines)} lines in, {len(table.ledger)} accounted for"
        )
        raise LedgerError(message, file=table.file, remedy=_REMEDY)
    owner: dict[int, int] = {}
    for row in table.rows:
        if not row.lines:
            raise LedgerError(
                "a row without lines", file=table.file, value=f"row {row.ordinal}", remedy=_REMEDY
            )
        for number in row.lines:
            if number in owner:
                message = f"the line is in row {owner[number]} and in row {row.ordinal}"
                raise LedgerError(message, file=table.file, line=number, remedy=_REMEDY)
            owner[number] = row.ordinal
    for line, entry in zip(table.lines, table.ledger, strict=True):
        if line.number != entry.line:
            message = f"the ledger's entry is for line {entry.line}"
            raise LedgerError(message, file=table.file, line=line.number, remedy=_REMEDY)
        if (entry.kind is LineKind.ROW) != (entry.row is not None) or owner.get(entry.line) != entry.row:
            message = "the ledger and the rows disagree"
            raise LedgerError(
                message,
                file=table.file,
                line=line.number,
                value=f"{entry.kind}, row {entry.row}; the rows say row {owner.get(entry.line)}",
                remedy=_REMEDY,
            )


def ledger_counts(table: Table) -> dict[LineKind, int]:
    """How many lines each class has; classes without lines are there with 0."""
    counts = dict.fromkeys(LineKind, 0)
    for entry in table.ledger:
        counts[entry.kind] += 1
    return counts


_REMEDY = "please report it with the file: no line of a source may be lost"
