"""The page on curation names every field there is, and no other."""

from __future__ import annotations

import re

from dress_kg.interpret.curation_fields import field_names, field_of
from tests.conftest import ROOT

PAGE = (ROOT / "docs/curation.md").read_text("utf-8")


def test_the_page_names_the_fields() -> None:
    told = set(
        re.findall(r"`((?:step\.N\.)?[a-z_]+)`", PAGE.partition("## Fields")[2].partition("## The report")[0])
    )
    assert set(field_names()) <= told


def test_the_examples_of_the_page_are_taken() -> None:
    rows = re.findall(r"^\| `([a-z_.N]+)` \| (.*) \|$", PAGE, re.MULTILINE)
    assert len(rows) >= 17
    tried = 0
    for name, told in rows:
        field = field_of(name.replace(".N.", ".2."))
        assert field is not None, name
        for example in re.findall(r"`([^`]+)`", told):
            if not example.startswith("step."):
                assert field.takes.fullmatch(example), (name, example)
                tried += 1
    assert tried > 20
