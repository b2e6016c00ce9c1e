"""Pages of the DRESS graph: what they show, whether links and marks hold, and that no text can act."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from lxml import html

from dress_kg import terms
from dress_kg.pages.address import Address, parse
from dress_kg.pages.item import item_page
from dress_kg.pages.items import items_page
from dress_kg.pages.links import Links, ServerLinks, SiteLinks
from dress_kg.pages.publication import publication_page, publications_page
from dress_kg.pages.quality import quality_page
from dress_kg.pages.rows import rows
from dress_kg.pages.source_table import rows_a_page, table_page
from tests import facts_css

BASE = terms.DATA
EVIL = "</p></td><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\u200b'\"@{{7*7}}"
Page = Callable[[Links], str | None]


@pytest.fixture(scope="module")
def evil(store: ox.Store) -> ox.Store:
    """The same graph with texts that try to break out, and IRIs that no page may link to."""
    made = ox.Store()
    string = ox.NamedNode(terms.PREFIXES["xsd"] + "string")
    plain = {terms.ONTOLOGY + name for name in ("field", "sha256", "rule")}
    quads = []
    for quad in store:
        value = quad.object
        if isinstance(value, ox.Literal) and value.datatype == string and quad.predicate.value not in plain:
            value = ox.Literal(value.value + EVIL)
        quads.append(ox.Quad(quad.subject, quad.predicate, value, quad.graph_name))
        if quad.predicate.value in (terms.ONTOLOGY + "about", terms.ONTOLOGY + "refersTo"):
            wrong = ox.NamedNode("javascript:alert(1)")
            quads.append(ox.Quad(quad.subject, quad.predicate, wrong, quad.graph_name))
    made.extend(quads)
    return made


def _parsed(text: str | None) -> Any:
    """The page, which must be there."""
    assert text is not None
    return html.document_fromstring(text)


def _items(store: ox.Store) -> list[str]:
    return [iri for [iri] in rows(store, "SELECT ?i { ?i a dk:EvidenceItem } ORDER BY ?i") if iri]


def _publications(store: ox.Store) -> list[str]:
    return [iri for [iri] in rows(store, "SELECT ?p { ?p a dk:Publication } ORDER BY ?p") if iri]


def _pages(store: ox.Store) -> Iterator[tuple[Address, Page]]:
    """Every page of a graph that these modules make, the boards of two rules only."""
    for iri in _items(store):
        yield Address("item", iri), lambda links, iri=iri: item_page(store, BASE, iri, links)  # type: ignore[misc]
    for iri in _publications(store):
        yield (
            Address("publication", iri),
            lambda links, iri=iri: publication_page(store, BASE, iri, links),  # type: ignore[misc]
        )
    yield Address("items"), lambda links: items_page(store, BASE, links)
    yield Address("publications"), lambda links: publications_page(store, BASE, links)
    yield Address("table", "dress"), lambda links: table_page(store, BASE, "dress", links)
    for number in (1, 2, 3):
        yield (
            Address("quality", "dress", number),
            lambda links, number=number: quality_page(store, BASE, "dress", links, None, number),  # type: ignore[misc]
        )
    for narrowed in (("rule", "dose-implausible"), ("severity", "warning")):
        yield (
            Address("quality", "dress", 1, narrowed),
            lambda links, only=narrowed: quality_page(store, BASE, "dress", links, only),  # type: ignore[misc]
        )


def test_a_severity_lists_its_own_rules(store: ox.Store) -> None:
    made = quality_page(store, BASE, "dress", ServerLinks(), ("severity", "warning"))
    assert made is not None
    page: Any = html.fromstring(made)
    signs = page.xpath("//section[@class='rules']//tbody//span[@class='hidden']")
    assert signs
    assert {each.text_content().strip() for each in signs} == {"warning:"}


def _ids(page: Any) -> list[str]:
    return [str(each) for each in page.xpath("//@id")]


def _hrefs(page: Any) -> list[str]:
    return [str(each) for each in page.xpath("//@href")]


def _safe(page: Any) -> None:
    """Nothing that the Content-Security-Policy forbids, nothing that a text brought in."""
    assert not page.xpath("//@style | //style | //img | //iframe | //object | //base | //script[not(@src)]")
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    wanted = r"https?://|/|\.\.?/|#|[\w-]+(?:/|\.html|\.ttl|\.jsonld|\.nt)"
    assert not [link for link in _hrefs(page) if not re.match(wanted, link)]


def test_every_page_is_safe_and_its_links_hold(store: ox.Store) -> None:
    count = 0
    for address, make in _pages(store):
        text = make(ServerLinks())
        assert text is not None, address
        assert len(text.encode()) < 300_000, address
        assert not re.search(r"\b[Vv]erdict|\bworks\b", re.sub(r"<q>.*?</q>|<bdi>.*?</bdi>", "", text)), (
            address
        )
        page = _parsed(text)
        _safe(page)
        ids = _ids(page)
        assert len(ids) == len(set(ids)), address
        assert "Not advice for prescribing" in page.text_content()
        for link in _hrefs(page):
            path, _, part = link.partition("#")
            if not path:
                assert part in ids, (address, link)
            elif path.startswith("/") and not path.startswith("/assets/"):
                assert parse(path.partition("?")[0]), (address, link)
        count += 1
    assert count == 35 + 28 + 2 + 1 + 3 + 2


def test_pages_of_the_site_have_relative_links_only(store: ox.Store) -> None:
    for address, make in _pages(store):
        text = make(SiteLinks(address))
        assert text is not None
        inner = [link for link in _hrefs(_parsed(text)) if not link.startswith("https://")]
        assert inner
        assert not [link for link in inner if link.startswith("/")]


def test_no_text_can_do_anything(evil: ox.Store) -> None:
    seen = 0
    for address, make in _pages(evil):
        text = make(ServerLinks())
        assert text is not None
        assert "\u202e" not in text
        assert "\u200b" not in text
        assert "49" not in re.findall(r"@(\w+)", text)
        page = _parsed(text)
        _safe(page)
        assert not [link for link in _hrefs(page) if "javascript" in link or "script>" in link]
        seen += "<script>alert(1)</script><img src=x onerror=alert(1)>U+202EU+200B" in page.text_content()
        assert address.kind != "item" or page.xpath("//*[@class='code']")
    assert seen > 60


def test_the_marks_of_a_fact_are_the_very_characters_it_was_read_from(store: ox.Store) -> None:
    marked = 0
    exact = "SELECT ?node ?exact ?cell { ?node dk:selection ?s . ?s oa:exact ?exact ; dk:cell ?cell }"
    words: dict[str, set[str]] = {}
    for node, text, _ in rows(store, exact):
        words.setdefault(node or "", set()).add(" ".join((text or "").split()))
    for iri in _items(store):
        page = _parsed(item_page(store, BASE, iri, ServerLinks()))
        for fact in page.xpath("//li[@data-fact]"):
            number = fact.get("data-fact")
            lit = page.xpath(f"//span[contains(concat(' ', @class, ' '), ' s{number} ')]")
            texts = "".join(_chars(each) for each in lit)
            node = f"{iri}/{fact.get('id').replace('-', '/', 1)}"
            for word in () if node.endswith("/study") else words.get(node, ()):
                assert "".join(word.split()) in "".join(texts.split()), (iri, fact.get("id"), word)
                marked += 1
            for link in fact.xpath(".//a[@data-fact]"):
                (target,) = page.xpath(f"//*[@id='{link.get('href')[1:]}']")
                assert f"s{number}" in target.get("class").split()
    assert marked > 300


def _chars(segment: Any) -> str:
    """The text of a segment without the number of its line."""
    return "".join(segment.xpath("text() | *[not(contains(@class, 'at'))]//text()"))


def test_the_printed_row_is_whole_and_in_the_order_of_the_table(store: ox.Store) -> None:
    cells = """SELECT ?item ?header ?text {
      ?item a dk:EvidenceItem ; dk:row/dk:cell ?c . ?c dk:column ?header OPTIONAL { ?c dk:text ?text } }"""
    printed = {(item, header): text or "" for item, header, text in rows(store, cells)}
    order = [
        "DRUG",
        "DOSE",
        "INTERVAL",
        "REFERENCE",
        "STUDY DESIGN",
        "COMMENTS",
        "LEVEL EVIDENCE",
        "GRADE RECOM",
    ]
    for iri in _items(store):
        page = _parsed(item_page(store, BASE, iri, ServerLinks()))
        headers = [each.text_content() for each in page.xpath("//section[@id='row']//dt")]
        assert headers == order
        for header, chars in zip(headers, page.xpath("//p[@class='chars']"), strict=True):
            text = "".join(_chars(each) for each in chars.xpath(".//span[starts-with(@id, 'at-')]"))
            assert text == printed[iri, header]


def test_the_item_page_keeps_the_voices_apart(store: ox.Store) -> None:
    iri = terms.evidence("dress", "cyclosporine-zhang-2017")
    page = _parsed(item_page(store, BASE, iri, ServerLinks()))
    sections = page.xpath("//section[starts-with(@class, 'voice ')]")
    voices = {each.get("class").split()[1]: each.text_content() for each in sections}
    assert set(voices) == {"author", "guideline", "panel", "program"}
    assert "No one sentence says how corticosteroids did" in voices["program"]
    assert "reported mixed" in voices["program"]
    assert "reported mixed" not in voices["author"]
    assert "SIGN levels" in voices["panel"]
    assert "SIGN levels" not in voices["author"]
    assert "route-not-stated" in voices["program"]
    data = {each.text_content(): each.get("href") for each in page.xpath("//section[@class='data']//li/a")}
    assert data["Turtle"] == "/id/evidence/dress/cyclosporine-zhang-2017?format=turtle"
    assert set(data) == {"Turtle", "JSON-LD", "N-Triples"}


def test_a_flagged_dose_is_doubtful_in_the_sentence_and_in_its_cell(store: ox.Store) -> None:
    page = _parsed(
        item_page(store, BASE, terms.evidence("dress", "ivig-as-monotherapy-kito-2012"), ServerLinks())
    )
    (lead,) = page.xpath("//p[@class='lead']")
    assert "0.4 mg/kg a day for 5 days (doubtful: a warning stands on it)" in lead.text_content()
    (flagged,) = page.xpath("//section[@id='row']//div[contains(@class, 'warning')]")
    assert "dose-implausible" in flagged.text_content()
    assert "a slip between mg and g" in page.text_content()


def test_every_line_of_the_table_is_on_its_page(store: ox.Store) -> None:
    page = _parsed(table_page(store, BASE, "dress", ServerLinks()))
    seen: list[int] = []
    for head in page.xpath("//tbody//th[contains(@class, 'line')]"):
        for low, high in re.findall(
            r"(\d+)(?:–(\d+))?", head.xpath("string(a[1] | text())").replace("line", "")
        ):
            seen += range(int(low), int(high or low) + 1)
    assert len(set(seen)) >= 84 - 9
    assert len(page.xpath("//tbody[starts-with(@id, 'row-')]")) == 35
    assert len(page.xpath("//div[starts-with(@class, 'finding ')]")) == 121
    assert len(page.xpath("//ul[starts-with(@class, 'repairs')]/li")) == 36
    assert len(page.xpath("//tbody[@class='other section']")) == 6
    links = page.xpath("//tbody[starts-with(@id, 'row-')]//th/a[1]/@href")
    assert {parse(str(link)) for link in links} == {Address("item", iri) for iri in _items(store)}


def test_the_board_counts_what_it_lists(store: ox.Store) -> None:
    listed: list[tuple[str, str]] = []
    for number in (1, 2, 3):
        page = _parsed(quality_page(store, BASE, "dress", ServerLinks(), None, number))
        for one in page.xpath("//li[starts-with(@class, 'one ')]"):
            listed.append((one.get("class").split()[1], one.xpath(".//code")[0].text_content()))
    assert len(listed) == 121
    counts = {each.xpath("string(.//a)"): int(each.xpath("string(td)")) for each in page.xpath("//tbody/tr")}
    assert counts == {rule: sum(1 for _, each in listed if each == rule) for _, rule in listed}
    only = _parsed(quality_page(store, BASE, "dress", ServerLinks(), ("rule", "dose-implausible")))
    (one,) = only.xpath("//li[starts-with(@class, 'one ')]")
    assert one.xpath("string(.//mark)") == "0.4 mg/kg/d"
    assert one.xpath("string(.//a/@href)") == "/id/evidence/dress/ivig-as-monotherapy-kito-2012"


def test_what_is_not_there_has_no_page(store: ox.Store) -> None:
    links = ServerLinks()
    assert item_page(store, BASE, terms.evidence("dress", "nobody-1900"), links) is None
    assert item_page(store, BASE, terms.source("dress"), links) is None
    assert table_page(store, BASE, "nothing", links) is None
    assert table_page(store, BASE, "dress", links, 2) is None
    assert quality_page(store, BASE, "dress", links, ("rule", "no-such-rule")) is None
    assert quality_page(store, BASE, "dress", links, None, 4) is None
    assert publication_page(store, BASE, terms.publication("nobody-1900"), links) is None
    assert publications_page(store, BASE, links, 2) is None
    assert items_page(store, BASE, links, 2) is None


def test_publications_show_who_cites_them(store: ox.Store) -> None:
    page = _parsed(publication_page(store, BASE, terms.publication("lee-2008"), ServerLinks()))
    assert page.xpath("//dd/a/@href")[0] == "https://doi.org/10.3346/jkms.2008.23.3.521"
    assert [str(each) for each in page.xpath("//div[@class='citing']//a/@href")] == [
        "/id/evidence/dress/cyclosporine-lee-2008",
        "/id/evidence/dress/ivig-cs-lee-2008",
    ]


def test_the_style_of_facts_is_as_made(tmp_path: Path) -> None:
    assert facts_css.FILE.read_text("utf-8") == facts_css.text(), "python -m tests.facts_css"


def test_wide_tables_have_fewer_rows_a_page() -> None:
    assert [rows_a_page(columns) for columns in (0, 1, 8, 12, 41, 400)] == [40, 40, 40, 33, 20, 20]
