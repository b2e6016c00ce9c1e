"""`dress-kg site`: files that hold together, in a folder of their own."""

from __future__ import annotations

import re
import shutil
import zipfile
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, Store

from dress_kg.cli.site import site as command
from dress_kg.errors import CallError
from dress_kg.pages.site import MARK, replacing_folder
from dress_kg.pipeline import build
from dress_kg.store import open_build
from tests.conftest import ROOT

QUERIES = ("clinician/dose-range-per-agent", "clinician/evidence-profile-of-an-agent")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with two stored queries, from the command; beside it the graph, in `out`."""
    home = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(home))
        patch.setattr("dress_kg.queries.catalog.folder", lambda _: home / "queries")
        for name in QUERIES:
            (home / "queries" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / f"queries/{name}.rq", home / "queries" / f"{name}.rq")
        build(out=home / "out")
        arguments = [
            "--graph",
            str(home / "out"),
            "--out",
            str(home / "public"),
            "--url",
            "https://x.example",
        ]
        assert CliRunner().invoke(command, arguments, catch_exceptions=False).exit_code == 0
    return home / "public"


def test_every_link_leads_to_a_file_of_the_site_and_to_a_place_in_it(written: Path) -> None:
    texts = {page.resolve(): page.read_text("utf-8") for page in written.rglob("*.html")}
    assert len(texts) > 300
    places = {page: set(map(unescape, re.findall(r'\sid="([^"]+)"', text))) for page, text in texts.items()}
    wrong, seen, inside = [], 0, 0
    for page, text in texts.items():
        for link in map(unescape, re.findall(r'(?:href|src)="([^"]+)', text)):
            if re.match(r"[a-z]+:", link):
                continue
            seen += 1
            path, _, place = link.partition("#")
            there = (page.parent / unquote(path.partition("?")[0])).resolve() if path else page
            held = there.is_file() and (not place or there not in places or unquote(place) in places[there])
            inside += bool(place)
            if path.startswith("/") or not held:
                wrong.append((str(page.relative_to(written)), link))
    assert seen > 10_000
    assert inside > 1_000
    assert not wrong, wrong[:10]


def test_the_data_lie_beside_the_pages(written: Path) -> None:
    whole = Store()
    whole.load(path=str(written / "data/graph.nt"), format=RdfFormat.N_TRIPLES)
    built = {quad.triple for quad in open_build(written.parent / "out").store()}
    assert {quad.triple for quad in whole} == built
    item = written / "id/evidence/dress/cyclosporine-kirchhof-2016"
    found = []
    for suffix, form in (
        ("ttl", RdfFormat.TURTLE),
        ("nt", RdfFormat.N_TRIPLES),
        ("jsonld", RdfFormat.JSON_LD),
    ):
        store = Store()
        store.load(path=f"{item}.{suffix}", format=form)
        found.append({quad.triple for quad in store})
    assert found[0] and found[0] == found[1] == found[2]
    assert found[0] <= built
    with zipfile.ZipFile(written / "data/tables.zip") as packed:
        assert "tables/evidence.csv" in packed.namelist()


def test_queries_are_answered_for_defaults_and_single_values(written: Path) -> None:
    folder = written / "queries/clinician"
    assert (folder / "dose-range-per-agent.csv").read_text("utf-8").startswith("agent,route")
    one = (folder / "dose-range-per-agent/agent/cyclosporine.csv").read_text("utf-8")
    assert 1 < one.count("\n") < (folder / "dose-range-per-agent.csv").read_text("utf-8").count("\n")
    assert (folder / "dose-range-per-agent/flagged/included.html").is_file()


def test_search_engines_are_told_of_each_page_once(written: Path) -> None:
    named = re.findall("<loc>(.*?)</loc>", (written / "sitemap.xml").read_text("utf-8"))
    assert len(named) == len(set(named)) > 300
    for address in named:
        assert (written / unquote(address.removeprefix("https://x.example/"))).is_file(), address
    assert "Sitemap: https://x.example/sitemap.xml" in (written / "robots.txt").read_text("utf-8")


def test_only_an_empty_folder_or_a_site_is_replaced(tmp_path: Path) -> None:
    out = tmp_path / "public"
    with replacing_folder(out) as folder:
        (folder / MARK).write_text("1")
    with replacing_folder(out) as folder:
        (folder / MARK).write_text("2")
    assert (out / MARK).read_text() == "2"
    with pytest.raises(RuntimeError), replacing_folder(out) as folder:
        (folder / MARK).write_text("3")
        raise RuntimeError
    assert (out / MARK).read_text() == "2"
    assert [each.name for each in tmp_path.iterdir()] == ["public"]
    other = tmp_path / "precious"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    with pytest.raises(CallError, match="something else"), replacing_folder(other):
        pass
    with pytest.raises(CallError, match="no folder"), replacing_folder(other / "thesis.txt"):
        pass
    assert (other / "thesis.txt").read_text() == "years of work"
