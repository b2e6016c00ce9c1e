"""An answer as bytes: rows as JSON, XML, CSV or TSV, graphs as Turtle, N-Triples or JSON-LD.

Rows are written as the commands write them (`render`); what is added here is XML
(https://www.w3.org/TR/rdf-sparql-XMLres/), which only programs ask for, and graphs in more than one format.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from dress_kg.errors import LimitError, QueryError
from dress_kg.queries import Result
from dress_kg.render import render
from dress_kg.web.negotiation import XML, Format

if TYPE_CHECKING:
    from dress_kg.queries.result import Term

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def body(result: Result, form: Format, largest: int) -> bytes:
    """The whole answer in that format.

    :param largest: bytes that it may have.
    :raises LimitError: it has more.
    :raises QueryError: XML cannot hold one of its characters.
    """
    if result.triples is not None:
        from dress_kg.export.triples import write_triples

        written = write_triples(result.triples, form.name)
    elif form is XML:
        written = _xml(result).encode()
    else:
        written = render(result, form.name).encode()
    if len(written) > largest:
        raise LimitError(
            f"the answer has more than {largest:,} bytes", remedy="ask for less, use LIMIT, or ask for CSV"
        )
    return written


def _xml(result: Result) -> str:
    start = '<?xml version="1.0"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">\n'
    if result.boolean is not None:
        answer = str(result.boolean).lower()
        return f"{start}<head/>\n<boolean>{answer}</boolean>\n</sparql>\n"
    head = "".join(f"<variable name={quoteattr(name)}/>" for name in result.columns)
    rows = "".join(_xml_row(result.columns, row) for row in result.rows)
    return f"{start}<head>{head}</head>\n<results>\n{rows}</results>\n</sparql>\n"


def _xml_row(columns: Sequence[str], row: Sequence[Term | None]) -> str:
    cells = "".join(
        f"<binding name={quoteattr(name)}>{_xml_term(term)}</binding>"
        for name, term in zip(columns, row, strict=True)
        if term is not None
    )
    return f"<result>{cells}</result>\n"


def _xml_term(term: Term) -> str:
    from pyoxigraph import BlankNode, Literal, NamedNode

    if isinstance(term, NamedNode):
        return f"<uri>{_text(term.value)}</uri>"
    if isinstance(term, BlankNode):
        return f"<bnode>{_text(term.value)}</bnode>"
    if not isinstance(term, Literal):
        parts = zip(("subject", "predicate", "object"), term, strict=True)
        return (
            "<triple>" + "".join(f"<{name}>{_xml_term(part)}</{name}>" for name, part in parts) + "</triple>"
        )
    if term.language is not None:
        return f"<literal xml:lang={quoteattr(term.language)}>{_text(term.value)}</literal>"
    if term.datatype.value.endswith("XMLSchema#string"):
        return f"<literal>{_text(term.value)}</literal>"
    return f"<literal datatype={quoteattr(term.datatype.value)}>{_text(term.value)}</literal>"


def _text(value: str) -> str:
    bad = _NOT_XML.search(value)
    if bad:
        raise QueryError("a value holds a character that XML cannot", value=value, remedy="ask for JSON")
    return escape(value, {"\r": "&#13;"})
