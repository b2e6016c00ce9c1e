"""A query's answer as text: table, CSV, TSV, JSON or Markdown.

CSV, TSV and JSON follow SPARQL 1.1 Query Results (https://www.w3.org/TR/sparql11-results-csv-tsv/,
https://www.w3.org/TR/sparql11-results-json/). Tables and Markdown are for reading: labels stand in the
place of IRIs, and shortened IRIs where there is no label. Triples of a CONSTRUCT are written as Turtle in
tables and Markdown, and as rows `subject, predicate, object` otherwise.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dress_kg import terms
from dress_kg.errors import CallError
from dress_kg.queries.result import Result

if TYPE_CHECKING:
    from dress_kg.queries.result import Term

FORMATS = ("table", "csv", "tsv", "json", "markdown")
_XSD = terms.PREFIXES["xsd"]
_STRING = _XSD + "string"
_NUMERIC = tuple(_XSD + name for name in ("integer", "decimal", "double"))
_BARE = {
    _XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    _XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    _XSD + "double": re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)[eE][+-]?[0-9]+"),
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_./\-]*[A-Za-z0-9_\-])?")


def render(
    result: Result,
    form: str = "table",
    *,
    labels: Mapping[str, str] | None = None,
    terminal_width: int | None = None,
    neutral: bool = False,
) -> str:
    """The answer as text, with a line end at its end.

    :param form: `table`, `csv`, `tsv`, `json` or `markdown`.
    :param labels: a label by IRI (`queries.labels`): for table and Markdown, and for CSV where given.
    :param terminal_width: columns of the terminal that a table is drawn for; None is plain text, whole.
    :param neutral: in CSV, put `'` before text that a spreadsheet would take for a formula.
    :raises CallError: an unknown format.
    """
    if form not in FORMATS:
        raise CallError("unknown format", value=form, remedy=f"one of {', '.join(FORMATS)}")
    if form == "json":
        return _json(result)
    if result.boolean is not None:
        return _boolean(result.boolean, form)
    if result.triples is not None and form in ("table", "markdown"):
        turtle = _turtle(result)
        return turtle if form == "table" else f"```turtle\n{turtle}```\n"
    columns, rows = _rows(result)
    if form in ("csv", "tsv"):
        return _csv(columns, rows, labels, neutral=neutral) if form == "csv" else _tsv(columns, rows)
    readable = [[shown(term, labels or {}) for term in row] for row in rows]
    if form == "markdown":
        return _markdown(columns, readable)
    return _table(columns, readable, _numeric_columns(columns, rows), terminal_width)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: set[int], width: int | None) -> str:
    return _plain(columns, rows, right) if width is None else _rich(columns, rows, right, width)


def _boolean(answer: bool, form: str) -> str:
    """An ASK's answer; CSV and TSV have no form for it, so a bare xsd:boolean stands there."""
    words = ("no", "yes") if form in ("table", "markdown") else ("false", "true")
    return words[answer] + "\n"


def shown(term: Term | None, labels: Mapping[str, str]) -> str:
    """A term as a reader wants it: its label, else a short IRI; a literal's text; nothing for unbound."""
    from pyoxigraph import BlankNode, Literal, NamedNode

    if term is None:
        return ""
    if isinstance(term, NamedNode):
        return labels.get(term.value) or curie(term.value)
    if isinstance(term, Literal):
        return term.value
    return f"_:{term.value}" if isinstance(term, BlankNode) else str(term)


def curie(iri: str) -> str:
    """The IRI with our prefix where it has one of ours and a plain local part, else the IRI.

    >>> curie("https://w3id.org/dress-kg/ontology#EvidenceItem")
    'dk:EvidenceItem'
    >>> curie("https://w3id.org/dress-kg/vocab/direction/mixed")
    'dkv:direction/mixed'
    >>> curie("https://example.org/a b")
    'https://example.org/a b'
    """
    fitting = [(base, prefix) for prefix, base in terms.PREFIXES.items() if iri.startswith(base)]
    if fitting:
        base, prefix = max(fitting, key=lambda pair: len(pair[0]))
        local = iri[len(base) :]
        if _LOCAL.fullmatch(local):
            return f"{prefix}:{local}"
    return iri


def _rows(result: Result) -> tuple[Sequence[str], Sequence[Sequence[Term | None]]]:
    if result.triples is None:
        return result.columns, result.rows
    rows = sorted(((t.subject, t.predicate, t.object) for t in result.triples), key=str)
    return ("subject", "predicate", "object"), rows


def _numeric_columns(columns: Sequence[str], rows: Sequence[Sequence[Term | None]]) -> set[int]:
    """Columns whose values are all numbers: they are aligned at the right."""
    found = set()
    for index in range(len(columns)):
        types = {getattr(getattr(row[index], "datatype", None), "value", "") for row in rows if row[index]}
        if types and types <= set(_NUMERIC):
            found.add(index)
    return found


def _csv(
    columns: Sequence[str], rows: Sequence[Sequence[Term | None]], labels: Mapping[str, str] | None,
    *, neutral: bool,
) -> str:  # fmt: skip
    from pyoxigraph import BlankNode, Literal, NamedNode

    def text(term: Term | None) -> str:
        if term is None:
            return ""
        if isinstance(term, NamedNode):
            value = (labels or {}).get(term.value) or term.value
        else:
            value = f"_:{term.value}" if isinstance(term, BlankNode) else getattr(term, "value", str(term))
        number = isinstance(term, Literal) and term.datatype.value in _NUMERIC
        return "'" + value if neutral and not number and value.startswith(_FORMULA) else value

    lines = [",".join(map(quoted, columns))]
    lines += [",".join(quoted(text(term)) for term in row) for row in rows]
    return "".join(line + "\r\n" for line in lines)


def quoted(field: str) -> str:
    r"""A CSV field, quoted only where it must be (RFC 4180).

    >>> quoted('say "no", twice'), quoted("plain")
    ('"say ""no"", twice"', 'plain')
    """
    return '"' + field.replace('"', '""') + '"' if re.search('[",\r\n]', field) else field


def _tsv(columns: Sequence[str], rows: Sequence[Sequence[Term | None]]) -> str:
    lines = ["\t".join("?" + name for name in columns)]
    lines += ["\t".join("" if term is None else _turtle_term(term) for term in row) for row in rows]
    return "".join(line + "\n" for line in lines)


def _turtle_term(term: Term) -> str:
    """A term in Turtle syntax; numbers bare where their lexical form allows it."""
    from pyoxigraph import Literal

    if isinstance(term, Literal):
        bare = _BARE.get(term.datatype.value)
        if bare and bare.fullmatch(term.value):
            return term.value
    return str(term).replace("\t", "\\t")


def _json(result: Result) -> str:
    if result.boolean is not None:
        document: dict[str, Any] = {"head": {}, "boolean": result.boolean}
    else:
        columns, rows = _rows(result)
        document = {
            "head": {"vars": list(columns)},
            "results": {
                "bindings": [
                    {
                        name: _json_term(term)
                        for name, term in zip(columns, row, strict=True)
                        if term is not None
                    }
                    for row in rows
                ]
            },
        }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _json_term(term: Term) -> dict[str, Any]:
    from pyoxigraph import BlankNode, Literal, NamedNode

    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if not isinstance(term, Literal):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: _json_term(part) for name, part in parts.items()}}
    if term.language is not None:
        return {"type": "literal", "value": term.value, "xml:lang": term.language}
    if term.datatype.value == _STRING:
        return {"type": "literal", "value": term.value}
    return {"type": "literal", "value": term.value, "datatype": term.datatype.value}


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join("| " + " | ".join(map(_markdown_cell, line)) + " |\n" for line in lines)


def _markdown_cell(text: str) -> str:
    escaped = re.sub(r"([\\`*_\[\]|])", r"\\\1", text) if text != "---" else text
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace("\r", " ").replace("\n", " ")


def _plain(columns: Sequence[str], rows: Sequence[Sequence[str]], right: set[int]) -> str:
    cells = [[_one_line(text) for text in line] for line in (columns, *rows)]
    widths = [max(_width(line[index]) for line in cells) for index in range(len(columns))]
    cells.insert(1, ["-" * width for width in widths])
    return "".join(
        "  ".join(_padded(text, widths[index], index in right) for index, text in enumerate(line)).rstrip()
        + "\n"
        for line in cells
    )


def _one_line(text: str) -> str:
    """The text without line ends and control characters, which could redraw a terminal."""
    plain = "".join(
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character for character in text
    )
    return " ".join(plain.split(" ")).strip()


def _width(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) != 0 for character in text)


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space


def _rich(columns: Sequence[str], rows: Sequence[Sequence[str]], right: set[int], width: int) -> str:
    """A drawn table; a table too wide for the terminal becomes one block of lines a row."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if len(columns) * 12 > width:
        return _blocks(columns, rows)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for index, name in enumerate(columns):
        table.add_column(Text(name), justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_one_line(text)) for text in row))
    console = Console(width=width, force_terminal=True, highlight=False)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def _blocks(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Each row as a block `column  value`, empty values left out; for rows too wide for a table."""
    widest = max(map(len, columns), default=0)
    blocks = (
        "".join(
            f"{name.ljust(widest)}  {_one_line(text)}\n"
            for name, text in zip(columns, row, strict=True)
            if text
        )
        for row in rows
    )
    return "\n".join(blocks)


def _turtle(result: Result) -> str:
    from dress_kg.export.turtle import turtle_of_triples

    return turtle_of_triples(result.triples or ()).decode("utf-8")
