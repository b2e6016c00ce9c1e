"""The review queue: written, filled in, taken back; faults named by row and column, nothing half written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from dress_kg.errors import CallError, CurationError, StoreError, ValidationError
from dress_kg.interpret.curation import COLUMNS, load_curation
from dress_kg.interpret.item import Interpreter
from dress_kg.pipeline import make_graph
from dress_kg.records import Basis, Curation, Direction
from dress_kg.resources import folder
from dress_kg.results import Graph, Source
from dress_kg.review.decide import Decided, decide
from dress_kg.review.desk import take_review, write_review
from dress_kg.review.entry import Decision, Entry, Why
from dress_kg.review.filled import Filled, read_queue
from dress_kg.review.keep import prepared
from dress_kg.review.queue import queue
from dress_kg.review.sheet import INPUTS, SHEET, WIDTHS, write_queue

HEADERS = tuple(WIDTHS)
SIGNED = {"Reason": "read it in the paper", "Curator": "A. Curator", "Date": "2026-11-22"}


@cache
def graph() -> Graph:
    """The DRESS table, read once."""
    return make_graph(("dress",))


@cache
def built() -> tuple[Source, tuple[Entry, ...]]:
    """The source, and its queue."""
    source = graph().sources[0]
    return source, queue(source.evidence, graph().report.results, source.stale)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "queue.xlsx"
    write_queue(built()[1], path, "the table")
    return path


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "decisions.tsv"


def fill(path: Path, answers: dict[int, dict[str, Any]]) -> None:
    """Write answers into the rows of a queue, as a curator would."""
    book = load_workbook(path)
    sheet = book[SHEET]
    for row, cells in answers.items():
        for column, value in {**SIGNED, **cells}.items():
            sheet.cell(row, HEADERS.index(column) + 1).value = value
    book.save(path)


def row_of(test: Callable[[Entry], bool]) -> int:
    """The sheet's row of the first entry of that kind."""
    return next(number for number, entry in enumerate(built()[1], 2) if test(entry))


def is_rescue(entry: Entry) -> bool:
    return entry.field == "line_of_therapy"


def is_flag(entry: Entry) -> bool:
    return entry.field == "flag" and entry.about == "dose-implausible"


def test_the_queue_holds_what_should_be_looked_at() -> None:
    source, entries = built()
    counted = Counter(entry.why for entry in entries)
    inferred = sum(line.basis is Basis.INFERRED for item in source.evidence for line in item.lines_of_therapy)
    assert sum(map(is_rescue, entries)) == inferred > 10
    assert counted[Why.FLAGGED] == len(graph().report.warnings) == 34
    assert counted[Why.UNREAD] > 10
    assert len({entry.check for entry in entries}) == len(entries)
    for entry in entries:
        assert entry.text.strip()
        assert entry.item in {item.key for item in source.evidence}
        assert entry.lines


def test_the_sheet_is_made_to_be_filled_in(written: Path) -> None:
    sheet = load_workbook(written)[SHEET]
    assert sheet.freeze_panes == "B2"
    assert sheet.protection.sheet
    for column, name in enumerate(HEADERS, 1):
        assert sheet.cell(1, column).value == name
        assert sheet.cell(2, column).protection.locked is (name not in INPUTS)
    lists = [each.formula1 for each in sheet.data_validations.dataValidation]
    assert len(lists) >= 5
    shown = {cell.value for row in load_workbook(written)["Lists"].iter_rows() for cell in row}
    assert {*Decision, *Direction} <= shown


def test_nothing_in_a_sheet_runs(tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://x","y")'
    entry = Entry("a-2020", (3,), Why.UNREAD, "drug", "+D", evil, evil, "?", "unread", None, evil, "@x\n=y")
    for name in ("q.xlsx", "q.tsv"):
        path = tmp_path / name
        write_queue((entry,), path, evil)
        (row,) = read_queue(path)
        assert row["Printed"] == row["Words"] == evil  # read back without the apostrophe
        assert row["Check"] == entry.check
    book = load_workbook(tmp_path / "q.xlsx")
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert "\t=" not in (tmp_path / "q.tsv").read_text("utf-8")


@pytest.mark.parametrize("suffix", [".xlsx", ".tsv"])
def test_an_untouched_queue_comes_back_as_it_was(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"queue{suffix}"
    entries = write_review("dress", path)
    rows = read_queue(path)
    assert [row["Check"] for row in rows] == [entry.check for entry in entries]
    own_file = tmp_path / "d.tsv"
    taken = take_review("dress", path, curation=own_file)
    assert taken.undecided == len(entries)
    assert load_curation(own_file) == ()


def test_accepted_corrected_rejected(written: Path, own: Path) -> None:
    """Each decision has the effect it says, with its own provenance, and is not asked again."""
    entries = built()[1]
    accept = row_of(is_rescue)
    correct = next(n for n, e in enumerate(entries, 2) if is_rescue(e) and n > accept)
    reject = next(n for n, e in enumerate(entries, 2) if e.field == "culprit")
    role = row_of(lambda e: e.field == "role")
    flag = row_of(is_flag)
    unread = row_of(lambda e: e.field == "unread")
    fill(
        written,
        {
            accept: {"Decision": "accept", "Reason": None},
            correct: {"Decision": "Correct", "Value": "third-line"},
            reject: {"Decision": "reject"},
            role: {"Decision": "correct", "Value": "mentioned"},
            flag: {"Decision": "correct", "Other field": "step.1.unit", "Value": "g/kg"},
            unread: {"Decision": "correct", "Other field": "population", "Value": "adults"},
        },
    )
    taken = take_review("dress", written, curation=own)
    assert (taken.kept.added, taken.stale, taken.undecided) == (9, (), len(entries) - 6)
    after = make_graph(("dress",), curation=own)
    now = {item.key: item for item in after.sources[0].evidence}

    def entry(row: int) -> Entry:
        return entries[row - 2]

    lines = {each.value: each.basis for each in now[entry(accept).item].lines_of_therapy}
    assert lines[entry(accept).read or ""] is Basis.CURATED
    lines = {each.value: each.basis for each in now[entry(correct).item].lines_of_therapy}
    assert lines["third-line"] is Basis.CURATED
    assert entry(correct).read not in lines
    gone = (entry(reject).read or "").removesuffix(" (suspected)")
    assert gone not in {each.agent.label for each in now[entry(reject).item].culprits}
    item = now[entry(role).item]
    parts = [*(item.strategy.components if item.strategy else ()), *item.others]
    assert {p.role for p in parts if p.agent.label == entry(role).about} == {"mentioned"}
    assert now[entry(flag).item].steps[0].unit == "g/kg"
    decided = {
        (row["item"] or "").rpartition("/")[2]: row["position"]
        for row in after.tables["regimen_step"]
        if (row["basis"] or "").endswith("/basis/curated")
    }
    assert decided == {entry(flag).item: "1"}
    assert "adults" in {label for label, _ in now[entry(unread).item].study.population}
    made = now[entry(role).item].curations[-1]
    assert (made.reason, made.curator, made.date) == tuple(SIGNED.values())
    again = queue(tuple(now.values()), after.report.results)
    asked = {(e.item, e.field, e.about, e.read) for e in again}
    for row in (accept, correct, reject, role, flag, unread):
        assert (entry(row).item, entry(row).field, entry(row).about, entry(row).read) not in asked


def curation(value: str, cell: str = "dose") -> Curation:
    return Curation("a-2020", "flag", value, "a reason", "A. Curator", "2026-11-22", cell, "4 mg")


def test_keeping_twice_adds_nothing(own: Path) -> None:
    for added, unchanged in ((1, 0), (0, 1)):
        with prepared(own, [curation("dose-implausible: confirmed")]) as (_, kept):
            assert (kept.added, kept.unchanged, kept.replaced) == (added, unchanged, 0)
    assert [each.value for each in load_curation(own)] == ["dose-implausible: confirmed"]


def test_a_later_decision_takes_the_place_of_an_older_one(own: Path) -> None:
    with prepared(own, [curation("dose-implausible: confirmed"), curation("word-split: confirmed")]):
        pass
    own.write_text("# kept\n" + own.read_text("utf-8"), "utf-8")
    changed = [curation("dose-implausible: no fault"), curation("dose-implausible: confirmed", "comments")]
    with prepared(own, changed, dropped=[curation("word-split: confirmed")]) as (_, kept):
        assert (kept.added, kept.replaced, kept.dropped) == (1, 1, 1)
    assert {(each.value, each.cell) for each in load_curation(own)} == {
        ("dose-implausible: no fault", "dose"),
        ("dose-implausible: confirmed", "comments"),
    }
    assert own.read_text("utf-8").startswith("# kept\n")


def test_what_fails_on_the_way_leaves_the_file(own: Path) -> None:
    own.write_text("\t".join(COLUMNS) + "\n", "utf-8")
    before = own.read_bytes()
    with pytest.raises(ValidationError), prepared(own, [curation("word-split: confirmed")]):
        raise ValidationError("on the way")
    assert own.read_bytes() == before
    assert list(own.parent.iterdir()) == [own]
    with pytest.raises(StoreError, match="cannot be written"), prepared(own / "x.tsv", []):
        pass


FAULTS: list[tuple[Callable[[Entry], bool], dict[str, str | None], str, str]] = [
    (is_rescue, {"Decision": "maybe"}, "Decision", "no such decision"),
    (is_rescue, {"Decision": None, "Value": "rescue"}, "Decision", "no decision"),
    (is_rescue, {"Decision": "correct"}, "Value", "without a value"),
    (is_rescue, {"Decision": "correct", "Value": "fourth"}, "Value", "does not take"),
    (is_rescue, {"Decision": "accept", "Value": "adjunct"}, "Value", "accept does not take"),
    (is_rescue, {"Decision": "accept", "Other field": "patients"}, "Other field", "accept does not take"),
    (is_rescue, {"Decision": "correct", "Other field": "mood", "Value": "x"}, "Other field", "no curation"),
    (is_rescue, {"Decision": "reject", "Reason": None}, "Reason", "no reason"),
    (is_rescue, {"Decision": "accept", "Curator": None}, "Curator", "nobody has signed"),
    (is_rescue, {"Decision": "accept", "Date": None}, "Date", "no date"),
    (is_rescue, {"Decision": "accept", "Date": "22/11/26"}, "Date", "not a date"),
    (is_rescue, {"Decision": "accept", "Date": "2026-02-30"}, "Date", "not a date"),
    (is_rescue, {"Decision": "accept", "Date": "2999-01-01"}, "Date", "has not come"),
    (is_rescue, {"Decision": "accept", "Read": "adjunct"}, "Check", "have been changed"),
    (is_rescue, {"Decision": "accept", "Item": "x-2020"}, "Check", "have been changed"),
    (is_flag, {"Decision": "correct", "Value": "5"}, "Other field", "is not said"),
    (is_flag, {"Decision": "correct", "Other field": "step.9.low", "Value": "5"}, "Value", "no dose"),
    (is_flag, {"Decision": "correct", "Other field": "step.1.amount", "Value": "5-2"}, "Value", "reversed"),
    (is_flag, {"Decision": "correct", "Other field": "finding", "Value": "mixed: rum"}, "Value", "an agent"),
    (lambda e: e.field == "role", {"Decision": "reject"}, "Decision", "cannot be left"),
]  # fmt: skip


def decided(rows: tuple[Filled, ...]) -> Decided:
    source = built()[0]
    resolve = Interpreter.of(source.profile).agents.resolve
    return decide(rows, {item.key: item for item in source.evidence}, resolve)


def answered(rows: tuple[Filled, ...], answers: dict[int, dict[str, str | None]]) -> tuple[Filled, ...]:
    """The rows with these answers, as they would be read."""
    return tuple(
        Filled(
            row.number, {**row.cells, **{k: v or "" for k, v in {**SIGNED, **answers[row.number]}.items()}}
        )
        for row in rows
        if row.number in answers
    )


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> tuple[Filled, ...]:
    path = tmp_path_factory.mktemp("queue") / "queue.tsv"
    write_queue(built()[1], path, "the table")
    return read_queue(path)


@pytest.mark.parametrize(("test", "cells", "column", "message"), FAULTS)
def test_every_fault_names_its_cell(
    rows: tuple[Filled, ...],
    test: Callable[[Entry], bool],
    cells: dict[str, str | None],
    column: str,
    message: str,
) -> None:
    row = row_of(test)
    found = decided(answered(rows, {row: cells}))
    (fault,) = found.faults
    assert (fault.row, fault.column) == (row, column), fault
    assert message in fault.message
    assert fault.remedy
    assert found.curations == ()


def test_two_rows_that_disagree(rows: tuple[Filled, ...]) -> None:
    entries = built()[1]
    item = Counter(e.item for e in entries if e.field == "flag").most_common(1)[0][0]
    first, second = [n for n, e in enumerate(entries, 2) if e.item == item and e.field == "flag"][:2]
    change = {"Decision": "correct", "Other field": "patients"}
    found = decided(answered(rows, {first: {**change, "Value": "2"}, second: {**change, "Value": "3"}}))
    (fault,) = found.faults
    assert fault.row == second
    assert f"row {first} decides the same otherwise" in fault.message


def test_with_one_fault_nothing_is_taken(written: Path, own: Path) -> None:
    good, bad = [n for n, e in enumerate(built()[1], 2) if is_rescue(e)][:2]
    fill(written, {good: {"Decision": "accept"}, bad: {"Decision": "perhaps"}})
    with pytest.raises(CurationError, match="nothing was taken") as caught:
        take_review("dress", written, curation=own)
    assert f"row {bad}, column Decision: no such decision: 'perhaps'" in str(caught.value)
    assert not own.exists()


def test_what_the_gate_refuses_is_not_taken(written: Path, own: Path) -> None:
    """A decision that breaks a shape stops before the file is touched."""
    own.write_text("\t".join(COLUMNS) + "\n", "utf-8")
    row = row_of(is_flag)
    fill(written, {row: {"Decision": "correct", "Other field": "step.1.unit", "Value": "not stated"}})
    with pytest.raises(ValidationError, match="amount-without-unit") as caught:
        take_review("dress", written, curation=own)
    assert f"row {row}" in str(caught.value)
    assert own.read_text("utf-8") == "\t".join(COLUMNS) + "\n"
    assert [path.name for path in own.parent.iterdir() if path.name.startswith(".")] == []


@pytest.fixture
def other_table(tmp_path: Path) -> tuple[Path, Path, Entry, int]:
    """The DRESS table with one more word in a cell that the queue asks about."""
    row = row_of(is_rescue)
    entry = built()[1][row - 2]
    table = tmp_path / "table.tsv"
    text = (folder("data") / "dress-treatment-evidence.tsv").read_text("utf-8")
    words = (entry.words or "").split(" … ")[0]
    assert words in text
    lines = text.split("\n")
    at = entry.lines[0] - 1
    lines[at] = lines[at].replace(words, f"{words} reportedly", 1)
    table.write_text("\n".join(lines), "utf-8")
    return table, tmp_path, entry, row


def test_stale_before_and_after(other_table: tuple[Path, Path, Entry, int], written: Path, own: Path) -> None:
    """Changed since the queue: not taken. Changed since it was taken: asked again, and settled there."""
    table, tmp_path, entry, row = other_table
    fill(written, {row: {"Decision": "accept"}})
    taken = take_review("dress", written, source=table, curation=own)
    assert [stale.number for stale in taken.stale] == [row]
    assert load_curation(own) == ()

    take_review("dress", written, curation=own)
    again = tmp_path / "again.xlsx"
    entries = write_review("dress", again, source=table, curation=own)
    (asked,) = [n for n, e in enumerate(entries, 2) if e.why is Why.STALE]
    assert (entries[asked - 2].item, entries[asked - 2].read) == (entry.item, entry.read)
    assert entries[asked - 2].text != entry.text
    fill(again, {asked: {"Decision": "accept"}})
    taken = take_review("dress", again, source=table, curation=own)
    assert taken.kept.replaced == 1
    assert "reportedly" in (load_curation(own)[0].cell_text or "")


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"\.xlsx or a \.tsv"):
        write_review("dress", tmp_path / "queue.ods")
    with pytest.raises(CallError, match=r"\.xlsx or a \.tsv"):
        read_queue(tmp_path / "queue.pdf")
    book = Workbook()
    sheet = book.create_sheet(SHEET)
    sheet.append(["Item", "Decision"])
    sheet.append(["a", "accept"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(CurationError, match="lacks a column"):
        read_queue(tmp_path / "a.xlsx")
