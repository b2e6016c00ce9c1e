"""The shipped mapping is standard RML: morph-kgc makes the same graph of the exported DRESS tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from dress_kg.export import export_tables
from dress_kg.mapping import csv_tables, execute, load_mapping
from dress_kg.resources import folder
from tests.gold_score import graph
from tests.peers import morph_kgc

pytestmark = pytest.mark.peers


def test_the_dress_graph(morph_kgc_python: Path, tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    export_tables(graph().tables, tables)
    path = folder("mappings") / "evidence.rml.ttl"
    ours = set(execute(load_mapping(path), csv_tables(tables)))
    assert len(ours) > 10_000
    work = tmp_path / "work"
    work.mkdir()
    theirs = morph_kgc.quads(morph_kgc_python, path, tables, work)
    assert not sorted(map(str, ours - theirs)), "only we make these"
    assert not sorted(map(str, theirs - ours)), "only morph-kgc makes these"
    assert ours <= graph().quads
