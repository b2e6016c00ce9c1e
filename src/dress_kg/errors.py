"""Every error that dress-kg raises on purpose, with the exit code it ends a command with.

A fault of the data (a bad cell, a broken row) is collected and returned by the stage that saw it;
these classes are for faults that stop a stage. Each can say where (file, line, column), what was
found there (value) and what to do about it (remedy).
"""

from __future__ import annotations

from pathlib import Path

EXIT_DATA = 1
EXIT_CALL = 2
EXIT_SURROUNDINGS = 3
EXIT_OURS = 70


class DressKgError(Exception):
    """Base of all errors raised on purpose.

    :ivar file: the file at fault, or None.
    :ivar line: 1-based physical line, or None.
    :ivar column: the column's name (or 1-based number), or None.
    :ivar value: what was found there, as printed, or None.
    :ivar remedy: what the user can do about it, or None.
    """

    exit_code = EXIT_DATA

    def __init__(
        self,
        message: str,
        *,
        file: Path | str | None = None,
        line: int | None = None,
        column: str | int | None = None,
        value: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = None if file is None else str(file)
        self.line = line
        self.column = column
        self.value = value
        self.remedy = remedy

    def __str__(self) -> str:
        """One or two lines: where, what, the value as printed, and the remedy.

        >>> print(SourceError("too many cells", file="a.tsv", line=3, value="x", remedy="remove a tab"))
        a.tsv:3: too many cells: 'x'
          remedy: remove a tab
        """
        where = self.file or ""
        if self.line is not None:
            where += f":{self.line}" if where else f"line {self.line}"
        if self.column is not None:
            where += f", column {self.column}" if where else f"column {self.column}"
        text = f"{where}: {self.message}" if where else self.message
        if self.value is not None:
            shown = self.value if len(self.value) <= 200 else self.value[:199] + "…"
            text += f": {shown!r}"
        if self.remedy is not None:
            text += f"\n  remedy: {self.remedy}"
        return text


class SourceError(DressKgError):
    """The source table cannot be read: missing, empty, binary, without a header, a row too wide."""


class LedgerError(DressKgError):
    """The row ledger does not add up: a physical line was lost or counted twice."""


class ProfileError(DressKgError):
    """A profile (`mappings/<source>.toml`) is missing, misspelt or inconsistent."""

    exit_code = EXIT_CALL


class CurationError(DressKgError):
    """A curation file names a row, a field or a value that does not exist."""


class MappingError(DressKgError):
    """An RML mapping cannot be read or run."""


class OntologyError(DressKgError):
    """A term, vocabulary or scale file is inconsistent."""


class ShapeError(DressKgError):
    """A shape file does not parse, or names a term the ontology does not know."""


class ValidationError(DressKgError):
    """The graph violates a shape; publication is blocked, what was published before stands."""


class QueryError(DressKgError):
    """A stored query, one of its parameters, or a query text is at fault."""

    exit_code = EXIT_CALL


class LimitError(QueryError):
    """A query or its answer is larger than is allowed here."""


class CallError(DressKgError):
    """The command was called with values that do not fit together."""

    exit_code = EXIT_CALL


class StoreError(DressKgError):
    """The store cannot be opened, written or published (disk, permissions, another writer)."""

    exit_code = EXIT_SURROUNDINGS


class EndpointError(DressKgError):
    """A remote triple store does not answer, refuses, or answers in part; nothing of it was used."""

    exit_code = EXIT_SURROUNDINGS


class InconsistencyError(DressKgError):
    """The ontology and the facts contradict each other; nothing was published."""


class ReasonerError(DressKgError):
    """A reasoner did not end in time, or failed."""

    exit_code = EXIT_SURROUNDINGS


class MissingPartError(DressKgError):
    """An optional part (extra, program) is needed here and absent."""

    exit_code = EXIT_SURROUNDINGS


class WorkerError(DressKgError):
    """A worker process died: the kernel ended it for want of memory, or somebody killed it."""

    exit_code = EXIT_SURROUNDINGS
