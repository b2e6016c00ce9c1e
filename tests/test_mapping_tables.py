"""CSV and TSV files as rows: what is null, and which files are refused, with line and remedy."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dress_kg.errors import SourceError
from dress_kg.mapping.tables import CsvTable, csv_tables


def _table(folder: Path, data: str | bytes, name: str = "t.csv") -> CsvTable:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return CsvTable(folder / name)


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("1,,3", ["1", None, "3"]),
        ('1,"",3', ["1", "", "3"]),
        ('"",,""', ["", None, ""]),
        ('"a,"",b",,""', ['a,",b', None, ""]),
        ('"two\nlines ""x""",,', ['two\nlines "x"', None, None]),
        ('""",""",,x', ['","', None, "x"]),
        ("\u2028,\u0085,3", ["\u2028", "\u0085", "3"]),
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_null_is_empty_without_quotes(tmp_path: Path, line: str, fields: list[str | None], end: str) -> None:
    table = _table(tmp_path, f"a,b,c\n{line}{end}")
    assert list(table) == [dict(zip("abc", fields, strict=True))]
    assert [[*map(list, batch)] for batch in table.batches("ca", 5)] == [[[fields[2]], [fields[0]]]]


def test_tab_separated_and_byte_order_mark(tmp_path: Path) -> None:
    table = _table(tmp_path, "\ufeffa\tb\n1,5\t\n", "t.tsv")
    assert table.columns == ("a", "b")
    assert list(table) == [{"a": "1,5", "b": None}]
    assert list(table) == list(table)


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        ("", "no header", None),
        ("a,a\n1,2\n", "a name of its own", 1),
        ("a,\n1,2\n", "a name of its own", 1),
        ("a,b\n1,2\n1,2,3\n", "3 fields below a header of 2", 3),
        ("a,b\n1\n", "1 fields", 2),
        ('a,b\n1,"2\n3,4\n', "not a CSV record", 3),
        ("a,b\n1," + "x" * 131_073, "not a CSV record", 2),
        (b"a,b\n1,\xff\n", "not UTF-8", None),
    ],
)
def test_refused(tmp_path: Path, data: str | bytes, message: str, line: int | None) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        list(_table(tmp_path, data))
    assert (caught.value.line, caught.value.file) == (line, str(tmp_path / "t.csv"))
    assert caught.value.remedy
    with pytest.raises(SourceError) as again:
        list(_table(tmp_path, data).batches(("a",), 1))
    assert str(again.value) == str(caught.value)


def test_a_source_cannot_leave_its_folder(tmp_path: Path) -> None:
    inside = tmp_path / "tables"
    inside.mkdir()
    _table(tmp_path, "a\n1\n")
    for name in ("../t.csv", str(tmp_path / "t.csv")):
        with pytest.raises(SourceError, match="outside"):
            csv_tables(inside)(name)
    with pytest.raises(SourceError, match="No such file"):
        list(csv_tables(inside)("none.csv"))


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=8)


@given(
    st.lists(st.lists(st.one_of(st.none(), st.just(""), TEXT), min_size=2, max_size=2), max_size=6),
    st.integers(1, 3),
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str | None]], size: int
) -> None:
    stream = io.StringIO()
    records: list[list[str | None]] = [["a", "b"], *rows]
    for row in records:
        fields = ["" if field is None else '"' + field.replace('"', '""') + '"' for field in row]
        stream.write(",".join(fields) + "\n")
    table = _table(tmp_path_factory.mktemp("t"), stream.getvalue())
    assert [list(row.values()) for row in table] == rows
    batches = [list(zip(*columns, strict=True)) for columns in table.batches(("a", "b"), size)]
    assert [list(row) for batch in batches for row in batch] == rows
    assert all(len(batch) == size for batch in batches[:-1])
    as_python_reads = list(csv.reader(io.StringIO(stream.getvalue())))[1:]
    assert [[field or "" for field in row] for row in rows] == as_python_reads


def test_blank_lines_are_no_rows_in_columns_either(tmp_path: Path) -> None:
    table = _table(tmp_path, "\n\na,b\n\n\n\n1,2\n\n3,\n\n\n")
    assert list(table) == [{"a": "1", "b": "2"}, {"a": "3", "b": None}]
    for size in (1, 2, 3, 9):
        rows = [row for columns in table.batches(("a", "b"), size) for row in zip(*columns, strict=True)]
        assert rows == [("1", "2"), ("3", None)]
