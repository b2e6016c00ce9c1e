"""Profiles: what is described, and every way to describe it wrongly."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from dress_kg import profile
from dress_kg.errors import ProfileError
from dress_kg.pipeline import Clock, make_graph, read_source
from dress_kg.profile import FIELDS, ColumnKind, Reading, list_profiles, load_profile
from dress_kg.records import Basis

DRESS = load_profile("dress")
GOOD = DRESS.path.read_text("utf-8")


def test_the_dress_profile_describes_the_eight_columns() -> None:
    assert "dress" in list_profiles()
    assert [column.field for column in DRESS.columns] == [
        "drug",
        "dose",
        "interval",
        "reference",
        "study_design",
        "comments",
        "level",
        "grade",
    ]
    assert DRESS.key == ("drug", "reference")
    assert DRESS.lead.field == "drug"
    assert DRESS.lead.kind is ColumnKind.NAME
    assert dict(DRESS.abbreviations) == {"CS": "corticosteroids"}
    assert (DRESS.rating_scale, DRESS.rating_scale_stated) == ("sign", False)
    assert DRESS.source_file.is_file()
    assert DRESS.column("patients") is None


def test_a_profile_is_read_from_a_path_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace('id = "dress"', 'id = "mine"'), encoding="utf-8")
    assert load_profile(path).id == "mine"


@pytest.mark.parametrize(
    ("old", "new", "message", "remedy"),
    [
        ('condition = "', 'conditon = "', "unknown key in [source]", "did you mean 'condition'?"),
        ('title = "Treatment', '#title = "Treatment', "[source] lacks 'title'", "add title"),
        ('kind = "citation"', 'kind = "citaton"', "unknown kind", "did you mean 'citation'?"),
        ('field = "interval"', 'field = "intervall"', "unknown column field", "did you mean 'interval'?"),
        ('field = "interval"', 'field = "dose"', "described twice", ""),
        ('field = "interval"\n', "", "lacks 'field'", "add field"),
        ('"drug", "reference"]', '"drug", "referense"]', "key names a column", "did you mean 'reference'?"),
        ("'\\[\\d{1,3}\\]'", "'[\\d{1,3}\\'", "no regular expression", ""),
        ('case = "upper"', 'case = "uper"', "unknown case", "did you mean 'upper'?"),
        ("[furniture]", "[furnitures]", "unknown key in the profile", "did you mean 'furniture'?"),
        ("required = true", 'required = "yes"', "required is true or false", ""),
        ('id = "dress"', 'id = "Dress table"', "id goes into IRIs", "a-z"),
        ('file = "dress', 'file = "../dress', "not a path", ""),
        ('format = "tsv"', 'format = "ods"', "unknown format", "tsv"),
        ('CS = "corticosteroids"', "CS = 3", "CS is a text", ""),
        ('title = "Treatment', "title = Treatment", "not valid TOML", ""),
    ],
)
def test_a_fault_names_its_line_and_a_remedy(
    old: str, new: str, message: str, remedy: str, tmp_path: Path
) -> None:
    assert old in GOOD
    path = tmp_path / "bad.toml"
    text = GOOD.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    error = caught.value
    assert message in error.message
    assert remedy in (error.remedy or "")
    assert error.file == str(path)
    if "TOML" not in message and "lacks" not in message:
        assert error.line is not None
        printed = text.split("\n")[error.line - 1]
        assert any(word in printed for word in new.replace("\n", " ").split()), printed


def test_an_unknown_name_gets_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ProfileError) as caught:
        load_profile("dres")
    assert "did you mean 'dress'?" in str(caught.value)
    with pytest.raises(ProfileError, match="no such profile file"):
        load_profile(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes('title = "Título"'.encode("latin-1"))
    with pytest.raises(ProfileError, match="not UTF-8"):
        load_profile(tmp_path / "latin.toml")


def test_a_column_can_be_carried_along_uninterpreted(tmp_path: Path) -> None:
    path = tmp_path / "more.toml"
    path.write_text(GOOD + '\n[[column]]\nfield = "x_country"\nheader = "COUNTRY"\n', encoding="utf-8")
    assert load_profile(path).columns[-1].field == "x_country"
    assert "x_country" not in FIELDS


def test_the_page_of_profiles_names_every_key_and_field() -> None:
    page = (Path(__file__).resolve().parents[1] / "docs/profiles.md").read_text("utf-8")
    keys = {*profile._SOURCE, *profile._COLUMN, *profile._PUBLICATION, *profile._DIRECTION, *profile._CODED}
    keys |= {f"[{name}]" for name in profile._TABLES} | set(FIELDS) | {f.name for f in fields(Reading)}
    missing = [key for key in keys if f"`{key}`" not in page and key != "[column]"]
    assert missing == []
    assert all(f"`{name}`" in page for name in list_profiles())


EVERY_KEY = """
[source]
id = "any"
title = "T"
file = "t.csv"
format = "csv"
rows = "lines"
condition_ids = "http://example.org/"
key = ["row_id"]

[file]
delimiter = ";"
header_rows = 1

[publication]
title = "P"
year = 2017

[[column]]
field = "row_id"
header = "ID"

[[column]]
field = "condition"
header = "Disease"
empty = ["-"]

[[column]]
field = "dose"
header = "Dose"
fill_down = true
also = ["interval"]
separator = ";"

[operators]
Both = "combination"

[direction]
columns = ["row_id"]
values = [["yes", "effective"]]

[study_design]
column = "row_id"
values = { A = "case-report" }

[publication_id]
default = "pmid"

[constants]
drug = "rituximab"
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("year = 2017", 'year = "2017"', "year is a whole number"),
        ("header_rows = 1", "header_rows = 0", "header_rows is a whole number"),
        ('title = "P"\n', "", "[publication] lacks 'title'"),
        ('also = ["interval"]', 'also = ["intervall"]', "unknown field in also"),
        ('Both = "combination"', 'Both = "together"', "unknown Both"),
        ('"effective"]', '"worked"]', "unknown direction"),
        ('["yes", "effective"]', '["effective"]', "another length"),
        ('columns = ["row_id"]', 'columns = ["grade"]', "columns names a column"),
        ('column = "row_id"', 'column = "level"', "column names a column"),
        ('drug = "rituximab"', 'dose = "1 g"', "unknown key in [constants]"),
        ('field = "condition"', 'field = "x_disease"', "lacks 'condition'"),
        ('separator = ";"', 'separator = "("', "no regular expression"),
        ("fill_down = true", 'fill_down = "yes"', "fill_down is true or false"),
    ],
)
def test_what_codes_declare_is_checked(old: str, new: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "any.toml"
    path.write_text(EVERY_KEY, encoding="utf-8")
    good = load_profile(path)
    assert good.operators == {"both": "combination"}
    assert good.directions is not None
    assert good.directions.values == {("yes",): "effective"}
    assert (good.condition, good.constants["drug"], good.reading.delimiter) == (None, "rituximab", ";")
    assert old in EVERY_KEY
    path.write_text(EVERY_KEY.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProfileError, match=re.escape(message)):
        load_profile(path)


def test_a_constant_drug_is_inferred_and_rests_on_no_cell(tmp_path: Path) -> None:
    (tmp_path / "any.toml").write_text(EVERY_KEY, encoding="utf-8")
    (tmp_path / "t.csv").write_text(
        "ID;Disease;Dose;Site\n7;Pemphigus;1 g;Rome\n8;-;;Bonn\n", encoding="utf-8"
    )
    first, second = read_source(load_profile(tmp_path / "any.toml"), None, 1, Clock()).evidence
    assert first.strategy is not None
    [component] = first.strategy.components
    assert (component.agent.id, component.selections, component.basis) == ("rituximab", (), Basis.INFERRED)
    assert [item.key for item in (first, second)] == ["7", "8"]
    assert first.condition is not None
    assert second.condition is not None
    assert (first.condition.label, second.condition.label) == ("Pemphigus", "not stated")
    assert second.row.cells["dose"].text == "1 g"
    assert second.row.cells["x_site"].text == "Bonn"
    assert make_graph([str(tmp_path / "any.toml")]).report.conforms
