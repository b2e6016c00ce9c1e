"""The readers on the small files of `tests/cases/tables`: what is read, and what is refused where.

`good/NAME` is read as `good/NAME.json` says (one row a line: number, cells); each file of `bad/` is
refused as `bad.tsv` says.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from dress_kg.errors import CallError, MissingPartError, SourceError
from dress_kg.readers import FORMATS, format_of, read_file
from dress_kg.readers.encoding import decode
from tests.conftest import ROOT

CASES = ROOT / "tests/cases/tables"
GOOD = sorted(path for path in (CASES / "good").iterdir() if path.suffix != ".json")
with (CASES / "bad.tsv").open(encoding="utf-8", newline="") as _stream:
    BAD = list(csv.DictReader(_stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_case_is_collected() -> None:
    assert len(GOOD) == 13
    assert {case["file"] for case in BAD} == {path.name for path in (CASES / "bad").iterdir()}
    assert len(BAD) == 29


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_good_files_are_read(path: Path) -> None:
    expected = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
    lines = read_file(path)
    assert [[line.number, *line.cells] for line in lines] == expected
    for line in lines:
        assert line.text.count("\t") == len(line.cells) - 1
        assert "\n" not in line.text
        assert "\r" not in line.text


@pytest.mark.parametrize("case", BAD, ids=lambda case: case["file"])
def test_bad_files_are_refused_with_their_place(case: dict[str, str]) -> None:
    path = CASES / "bad" / case["file"]
    with pytest.raises(SourceError) as caught:
        read_file(path)
    error = caught.value
    assert error.file == str(path)
    assert error.message.startswith(case["message begins"])
    assert str(error.line or "") == case["line"]
    assert str(error.column or "") == case["column"]
    assert error.remedy


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("comma-quoted.csv", {"sheet": "A"}),
        ("comma-quoted.csv", {"table": 1}),
        ("comma-quoted.csv", {"encoding": "klingon"}),
        ("comma-quoted.csv", {"encoding": "unicode_escape"}),
        ("comma-quoted.csv", {"encoding": "hex"}),
        ("comma-quoted.csv", {"delimiter": ",,"}),
        ("comma-quoted.csv", {"delimiter": '"'}),
        ("line-separator.tsv", {"sheet": "A"}),
        ("spans.html", {"delimiter": ","}),
        ("spans.html", {"table": "T9"}),
        ("spans.html", {"table": 2}),
        ("article.xml", {"sheet": "A"}),
        ("article.xml", {"encoding": "klingon"}),
        ("article.xml", {"table": "Table 7"}),
    ],
)
def test_an_option_that_does_not_fit_is_refused_by_name(name: str, options: dict[str, str]) -> None:
    with pytest.raises(CallError) as caught:
        read_file(CASES / "good" / name, **options)  # type: ignore[arg-type]
    assert caught.value.value == str(next(iter(options.values())))
    assert caught.value.remedy


def test_unknown_format_and_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="no such format"):
        read_file(CASES / "good/bar.txt", "parquet")
    for name in FORMATS:
        with pytest.raises(SourceError, match="no such file"):
            read_file(tmp_path / "absent", name)
        with pytest.raises(SourceError, match="folder"):
            read_file(tmp_path, name)
    with pytest.raises(SourceError, match="cannot be read"):
        read_file(tmp_path / "absent.csv")


def test_format_is_told_by_content_where_the_suffix_misleads(tmp_path: Path) -> None:
    page = tmp_path / "export.xls"  # what many systems call "Excel"
    page.write_text("<html><table><tr><td>a</td><td>b</td></tr></table></html>", "utf-8")
    assert format_of(page) == "html"
    assert read_file(page)[0].cells == ("a", "b")
    lone = tmp_path / "fragment"
    lone.write_text("<table-wrap><table><tr><td>a</td></tr></table></table-wrap>", "utf-8")
    assert format_of(lone) == "jats"


def test_encodings_are_taken_when_declared_and_only_then() -> None:
    path = Path("x.csv")
    assert decode("5 µg – 1".encode("cp1252"), path, "cp1252") == "5 µg – 1"
    assert decode("5 µg".encode("utf-16"), path, "utf-16") == "5 µg"
    assert decode("5 µg".encode("utf-16-be"), path, "utf-16-be") == "5 µg"
    assert decode("5 µg".encode("utf-32"), path) == "5 µg"
    assert decode("5 µg".encode("utf-8-sig"), path, "utf-8") == "5 µg"
    with pytest.raises(SourceError, match="the bytes are UTF-8"):
        decode("5 µg".encode(), path, "cp1252")
    with pytest.raises(SourceError, match="byte order mark says utf-8"):
        decode("5 µg".encode("utf-8-sig"), path, "cp1252")
    with pytest.raises(SourceError, match=r"byte 5 of the file is 0x81") as caught:
        decode(b"a\rb\n\x81", path, "cp1252")
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("name", "part", "extra"),
    [
        ("spans.html", "lxml", "dress-kg[markup]"),
        ("article.xml", "lxml", "dress-kg[markup]"),
        ("any.xlsx", "openpyxl.reader.excel", "dress-kg[xlsx]"),
    ],
)
def test_a_missing_part_is_named(name: str, part: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, part, None)  # what Python does for a package that is not there
    with pytest.raises(MissingPartError) as caught:
        read_file(CASES / "good" / name, "xlsx" if name.endswith("xlsx") else None)
    assert extra in str(caught.value.remedy)
    assert caught.value.exit_code == 3


def test_text_formats_need_no_other_part() -> None:
    code = "import sys; import dress_kg.readers; sys.exit(bool({'lxml', 'openpyxl'} & sys.modules.keys()))"
    run = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT / "src")}, timeout=60, check=False
    )
    assert run.returncode == 0
