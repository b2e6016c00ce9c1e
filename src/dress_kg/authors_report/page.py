"""The report as HTML: no script, no style from elsewhere, nothing that a cell says can run or hide.

One page where all fits, else a first page with the summary and others with the rows (`paging`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from dress_kg.authors_report.model import (
    KINDS,
    MEANINGS,
    SEVERITIES,
    PrintedCell,
    PrintedLine,
    PrintedRow,
    PrintedTable,
    Report,
    place,
)
from dress_kg.authors_report.paging import PAGE_BYTES, Leaf, leaves
from dress_kg.errors import CallError
from dress_kg.visible import SIGNS, number_ranges, template_environment, visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_HERE = Path(__file__).parent


def page(report: Report) -> str:
    """The report as one page, to be written as UTF-8; of a table of many rows those with findings.

    :raises CallError: it does not fit on one page.
    """
    if len(leaves(report)) > 1:
        raise CallError("the report does not fit on one page", remedy="name a file with --out report.html")
    return next(text for _, text in pages(report, "report.html"))


def pages(
    report: Report, name: str, *, whole: bool = False, limit: int = PAGE_BYTES
) -> Iterator[tuple[str, str]]:
    """The pages by file name: `report.html`, and where it does not hold all, `report-2.html` and so on.

    :param name: of the first page. :param whole: also the rows that nothing is said of.
    :param limit: bytes of a page, by estimate.
    """
    all_ = leaves(report, whole=whole, limit=limit)
    names = [name if leaf.number == 1 else _numbered(name, leaf.number) for leaf in all_]
    home = dict.fromkeys((finding.number for finding in report.findings), "")
    for leaf, file in zip(all_, names, strict=True):
        for table in leaf.tables:
            found = [*table.findings, *(each for row in table.rows for each in row.all_findings)]
            home.update((finding.number, file) for finding in found)
    for leaf, file in zip(all_, names, strict=True):
        yield file, _leaf(report, leaf, names, home)


def _numbered(name: str, number: int) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem or suffix}-{number}{dot}{suffix if stem else ''}"


def _leaf(report: Report, leaf: Leaf, names: list[str], home: Mapping[int, str]) -> str:
    """One page: the first has the summary, the legend and the list of pages."""
    here = names[leaf.number - 1]
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    from markupsafe import Markup

    return _environment().get_template("page.html.jinja").render(
        report=report,
        leaf=leaf,
        names=names,
        here=here,
        at={number: "" if file == here else quote(file) for number, file in home.items()},
        start="" if leaf.number == 1 else quote(names[0]),
        style=Markup(style),  # noqa: S704 -- our own file, not data
        style_hash=digest,
        signs=SIGNS,
        meanings=MEANINGS,
        severities=SEVERITIES,
        kinds=KINDS,
    )  # fmt: skip


@cache
def _style() -> str:
    return (_HERE / "page.css").read_text("utf-8")


@cache
def _environment() -> Environment:
    made = template_environment(_HERE)
    made.filters["marked"] = marked
    made.tests["row"] = lambda block: isinstance(block, PrintedRow)
    made.globals.update(numbers=numbers, fits=fits, breadths=breadths)
    return made


def marked(cell: PrintedCell, with_lines: bool) -> Markup:
    """A cell's text: cut where its physical lines end, with the values that findings are about marked.

    :param with_lines: show the number of each physical line.
    """
    from markupsafe import Markup

    text = cell.text
    spans = sorted({span for value in _values(cell) if (span := place(value, text))})
    starts = {piece.start: piece.line for piece in cell.pieces}
    edges = sorted({0, len(text), *starts, *(edge for span in spans for edge in span)})
    parts = [Markup("")]
    for start, end in pairwise(edges):
        if start in starts:
            parts.append(Markup("<br>") if start else Markup(""))
            if with_lines and starts[start] is not None:
                parts.append(Markup('<span class="at" title="line {0}">{0}</span>').format(starts[start]))
        form = "<mark>{}</mark>" if any(a <= start and end <= b for a, b in spans) else "{}"
        parts.append(Markup(form).format(visible(text[start:end])))  # noqa: S704 -- one of two constants
    return Markup("<bdi>{}</bdi>").format(Markup("").join(parts))


def _values(cell: PrintedCell) -> list[str]:
    """The printed values that findings are about, where they are less than the whole cell."""
    return [f.value for f in cell.findings if f.value and f.value.strip() != cell.text.strip()]


def numbers(lines: tuple[int, ...] | tuple[PrintedLine, ...]) -> str:
    """Line numbers, runs as ranges.

    >>> numbers((3, 4, 5, 9))
    '3–5, 9'
    """
    return number_ranges(line.number if isinstance(line, PrintedLine) else line for line in lines)


def fits(row: PrintedRow) -> bool:
    """Whether a row stands on one physical line."""
    return len(row.lines) < 2


def breadths(table: PrintedTable) -> dict[str, str]:
    """How broad each column is to be by what its cells hold: `s`, `m`, or `rest` for the broadest ones."""
    means = {}
    for at, (field, header) in enumerate(table.columns):
        texts = [row.cells[at].text for row in table.rows if row.cells[at].text] or [header]
        means[field] = sum(map(len, texts)) / len(texts)
    classes = {field: "s" if mean < 8 else "m" if mean < 45 else "rest" for field, mean in means.items()}
    # Some columns must be free to take the rest of the width, or the numbers of the lines would.
    broadest = next((each for each in ("rest", "m", "s") if each in classes.values()), "rest")
    return {field: "rest" if each == broadest else each for field, each in classes.items()}
