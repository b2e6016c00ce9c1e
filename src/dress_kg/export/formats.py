"""One call for all export formats."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from dress_kg.errors import CallError, StoreError
from dress_kg.tables import Tables

if TYPE_CHECKING:
    from pyoxigraph import Quad, Store

FORMATS = ("turtle", "trig", "nquads", "ntriples", "jsonld", "csvw")


def export(source: Store | Path | Iterable[Quad], form: str, out: IO[bytes]) -> None:
    """Write the graph in a format of triples or quads.

    :param source: a store; a file of N-Quads as a build has it, which is read several times as fast as a
        store on disk; or quads (which are loaded into a store).
    :param form: `turtle`, `trig`, `nquads`, `ntriples` or `jsonld`; `csvw` is a folder: `export_tables`.
    :raises CallError: an unknown format.
    """
    from pyoxigraph import Store

    from dress_kg.export import jsonld, quads, statements, turtle

    if form not in FORMATS or form == "csvw":
        raise CallError("unknown export format", value=form, remedy=f"one of {', '.join(FORMATS)}")
    if not isinstance(source, Store | Path) and form in ("nquads", "ntriples"):
        (quads.write_nquads if form == "nquads" else quads.write_ntriples)(source, out)
        return
    given: Store | Path
    if isinstance(source, Store | Path):
        given = source
    else:
        given = Store()
        given.bulk_extend(source)
    if form in ("nquads", "ntriples"):
        lines = statements.quad_lines(given) if form == "nquads" else statements.triple_lines(given)
        quads.write_sorted(lines, out)
        return
    {"turtle": turtle.write_turtle, "trig": turtle.write_trig, "jsonld": jsonld.write_jsonld}[form](
        given, out
    )


def export_tables(tables: Tables, folder: Path) -> None:
    """Write the tidy tables with CSVW metadata into a folder.

    :raises StoreError: the folder cannot be written.
    """
    from dress_kg.export.csvw import write_csvw

    try:
        write_csvw(tables, folder)
    except OSError as error:
        raise StoreError(f"the tables cannot be written ({error})", file=folder) from error
