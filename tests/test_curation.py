"""Curations: read with clear errors, applied with their reason, left alone when their cell has changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dress_kg.errors import CurationError
from dress_kg.interpret.curation import (
    COLUMNS,
    apply_curation,
    check_items,
    is_stale,
    load_curation,
    stale_curations,
)
from dress_kg.records import (
    Basis,
    Cell,
    Curation,
    Direction,
    Evidence,
    Finding,
    FindingKind,
    Row,
    Selection,
    Study,
)
from dress_kg.resources import folder
from tests.reading import agent, gold_strategy, lexicon, read_gold, single

TEXT = "They used it and it went well enough"
LINE = {
    "item": "rituximab-doe-2020",
    "field": "direction",
    "value": "effective",
    "reason": "the tone says so",
    "curator": "A Curator",
    "date": "2026-11-22",
    "cell": "comments",
    "cell_text": TEXT,
}


def _curation(change: dict[str, str] | None = None, line: int | None = None) -> Curation:
    cells = {**LINE, **(change or {})}
    return Curation(
        cells["item"],
        cells["field"],
        cells["value"],
        cells["reason"],
        cells["curator"],
        cells["date"],
        cells["cell"],
        cells["cell_text"],
        line,
    )


def _file(path: Path, *lines: dict[str, str], header: str = "\t".join(COLUMNS)) -> Path:
    body = ["# judgements", header, "", *("\t".join(line.values()) for line in lines)]
    path.write_text("\n".join(body) + "\n", "utf-8")
    return path


def _cell(text: str, joined: str | None = None) -> Cell:
    return Cell("comments", "COMMENTS", text, joined or text, (), ())


def _evidence(text: str = TEXT, joined: str | None = None) -> Evidence:
    finding = Finding(
        FindingKind.OPINION, Direction.CONDITIONAL, (), True, (Selection("comments", 0, 4, text[:4]),)
    )
    return Evidence(
        "x",
        "rituximab-doe-2020",
        Row(1, (1,), None, {"comments": _cell(text, joined)}),
        single("rituximab"),
        (),
        (),
        (),
        None,
        Study(None, None, None, None),
        (finding,),
        Direction.CONDITIONAL,
        Basis.STATED,
        (),
        (),
        (),
        (),
        None,
    )


def test_read_back(tmp_path: Path) -> None:
    (curation,) = load_curation(_file(tmp_path / "a.tsv", LINE))
    assert curation == _curation(line=4)


@pytest.mark.parametrize(
    ("change", "column", "message"),
    [
        ({"field": "dose"}, "field", "no curation can set"),
        ({"value": "works"}, "value", "does not take"),
        ({"field": "finding", "value": "prednisone"}, "value", "does not take"),
        ({"field": "patients", "value": "0"}, "value", "does not take"),
        ({"field": "line_of_therapy", "value": "fourth"}, "value", "does not take"),
        ({"reason": " "}, "reason", "empty"),
        ({"cell_text": ""}, "cell_text", "empty"),
        ({"date": "22.11.2026"}, "date", "not a date"),
    ],
)
def test_a_bad_line_names_its_place(
    tmp_path: Path, change: dict[str, str], column: str, message: str
) -> None:
    path = _file(tmp_path / "a.tsv", LINE, {**LINE, **change})
    with pytest.raises(CurationError, match=message) as caught:
        load_curation(path)
    assert (caught.value.line, caught.value.column, caught.value.file) == (5, column, str(path))
    assert caught.value.remedy


def test_bad_files(tmp_path: Path) -> None:
    with pytest.raises(CurationError, match="cannot be read"):
        load_curation(tmp_path / "absent.tsv")
    with pytest.raises(CurationError, match="header"):
        load_curation(_file(tmp_path / "a.tsv", LINE, header="item\tvalue"))
    short = tmp_path / "b.tsv"
    short.write_text("\t".join(COLUMNS) + "\na\tb\n", "utf-8")
    with pytest.raises(CurationError, match="2 cells"):
        load_curation(short)
    empty = tmp_path / "c.tsv"
    empty.write_text("", "utf-8")
    with pytest.raises(CurationError, match="header"):
        load_curation(empty)
    latin = tmp_path / "d.tsv"
    latin.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CurationError, match="cannot be read"):
        load_curation(latin)


def test_an_item_that_is_not_there() -> None:
    with pytest.raises(CurationError, match="does not have") as caught:
        check_items([_curation(line=7)], ["other-2020"])
    assert caught.value.line == 7


def test_direction_is_set_and_says_why() -> None:
    curated = apply_curation(_evidence(), [_curation()])
    assert (curated.direction, curated.direction_basis) == (Direction.EFFECTIVE, Basis.CURATED)
    first, second = curated.findings
    assert (first.primary, first.basis, first.reason) == (True, Basis.CURATED, "the tone says so")
    assert not second.primary
    assert curated.curations == (_curation(),)
    assert curated.key == "rituximab-doe-2020"


def test_other_fields() -> None:
    values = {
        "finding": "not effective: prednisone + cyclosporine",
        "line_of_therapy": "rescue",
        "culprit": "vancomycin (suspected)",
        "patients": "12",
    }
    lines = [_curation({"field": f, "value": v}) for f, v in values.items()]
    curated = apply_curation(_evidence(), lines, lexicon().resolve)
    made = curated.findings[-1]
    assert {t.label for t in made.targets} == {"prednisone", "cyclosporine"}
    assert (made.direction, made.primary, made.basis) == (Direction.NOT_EFFECTIVE, False, Basis.CURATED)
    assert [(line.value, line.basis) for line in curated.lines_of_therapy] == [("rescue", Basis.CURATED)]
    assert [(c.agent.label, c.suspected, c.basis) for c in curated.culprits] == [
        ("vancomycin", True, Basis.CURATED)
    ]
    assert (curated.study.patients, curated.study.patients_basis) == (12, Basis.CURATED)
    assert len(curated.curations) == 4


def test_an_unknown_agent_is_an_error() -> None:
    line = _curation({"field": "finding", "value": "effective: moonshine"}, line=3)
    with pytest.raises(CurationError, match="names an agent") as caught:
        apply_curation(_evidence(), [line], lexicon().resolve)
    assert (caught.value.line, caught.value.value) == (3, "moonshine")


def test_a_changed_cell_makes_it_stale() -> None:
    line = _curation()
    changed = _evidence("They used it and it went badly")
    assert stale_curations(changed, [line]) == (line,)
    assert apply_curation(changed, [line]) == changed
    assert not is_stale(_evidence(TEXT.replace(" ", "  ")), line)
    assert not is_stale(_evidence("mended", joined=TEXT), line)
    assert stale_curations(replace(changed, key="other"), [line]) == ()


def test_the_shipped_curations_fit_the_table(gold_items: list[dict[str, Any]]) -> None:
    """At most 8, each on words that the table prints; with them nothing of the gold is missing."""
    curations = load_curation(folder("mappings") / "curation" / "dress.tsv")
    assert 0 < len(curations) <= 8
    printed = {item["cells"]["comments"]: item for item in gold_items}
    for curation in curations:
        item = printed[curation.cell_text or ""]
        reading = read_gold(item)
        base = replace(
            _evidence(curation.cell_text or ""),
            key=curation.item,
            strategy=gold_strategy(item),
            findings=reading.findings.findings,
            lines_of_therapy=reading.lines,
            others=reading.others,
        )
        curated = apply_curation(base, curations, lexicon().resolve)
        assert curated.curations == (curation,)
        lines = {line.value for line in curated.lines_of_therapy}
        assert lines == set(item["finding"]["line_of_therapy"])
        for expected in item["finding"]["secondary"]:
            wanted = agent(expected["target"]).id
            assert any(
                f.direction.value == expected["direction"] and wanted in {t.id for t in f.targets}
                for f in curated.findings
            )
