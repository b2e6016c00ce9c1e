"""Profiles: what is described, and every way to describe it wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from dress_kg.errors import ProfileError
from dress_kg.profile import FIELDS, ColumnKind, list_profiles, load_profile

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
