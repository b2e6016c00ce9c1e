"""XLSX: what the sheet shows is read; what could exhaust the reader is refused with sheet and cell."""

from __future__ import annotations

import datetime
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from dress_kg.errors import CallError, SourceError
from dress_kg.readers import read_file
from dress_kg.readers.grid import Span
from dress_kg.readers.xlsx import xlsx_grid
from tests.conftest import ROOT

openpyxl = pytest.importorskip("openpyxl", reason="the extra `xlsx` is not installed")

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPE}worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPE}sharedStrings+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}styles+xml"/></Types>'
    ),
    "xl/workbook.xml": (
        f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Table 1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
    "xl/sharedStrings.xml": f"<sst {MAIN}><si><t>Drug</t></si></sst>",
    "xl/styles.xml": f"<styleSheet {MAIN}/>",
}


def packed(folder: Path, sheet: str, **parts: str) -> Path:
    """A workbook of one sheet with this sheetData, and other parts in place of the usual ones."""
    path = folder / "made.xlsx"
    body = sheet if sheet.startswith("<worksheet") else f"<worksheet {MAIN}>{sheet}</worksheet>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**PARTS, "xl/worksheets/sheet1.xml": body, **parts}.items():
            archive.writestr(name, text)
    return path


def rows(*cells: str) -> str:
    return f"<sheetData><row r='1'>{''.join(cells)}</row></sheetData>"


def saved(folder: Path, values: list[list[Any]], formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    for row in values:
        book.active.append(row)
    for address, number_format in (formats or {}).items():
        book.active[address].number_format = number_format
    path = folder / "saved.xlsx"
    book.save(path)
    return path


def test_values_are_read_as_the_cell_shows_them(tmp_path: Path) -> None:
    values: list[list[Any]] = [
        ["Drug", "Dose", "Share", "When", "Level"],
        ["IVIG", 2.0, 0.125, datetime.datetime(2020, 4, 3), datetime.datetime(2020, 4, 3)],
        ["a\nb", 0.1 + 0.2, 0.5, datetime.datetime(2020, 4, 3, 13, 5), True],
        [None, 40, 123456789012345, datetime.time(9, 5), -1.5],
        ["#N/A", 1e-7, 1200, datetime.timedelta(hours=30), "03"],
    ]
    path = saved(
        tmp_path,
        values,
        {
            "B4": '0.0" mg"',
            "C2": "0.0%",
            "C5": "#,##0",
            "D2": "mm-dd-yy",
            "E2": "d-mmm",
            "D3": "mm-dd-yy h:mm",
        },
    )
    assert [line.cells for line in read_file(path)] == [
        ("Drug", "Dose", "Share", "When", "Level"),
        ("IVIG", "2", "12.5%", "2020-04-03", "3-Apr"),
        ("a\nb", "0.3", "0.5", "2020-04-03 13:05:00", "TRUE"),
        ("", "40.0 mg", "123456789012345", "9:05:00", "-1.5"),
        ("#N/A", "0.0000001", "1,200", "30:00:00", "03"),
    ]
    assert read_file(path)[2].text.startswith("a b\t0.3")


def test_row_numbers_are_those_of_the_sheet(tmp_path: Path) -> None:
    path = saved(tmp_path, [[], [], ["Drug", "Dose"], [], ["IVIG", 1]])
    lines = read_file(path)
    assert [(line.number, line.cells) for line in lines] == [
        (1, ("", "")),
        (2, ("", "")),
        (3, ("Drug", "Dose")),
        (4, ("", "")),
        (5, ("IVIG", "1")),
    ]


def test_merged_cells_have_their_value_first_and_can_be_filled(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["Table 1. Doses", None, None, None],
        ["Drug", "Outcome", None, "n"],
        [None, "p", "OR", None],
        ["IVIG", 0.1, 2, 5],
        [None, 0.2, 3, 6],
        ["STEROIDS", None, None, None],
    ):
        book.active.append(row)
    for merged in ("A1:D1", "A2:A3", "B2:C2", "D2:D3", "A4:A5", "A6:D6"):
        book.active.merge_cells(merged)
    path = tmp_path / "merged.xlsx"
    book.save(path)
    grid = xlsx_grid(path)
    assert grid.lines[1].cells == ("Drug", "Outcome", "", "n")
    assert grid.spans[:3] == (Span(1, 1, 1, 4), Span(2, 1, 2, 1), Span(2, 2, 1, 2))
    assert grid.header_rows == 3
    assert [line.cells for line in read_file(path, fill=True)] == [
        ("Table 1. Doses", "", "", ""),
        ("Drug", "Outcome", "Outcome", "n"),
        ("", "p", "OR", ""),
        ("IVIG", "0.1", "2", "5"),
        ("IVIG", "0.2", "3", "6"),
        ("STEROIDS", "", "", ""),
    ]


def test_a_value_hidden_under_merged_cells_is_refused(tmp_path: Path) -> None:
    sheet = (
        "<sheetData><row r='1'><c r='A1'><v>1</v></c><c r='B1'><v>2</v></c></row></sheetData>"
        "<mergeCells><mergeCell ref='A1:B1'/></mergeCells>"
    )
    with pytest.raises(SourceError, match="cell B1: a value hidden under merged cells"):
        read_file(packed(tmp_path, sheet))


def test_sheets_are_chosen_by_name_and_listed(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active["A1"] = "Read me"
    table = book.create_sheet("Table 2")
    table.append(["Drug", "Dose"])
    book.create_sheet("Empty")
    path = tmp_path / "sheets.xlsx"
    book.save(path)
    assert read_file(path, sheet="Table 2")[0].cells == ("Drug", "Dose")
    with pytest.raises(SourceError, match="2 sheets hold something and none is named") as several:
        read_file(path)
    assert "'Notes', 'Table 2'" in str(several.value.remedy)
    with pytest.raises(CallError, match="no such sheet") as absent:
        read_file(path, sheet="Table 3")
    assert "'Notes', 'Table 2', 'Empty'" in str(absent.value.remedy)
    with pytest.raises(SourceError, match="'Empty': the sheet is empty"):
        read_file(path, sheet="Empty")
    del book["Notes"]
    book.save(path)
    assert read_file(path)[0].cells == ("Drug", "Dose")


def test_a_formula_without_a_stored_value_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, [["Drug", "Dose"], ["IVIG", "=1+1"]])
    with pytest.raises(
        SourceError, match="sheet 'Sheet', cell B2: a formula without a stored value"
    ) as caught:
        read_file(path)
    error = caught.value
    assert (error.file, error.line, error.column, error.value) == (str(path), 2, "B", "=1+1")


def test_stored_values_of_formulas_are_read(tmp_path: Path) -> None:
    cells = rows(
        "<c r='A1' t='str'><f>B1&amp;\"x\"</f><v>2x</v></c>",
        "<c r='B1'><f>1+1</f><v>2</v></c>",
        "<c r='C1' t='str'><f>\"\"</f><v></v></c>",
        "<c r='D1' t='e'><f>1/0</f><v>#DIV/0!</v></c>",
        "<c r='E1' t='inlineStr'><is><r><t>5 mg</t></r><r><t>/m2</t></r></is></c>",
    )
    assert read_file(packed(tmp_path, cells))[0].cells == ("2x", "2", "", "#DIV/0!", "5 mg/m2")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["<c r='A1'><v>1</v></c>", "<c r='XFD1'><v>1</v></c>"], "cell XFD1: a lone cell far from the table"),
        (["<c r='A1'><v>1</v></c>", "<c r='DA1'><v>1</v></c>"], "cell DA1: a lone cell far from the table"),
        (
            ["<c r='B1'><v>1</v></c>", "<c r='A1'><v>1</v></c>"],
            "cell A1: the cells of a row are not in order",
        ),
        (["<c r='A7'><v>1</v></c>"], "cell A7: a cell with an address that does not fit its row"),
        (["<c r='1A'><v>1</v></c>"], "address that does not fit"),
        (["<c r='A1' t='s'><v>99</v></c>"], "row 1 cannot be read"),
        (["<c r='A1'><v>abc</v></c>"], "row 1 cannot be read"),
        (
            ["<c r='A1' t='inlineStr'><is><t>" + "a" * 1_000_000 + "</t></is></c>"],
            "cell A1: a cell of 1,000,000",
        ),
        (["<c r='A1'><v>1</c>"], "damaged XML"),
    ],
)
def test_sheets_that_make_no_sense_are_refused(tmp_path: Path, cells: list[str], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_file(packed(tmp_path, rows(*cells)))


def test_a_far_corner_cell_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "Drug"
    book.active["XFD1048576"] = "here"
    path = tmp_path / "corner.xlsx"
    book.save(path)
    assert path.stat().st_size < 10_000
    with pytest.raises(SourceError, match="cell XFD1048576: a lone cell far from the table") as caught:
        read_file(path)
    assert (caught.value.line, caught.value.column) == (1048576, "XFD")


def test_a_shared_text_of_a_million_characters_is_refused_where_it_is_used(tmp_path: Path) -> None:
    strings = f"<sst {MAIN}><si><t>Drug</t></si><si><t>{'a' * 1_000_000}</t></si></sst>"
    cells = rows("<c r='A1' t='s'><v>0</v></c>", "<c r='B1' t='s'><v>1</v></c>")
    with pytest.raises(SourceError, match="cell B1: a cell of 1,000,000 characters"):
        read_file(packed(tmp_path, cells, **{"xl/sharedStrings.xml": strings}))


def test_one_text_used_a_million_times_is_refused(tmp_path: Path) -> None:
    strings = f"<sst {MAIN}><si><t>{'a' * 100_000}</t></si></sst>"
    many = "".join(
        f"<row r='{row}'>" + "<c t='s'><v>0</v></c>" * 50 + "</row>" for row in range(1, 101)
    )  # 500 million characters out of 20 kB
    path = packed(tmp_path, f"<sheetData>{many}</sheetData>", **{"xl/sharedStrings.xml": strings})
    with pytest.raises(SourceError, match="more than 134,217,728 characters"):
        read_file(path)


def test_a_number_that_is_no_date_is_refused_in_a_date_format(tmp_path: Path) -> None:
    styles = (
        f"<styleSheet {MAIN}><cellXfs count='2'><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>"
    )
    cells = rows("<c r='A1' s='1'><v>99999999</v></c>")
    with pytest.raises(SourceError, match="marked as a date"):
        read_file(packed(tmp_path, cells, **{"xl/styles.xml": styles}))


def test_entities_and_strict_workbooks_are_refused(tmp_path: Path) -> None:
    laughing = f"<!DOCTYPE sst [<!ENTITY a 'ha'>]><sst {MAIN}><si><t>&a;</t></si></sst>"
    cells = rows("<c r='A1'><v>1</v></c>")
    with pytest.raises(SourceError, match="document type declaration") as caught:
        read_file(packed(tmp_path, cells, **{"xl/sharedStrings.xml": laughing}))
    assert caught.value.value == "xl/sharedStrings.xml"
    strict = "<worksheet xmlns='http://purl.oclc.org/ooxml/spreadsheetml/main'/>"
    with pytest.raises(SourceError, match="not in the usual XLSX form"):
        read_file(packed(tmp_path, strict))


def bomb(folder: Path, megabytes: int, name: str = "xl/worksheets/sheet1.xml") -> Path:
    """A real bomb: one part of so many megabytes of a single letter, a thousandth of that on disk."""
    path = packed(folder, rows("<c r='A1'><v>1</v></c>"))
    with zipfile.ZipFile(path) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist() if entry != name}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in parts.items():
            archive.writestr(entry, data)
        with archive.open(name, "w", force_zip64=True) as part:
            part.write(f"<worksheet {MAIN}><sheetData><row><c t='inlineStr'><is><t>".encode())
            for _ in range(megabytes):
                part.write(b"a" * 2**20)
            part.write(b"</t></is></c></row></sheetData></worksheet>")
    return path


READ_IN_256_MB = """
import resource, sys
from pathlib import Path
import openpyxl  # before the limit
resource.setrlimit(resource.RLIMIT_AS, (2**28, 2**28))
from dress_kg.errors import SourceError
from dress_kg.readers import read_file
try:
    read_file(Path(sys.argv[1]))
except SourceError as error:
    print(error)
    sys.exit(7)
"""


def read_in_little_memory(path: Path) -> str:
    run = subprocess.run(
        [sys.executable, "-c", READ_IN_256_MB, str(path)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        timeout=60,
        check=False,
    )
    assert run.returncode == 7, run.stderr
    return run.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="RLIMIT_AS holds on Linux only")
def test_zip_bombs_are_refused_in_little_memory(tmp_path: Path) -> None:
    path = bomb(tmp_path, 400)
    assert path.stat().st_size < 2**20
    said = read_in_little_memory(path)
    assert "unpacks 1,0" in said
    assert "xl/worksheets/sheet1.xml" in said
    assert "remedy" in said


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="RLIMIT_AS holds on Linux only")
def test_other_hostile_files_are_refused_in_little_memory(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["XFD1048576"] = "here"
    corner = tmp_path / "corner.xlsx"
    book.save(corner)
    assert "far from the table" in read_in_little_memory(corner)
    long_cell = tmp_path / "long.csv"
    long_cell.write_text("a,b\n1," + "x" * 20_000_000, "ascii")
    assert "a cell of 20,000,000 characters" in read_in_little_memory(long_cell)


@pytest.mark.slow
def test_a_bomb_of_a_gigabyte_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="unpacks to 1,07"):
        read_file(bomb(tmp_path, 1024))


def test_a_comment_without_end_does_not_take_hours(tmp_path: Path) -> None:
    noise = "".join(f"{number * 7919 % 1_000_003:x}" for number in range(600_000))
    strings = f"<sst {MAIN}><!--{noise}--><si><t>Drug</t></si></sst>"
    cells = rows("<c r='A1'><v>1</v></c>")
    with pytest.raises(SourceError, match="a tag or comment of more than 1,048,576 bytes"):
        read_file(packed(tmp_path, cells, **{"xl/sharedStrings.xml": strings}))
    with pytest.raises(SourceError, match="a tag or comment of more than 1,048,576 bytes"):
        read_file(packed(tmp_path, f"<sheetData/><!--{noise}-->"))


def test_damage_elsewhere_does_not_matter(tmp_path: Path) -> None:
    broken = {"xl/theme/theme1.xml": "<a", "docProps/core.xml": "<b", "xl/worksheets/sheet2.xml": "<c"}
    assert read_file(packed(tmp_path, rows("<c r='A1'><v>1</v></c>"), **broken))[0].cells == ("1",)


def test_a_bomb_in_a_part_that_is_parsed_whole_is_refused(tmp_path: Path) -> None:
    noise = "".join(f"<x n='{number * 7919 % 1_000_003}'/>" for number in range(1_300_000))
    path = packed(
        tmp_path,
        rows("<c r='A1'><v>1</v></c>"),
        **{"xl/styles.xml": f"<styleSheet {MAIN}>{noise}</styleSheet>"},
    )
    with pytest.raises(SourceError, match="at most 16,777,216 are read") as caught:
        read_file(path)
    assert caught.value.value == "xl/styles.xml"
