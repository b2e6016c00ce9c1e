"""Reading: lines come as they are, and a file that is no table says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from dress_kg.errors import SourceError
from dress_kg.header import find_header, similarity
from dress_kg.profile import load_profile
from dress_kg.readers import read_tsv
from dress_kg.table import check_shape, read_lines

PROFILE = load_profile("dress")
HEADER = "DRUG\tDOSE\tINTERVAL\tREFERENCE\tSTUDY DESIGN\tCOMMENTS\tLEVEL EVIDENCE\tGRADE RECOM"
ROW = "IVIG\t1 g/kg/d\t2 d\tKito Y, et al. 2012 [36]\tCase report\tEffective\t3\tD"


def write(folder: Path, data: str | bytes) -> Path:
    path = folder / "table.tsv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_the_shipped_table_is_the_source_byte_for_byte(shared: Path) -> None:
    shipped = PROFILE.source_file.read_bytes()
    assert shipped == (shared / "source" / "dress-treatment-evidence.tsv").read_bytes()
    lines = read_lines(PROFILE.source_file, PROFILE)
    assert len(lines) == 84
    assert "\n".join(line.text for line in lines).encode() == shipped


def test_lines_are_kept_raw(tmp_path: Path) -> None:
    text = f'{HEADER}\nIVIG "x\t"1 g\u2028 \x0b\t\t Kito [36] \t\t\x85\t3\tD\n'
    line = read_lines(write(tmp_path, text), PROFILE)[1]
    assert line.cells == ('IVIG "x', '"1 g\u2028 \x0b', "", " Kito [36] ", "", "\x85", "3", "D")
    assert line.number == 2


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_any_line_end_and_a_byte_order_mark(end: str, last: bool, mark: bytes, tmp_path: Path) -> None:
    text = end.join([HEADER, "", ROW]) + (end if last else "")
    lines = read_lines(write(tmp_path, mark + text.encode()), PROFILE)
    assert [line.text for line in lines] == [HEADER, "", ROW]
    assert lines[0].cells[0] == "DRUG"


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"", "empty", None),
        (b" \n\t\n", "empty", None),
        (b"\xef\xbb\xbf", "empty", None),
        (f"{HEADER}\nIVIG\0".encode(), "binary", 2),
        (b"PK\x03\x04\x00\x00", "binary", 1),
        (f"{HEADER}\r\nGonz\xe1lez".encode("latin-1"), "0xe1", 2),
        (f"{HEADER}\nIVIG\xff".encode("latin-1"), "not utf-8", 2),
        (b"gene\tvariant\nJAK2\tV617F\n", "no recognisable header", None),
        (b"just prose\n", "no recognisable header", None),
        (f"{HEADER}\n{ROW}\tmore".encode(), "too many cells: 9, the header has 8", 2),
        (f"{HEADER}\t\n{ROW}\tSpain".encode(), "column without a header", 2),
        (HEADER.replace("COMMENTS", "COUNTRY").encode(), "does not know this column", 1),
        (HEADER.replace("REFERENCE", "").encode(), "the header lacks the column 'REFERENCE'", 1),
    ],
)
def test_a_bad_file_says_where_and_what_to_do(
    data: bytes, message: str, line: int | None, tmp_path: Path
) -> None:
    path = write(tmp_path, data)
    with pytest.raises(SourceError) as caught:
        read_lines(path, PROFILE)
    assert message in caught.value.message
    assert caught.value.line == line
    assert caught.value.remedy
    assert str(path) in str(caught.value)


def test_the_byte_of_a_wrong_encoding_is_counted_from_the_start_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="byte 6 of the file is 0xff"):
        read_tsv(write(tmp_path, b"\xef\xbb\xbfab\xff"))


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read_lines(tmp_path / "none.tsv", PROFILE)
    with pytest.raises(SourceError, match="cannot be read"):
        read_lines(tmp_path, PROFILE)


def test_too_many_empty_cells_are_no_fault(tmp_path: Path) -> None:
    assert len(read_lines(write(tmp_path, f"{HEADER}\n{ROW}\t\t \n"), PROFILE)) == 2


def test_a_column_that_no_field_claims_is_carried_along(tmp_path: Path) -> None:
    lines = read_lines(write(tmp_path, f"{HEADER}\tCOUNTRY\n{ROW}\tSpain"), PROFILE)
    last = find_header(lines, PROFILE, "t.tsv").columns[-1]
    assert (last.position, last.column.field, last.printed) == (9, "x_country", "COUNTRY")


def test_headers_in_other_words_and_another_order(tmp_path: Path) -> None:
    text = "Remarks\tDKUG\tLevel of evidence (SIGN)\tCitation\tRECOM\tType_of_study\n"
    header = find_header(read_tsv(write(tmp_path, text)), PROFILE, "t.tsv")
    assert [(entry.position, entry.column.field) for entry in header.columns] == [
        (1, "comments"),
        (2, "drug"),
        (3, "level"),
        (4, "reference"),
        (5, "grade"),
        (6, "study_design"),
    ]
    assert header.columns[1].printed == "DKUG"


def test_a_header_wrapped_over_two_lines_and_under_a_title(tmp_path: Path) -> None:
    first = "DRUG\tDOSE\tINTERVAL\tREFERENCE\tSTUDY\tCOMMENTS\tLEVEL OF\tGRADE OF"
    second = "\t\t\t\tDESIGN\t\tEVIDENCE\tRECOMMENDATION"
    lines = read_tsv(write(tmp_path, f"Table 3. Treatment of DRESS\n\n{first}\n{second}\n{ROW}\n"))
    header = check_shape(lines, PROFILE, "t.tsv")
    assert header.lines[0] == 3
    assert [entry.column.field for entry in header.columns] == [column.field for column in PROFILE.columns]


def test_unlike_words_are_not_near() -> None:
    columns = {column.field: column for column in PROFILE.columns}
    for word, field in (("DISEASE", "dose"), ("YEAR", "level"), ("GENE", "grade"), ("COUNTRY", "comments")):
        assert similarity(word, columns[field]) < 75
