"""The README's commands run as printed, and what it says of the result is what comes out."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.readme_commands import commands, main

README = ROOT / "README.md"


def test_every_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "bin/dress-kg"
    command.parent.mkdir()
    command.write_text(f"#!{sys.executable}\nfrom dress_kg.cli import main\nmain()\n", "utf-8")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{command.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("DRESS_KG_GRAPH", raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(README) == 0


def test_the_readme_shows_the_real_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dress_kg.pipeline import build
    from dress_kg.report import build_summary

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    text = README.read_text("utf-8")
    said = build_summary(build(out=tmp_path / "out"))
    shown = text.split("prints:\n\n```text\n")[1].split("…\n```")[0].rstrip()
    assert said.startswith(shown)


def test_links_lead_somewhere() -> None:
    import re

    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README.read_text("utf-8")):
        assert (ROOT / target).exists(), target


def test_commands_are_found() -> None:
    found = commands(README.read_text("utf-8"))
    assert len(found) >= 8
    assert any("| dress-kg sparql" in line for line in found)
