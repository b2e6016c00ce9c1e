"""What a query answers, as terms: the one record between running and rendering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyoxigraph import BlankNode, Literal, NamedNode, Triple

    Term = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a query; just one of the three is there.

    :ivar columns: the variables of a SELECT, in order, without `?`.
    :ivar rows: its rows, a term or None (unbound) for each column.
    :ivar boolean: the answer of an ASK, else None.
    :ivar triples: the triples of a CONSTRUCT or DESCRIBE, else None.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Term | None, ...], ...] = ()
    boolean: bool | None = None
    triples: tuple[Triple, ...] | None = None
