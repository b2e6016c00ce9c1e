"""The picture of the evidence map: `dress-kg plot`, and what the drawing library makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import etree
from pyoxigraph import Literal, NamedNode, Quad, Store

from dress_kg import terms
from dress_kg.cli import dress_kg
from dress_kg.errors import CallError
from dress_kg.pages.address import Address
from dress_kg.pages.links import ServerLinks, SiteLinks
from dress_kg.pages.map_filter import wanted
from dress_kg.pages.map_read import read_map
from dress_kg.picture.chart import chart
from dress_kg.picture.drawing import linked, svg
from dress_kg.picture.files import files

XLINK = "{http://www.w3.org/1999/xlink}href"


@pytest.fixture(scope="module")
def store(graph: Path) -> Store:
    return Store.read_only(str(graph / "store"))


def run(graph: Path, *arguments: str) -> Any:
    return CliRunner().invoke(dress_kg, ["plot", *arguments, "--graph", str(graph)])


def labels(tree: Any) -> list[str]:
    return [
        each.get("aria-label")
        for each in tree.iter("{http://www.w3.org/2000/svg}path")
        if each.get("role") == "graphics-symbol" and each.get("aria-roledescription") == "point"
    ]


def test_every_mark_of_the_map_is_a_sign_with_words_and_a_link(graph: Path, store: Store) -> None:
    done = run(graph)
    assert done.exit_code == 0, done.output
    tree = etree.fromstring(done.stdout.encode())
    facts = read_map(store)
    assert len(labels(tree)) == len(facts.marks)
    assert any("severe adverse events in 5 of 6 patients" in each for each in labels(tree))
    linked = {each.get(XLINK) for each in tree.iter("{http://www.w3.org/2000/svg}a")}
    assert linked == set(facts.items)
    texts = {str(each.xpath("string()")) for each in tree.iter("{http://www.w3.org/2000/svg}text")}
    assert "12 rows, 12 publications, 11 patients" in texts
    assert any("almost all uncontrolled cases" in each for each in texts)
    assert {"Reported improved", "Outcome not printed", "Reports on patients"} <= texts


def test_the_svg_holds_nothing_that_a_strict_policy_refuses(store: Store) -> None:
    drawn = linked(svg(chart(read_map(store), wanted({}))), ServerLinks().item)
    tree = etree.fromstring(drawn.encode())
    assert not tree.xpath(
        "//*[@style] | //*[local-name()='style' or local-name()='script' or local-name()='image']"
    )
    assert {(each.get(XLINK) or "")[:14] for each in tree.iter("{http://www.w3.org/2000/svg}a")} == {
        "/id/evidence/d"
    }


def test_signs_by_patient_and_filters(graph: Path, tmp_path: Path) -> None:
    out = tmp_path / "map.svg"
    done = run(graph, "--per", "patients", "--filter", "class=immunoglobulins", "--out", str(out))
    assert (done.exit_code, done.stdout) == (0, "")
    marcus = [each for each in labels(etree.parse(out)) if each.startswith("Marcus 2018; reported improved")]
    assert len(marcus) == 7


def test_png_by_the_suffix(graph: Path, tmp_path: Path) -> None:
    out = tmp_path / "map.png"
    assert run(graph, "--filter", "organ=liver", "--out", str(out)).exit_code == 0
    assert out.read_bytes().startswith(b"\x89PNG\r\n")


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("--filter", "organ=lever"), "liver"),
        (("--filter", "colour=red"), "NAME is one of: condition, class"),
        (("--filter", "organ"), "NAME is one of"),
        (("--source", "civic"), "one of: dress"),
    ],
)
def test_what_cannot_be_asked_says_what_can(graph: Path, arguments: tuple[str, ...], remedy: str) -> None:
    done = run(graph, *arguments)
    assert isinstance(done.exception, CallError)
    assert remedy in (done.exception.remedy or "")
    assert done.exception.exit_code == 2


def test_hostile_names_are_text(store: Store) -> None:
    hostile = Store()
    evil = Literal("</text><script>alert(1)</script>", language="en")
    agent = NamedNode(terms.vocabulary("rituximab"))
    for quad in store:
        named = quad.subject == agent and quad.predicate.value.endswith("prefLabel")
        hostile.add(Quad(quad.subject, quad.predicate, evil, quad.graph_name) if named else quad)
    tree = etree.fromstring(
        svg(chart(read_map(hostile), wanted({"class": "monoclonal-antibodies"}))).encode()
    )
    assert not tree.xpath("//*[local-name()='script']")
    assert evil.value in {
        str(each.xpath("string()")) for each in tree.iter("{http://www.w3.org/2000/svg}text")
    }


def test_the_files_of_a_site_lead_to_its_pages(store: Store) -> None:
    made = dict(files(read_map(store), SiteLinks(Address("map")).item))
    assert set(made) == {"evidence-map.svg", "evidence-map.png"}
    assert b'xlink:href="id/evidence/dress/cyclosporine-zhang-2017.html"' in made["evidence-map.svg"]
    assert not dict(files(read_map(Store()), str))


def test_a_picture_without_marks_is_refused(store: Store) -> None:
    with pytest.raises(CallError, match="no row of the table answers"):
        chart(read_map(store), wanted({"organ": "nothing"}))
