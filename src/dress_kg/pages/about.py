"""What these pages are, what they leave out, and how to take the data away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.rows import rows
from dress_kg.pages.sources import read_sources

if TYPE_CHECKING:
    from pyoxigraph import Store

DOWNLOADS = (
    ("graph.ttl", "the whole graph as Turtle"),
    ("graph.jsonld", "the whole graph as JSON-LD, with its named graphs"),
    ("graph.nt", "the whole graph as N-Triples"),
    ("tables.zip", "the tidy tables as CSV, with CSVW metadata"),
)
"""Files that a static site has for download, in its folder `data/`."""
_COUNTS = """SELECT ?kind (COUNT(DISTINCT ?node) AS ?number) {
  VALUES ?kind { dk:EvidenceItem dk:Finding dk:Harm dk:QualityFinding } ?node a ?kind } GROUP BY ?kind"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many nodes there are of a kind."""

    kind: str
    number: int


def about_page(store: Store, base: str, links: Links) -> str:
    """The page. :param base: of the data IRIs."""
    counts = [
        Count(kind.rpartition("#")[2], int(number))
        for kind, number in rows(store, _COUNTS)
        if kind and number
    ]
    return render(
        "about.html.jinja",
        links,
        title="About",
        here="about",
        sources=read_sources(store, base),
        base=base,
        counts=sorted(counts, key=lambda each: each.kind),
        downloads=DOWNLOADS,
    )
