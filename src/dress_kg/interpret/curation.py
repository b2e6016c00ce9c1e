"""Human judgements on a source table, in `mappings/curation/<source>.tsv`, with their reason.

A line says what one item's field should be, why, who decided it when, and on which words. A fact that a
curator
decided has the basis *curated* and carries the reason. A line whose cell reads otherwise by now is stale:
it is
reported and not applied, because nobody has judged the new words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from dress_kg.errors import CurationError
from dress_kg.records import (
    Agent,
    Basis,
    Culprit,
    Curation,
    Direction,
    Evidence,
    Finding,
    FindingKind,
    LineOfTherapy,
    Selection,
)

COLUMNS = ("item", "field", "value", "reason", "curator", "date", "cell", "cell_text")
LINES = ("first-line", "second-line", "third-line", "steroid-sparing", "rescue", "adjunct")
VOICE = "curator"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_KINDS = {
    Direction.RECOMMENDED: FindingKind.RECOMMENDATION,
    Direction.RECOMMENDED_AGAINST: FindingKind.RECOMMENDATION,
    Direction.CONDITIONAL: FindingKind.OPINION,
}


def load_curation(path: Path) -> tuple[Curation, ...]:
    """The curations of a file, in its order.

    The file is an unquoted TSV in UTF-8 with the columns of :data:`COLUMNS`; blank lines and lines that begin
    with `#` are left out.

    :raises CurationError: the file cannot be read, or a line has too few cells, an unknown field, a value
        that
        the field does not take, no reason, or no date; file, line and column are named.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CurationError(
            f"the curation file cannot be read ({error})", file=path, remedy="give an UTF-8 file that exists"
        ) from error
    rows = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip() and line[:1] != "#"]
    if not rows or tuple(rows[0][1].rstrip("\r").split("\t")) != COLUMNS:
        raise CurationError(
            "the header of a curation file is not the one expected",
            file=path,
            line=rows[0][0] if rows else 1,
            value=rows[0][1] if rows else None,
            remedy="use these columns, joined by tabs: " + ", ".join(COLUMNS),
        )
    return tuple(_line(path, number, line.rstrip("\r")) for number, line in rows[1:])


def _line(path: Path, number: int, line: str) -> Curation:
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        raise CurationError(
            f"{len(cells)} cells where {len(COLUMNS)} belong",
            file=path,
            line=number,
            value=line,
            remedy="mend the tabs",
        )
    by_name = dict(zip(COLUMNS, cells, strict=True))
    empty = next((name for name in COLUMNS if not by_name[name].strip()), None)
    if empty is not None:
        raise CurationError(
            "an empty cell", file=path, line=number, column=empty, remedy="a curation needs all its cells"
        )
    if by_name["field"] not in _FIELDS:
        raise CurationError(
            "a field that no curation can set",
            file=path,
            line=number,
            column="field",
            value=by_name["field"],
            remedy="one of " + ", ".join(_FIELDS),
        )
    if not _DATE.fullmatch(by_name["date"]):
        raise CurationError(
            "not a date",
            file=path,
            line=number,
            column="date",
            value=by_name["date"],
            remedy="write it as 2026-01-31",
        )
    takes = _FIELDS[by_name["field"]][0]
    if not takes.fullmatch(by_name["value"]):
        raise CurationError(
            f"a value that {by_name['field']} does not take",
            file=path,
            line=number,
            column="value",
            value=by_name["value"],
            remedy=_FIELDS[by_name["field"]][1],
        )
    return Curation(**by_name, line=number)


def check_items(curations: Iterable[Curation], keys: Iterable[str], *, file: Path | None = None) -> None:
    """Make sure that every curation is on an item of the source.

    :param keys: the item keys of the source.
    :raises CurationError: a curation names an item that the source does not have.
    """
    known = frozenset(keys)
    for curation in curations:
        if curation.item not in known:
            raise CurationError(
                "a curation of an item that the source does not have",
                file=file,
                line=curation.line,
                column="item",
                value=curation.item,
                remedy="correct the key, or take the line out if the row is gone",
            )


def is_stale(evidence: Evidence, curation: Curation) -> bool:
    """Whether the cell that a curation of this item was decided on reads otherwise now.

    White space apart; the text before broken words are mended counts as well as the text after.
    """
    cell = None if curation.cell is None else evidence.row.cells.get(curation.cell)
    if cell is None or curation.cell_text is None:
        return True
    judged = curation.cell_text.split()
    return judged not in (cell.text.split(), cell.joined.split())


def stale_curations(evidence: Evidence, curations: Iterable[Curation]) -> tuple[Curation, ...]:
    """The curations of this item that are not applied because their cell has changed since."""
    return tuple(c for c in curations if c.item == evidence.key and is_stale(evidence, c))


def apply_curation(
    evidence: Evidence,
    curations: Iterable[Curation],
    resolve: Callable[[str], Agent | None] | None = None,
) -> Evidence:
    """The evidence item with the curations of it that are not stale.

    :param resolve: finds an agent by name (`AgentLexicon.resolve`); without it only agents that the row
        names are known.
    :raises CurationError: a curation names an agent that neither the row nor the vocabulary knows.
    """
    for curation in curations:
        if curation.item == evidence.key and not is_stale(evidence, curation):
            applied = _FIELDS[curation.field][2](evidence, curation, resolve)
            evidence = replace(applied, curations=(*applied.curations, curation))
    return evidence


def _selection(evidence: Evidence, curation: Curation) -> Selection:
    field = curation.cell or ""
    text = evidence.row.cells[field].text
    return Selection(field, 0, len(text), text)


def _agent(
    evidence: Evidence, name: str, curation: Curation, resolve: Callable[[str], Agent | None] | None
) -> Agent:
    parts = [*(evidence.strategy.components if evidence.strategy else ()), *evidence.others]
    named = {p.agent.label: p.agent for p in parts}
    named |= {t.label: t for f in evidence.findings for t in f.targets}
    named |= {c.agent.label: c.agent for c in evidence.culprits}
    found = named.get(name) or (None if resolve is None else resolve(name))
    if found is None:
        raise CurationError(
            "a curation names an agent that neither the row nor the vocabulary knows",
            line=curation.line,
            column="value",
            value=name,
            remedy="use a label of ontology/vocab/agents.ttl",
        )
    return found


_Resolve = Callable[[str], Agent | None] | None


def _direction(evidence: Evidence, curation: Curation, resolve: _Resolve) -> Evidence:
    direction = Direction(curation.value)
    others = tuple(replace(f, primary=False) for f in evidence.findings)
    findings: tuple[Finding, ...] = others
    if direction is not Direction.NOT_STATED:
        findings = (_curated(evidence, curation, direction, (), primary=True), *others)
    return replace(evidence, findings=findings, direction=direction, direction_basis=Basis.CURATED)


def _finding(evidence: Evidence, curation: Curation, resolve: _Resolve) -> Evidence:
    value, _, names = curation.value.partition(": ")
    targets = tuple(_agent(evidence, name.strip(), curation, resolve) for name in names.split(" + "))
    made = _curated(evidence, curation, Direction(value), targets, primary=False)
    return replace(evidence, findings=(*evidence.findings, made))


def _curated(
    evidence: Evidence, curation: Curation, direction: Direction, targets: tuple[Agent, ...], *, primary: bool
) -> Finding:
    return Finding(
        _KINDS.get(direction, FindingKind.REPORTED_OUTCOME),
        direction,
        targets,
        primary,
        (_selection(evidence, curation),),
        VOICE,
        hedged=direction is Direction.CONDITIONAL,
        basis=Basis.CURATED,
        reason=curation.reason,
    )


def _line_of_therapy(evidence: Evidence, curation: Curation, resolve: _Resolve) -> Evidence:
    kept = tuple(line for line in evidence.lines_of_therapy if line.value != curation.value)
    made = LineOfTherapy(curation.value, Basis.CURATED, (_selection(evidence, curation),))
    return replace(evidence, lines_of_therapy=(*kept, made))


def _culprit(evidence: Evidence, curation: Curation, resolve: _Resolve) -> Evidence:
    name = curation.value.removesuffix(" (suspected)")
    agent = _agent(evidence, name, curation, resolve)
    kept = tuple(c for c in evidence.culprits if c.agent.id != agent.id)
    made = Culprit(agent, name != curation.value, (_selection(evidence, curation),), Basis.CURATED)
    return replace(evidence, culprits=(*kept, made))


def _patients(evidence: Evidence, curation: Curation, resolve: _Resolve) -> Evidence:
    place = (_selection(evidence, curation),)
    study = replace(
        evidence.study, patients=int(curation.value), patients_basis=Basis.CURATED, patients_selections=place
    )
    return replace(evidence, study=study)


_DIRECTIONS = "|".join(re.escape(d.value) for d in Direction)
_FIELDS: dict[str, tuple[re.Pattern[str], str, Callable[[Evidence, Curation, _Resolve], Evidence]]] = {
    "direction": (
        re.compile(_DIRECTIONS),
        "one of " + ", ".join(d.value for d in Direction),
        _direction,
    ),
    "finding": (
        re.compile(rf"(?:{_DIRECTIONS}): \S.*"),
        "a direction, a colon and agents joined by plus signs: `not effective: prednisone + rituximab`",
        _finding,
    ),
    "line_of_therapy": (re.compile("|".join(LINES)), "one of " + ", ".join(LINES), _line_of_therapy),
    "culprit": (
        re.compile(r"\S.*"),
        "an agent, with ` (suspected)` behind it where it is only that",
        _culprit,
    ),
    "patients": (re.compile(r"[1-9][0-9]{0,6}"), "a number of patients, 1 or more", _patients),
}
