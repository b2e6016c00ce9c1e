"""Publications: the list of all that are cited, and the page of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.pages.graph import Graph, Node, last
from dress_kg.pages.item_facts import DIRECTIONS
from dress_kg.pages.item_model import Named
from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.rows import rows
from dress_kg.pages.sources import Source, read_sources

PUBLICATIONS = 100
"""Publications on a page of the list."""
_CITED = """SELECT ?publication (COUNT(DISTINCT ?item) AS ?n) {
  ?item dk:citation ?citation . ?citation dk:refersTo ?publication } GROUP BY ?publication"""


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier of a publication. :ivar link: to what it names, None where its form is wrong."""

    kind: str
    value: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Publication:
    """A resolved publication. :ivar verification: how sure its identifiers are: `high`, `medium`, `low`."""

    iri: str
    label: str
    title: str | None
    author: str | None
    journal: str | None
    year: str | None
    where: str | None
    identifiers: tuple[Identifier, ...]
    verification: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Citing:
    """An item that cites it. :ivar printed: the citation as the row prints it."""

    item: Named
    source: str
    printed: str
    design: str | None
    patients: int | None
    patients_basis: str | None
    direction: str | None
    rated: str | None


_FORMS = {
    "DOI": (re.compile(r"10\.\d{4,9}/[-._;()/:A-Za-z0-9<>+\[\]]+"), "https://doi.org/{}"),
    "PubMed": (re.compile(r"[1-9]\d{0,8}"), "https://pubmed.ncbi.nlm.nih.gov/{}/"),
    "PubMed Central": (re.compile(r"PMC\d+"), "https://pmc.ncbi.nlm.nih.gov/articles/{}/"),
}


def identifier(kind: str, value: str) -> Identifier:
    """An identifier, linked where it has the form of its kind.

    >>> identifier("DOI", "10.3346/jkms.2008.23.3.521").link
    'https://doi.org/10.3346/jkms.2008.23.3.521'
    >>> identifier("PubMed", "javascript:alert(1)").link is None
    True
    """
    form, address = _FORMS[kind]
    return Identifier(kind, value, address.format(value) if form.fullmatch(value) else None)


def read_publication(node: Node) -> Publication:
    """What the graph says of a publication."""
    volume, issue, pages = (node.one(f"bibo:{each}") for each in ("volume", "issue", "pages"))
    where = (volume or "") + (f"({issue})" if issue else "") + (f":{pages}" if pages else "")
    ids = (("DOI", "bibo:doi"), ("PubMed", "bibo:pmid"), ("PubMed Central", "dk:pmcid"))
    label = next(iter(node.all("rdfs:label")), None) or node.label
    return Publication(
        node.iri, label, node.one("dcterms:title"), node.one("dk:author"), node.one("dk:journalTitle"),
        node.one("dk:year"), where or None,
        tuple(identifier(kind, value) for kind, predicate in ids for value in node.all(predicate)),
        node.one("dk:verification"), node.all("skos:note"),
    )  # fmt: skip


def publication_page(store: ox.Store, base: str, iri: str, links: Links) -> str | None:
    """The page of a publication: its identifiers, standing, who cites it; None where there is none."""
    graph = Graph(store)
    node = graph.node(iri)
    if not node.a("dk:Publication"):
        return None
    sources = read_sources(store, base)
    work = read_publication(node)
    return render(
        "publication.html.jinja", links, title=work.label, sources=sources, here="publications",
        work=work, citing=_citing(graph, iri, base), directions=DIRECTIONS, has=_has(sources, iri),
    )  # fmt: skip


def publications_page(store: ox.Store, base: str, links: Links, number: int = 1) -> str | None:
    """A page of the list of cited publications, by name; None where there is no such page.

    :param number: of the page, from 1.
    """
    graph = Graph(store)
    counts = {iri: int(n) for iri, n in rows(store, _CITED) if iri and n}
    sources = read_sources(store, base)
    counts |= {each.publication: 0 for each in sources if each.publication and each.publication not in counts}
    pages = max((len(counts) + PUBLICATIONS - 1) // PUBLICATIONS, 1)
    if number > pages:
        return None
    order = sorted(counts, key=lambda iri: iri.removeprefix(base))
    start = (number - 1) * PUBLICATIONS
    shown = [(read_publication(graph.node(iri)), counts[iri]) for iri in order[start : start + PUBLICATIONS]]
    return render(
        "publications.html.jinja", links, title="Publications", sources=sources, here="publications",
        shown=shown, total=len(counts), number=number, pages=pages,
        page_link=lambda to: links.page("publications", to),
        has={each.publication: each for each in sources if each.publication},
    )  # fmt: skip


def _has(sources: Sequence[Source], iri: str) -> tuple[Source, ...]:
    """The source tables that stand in a publication."""
    return tuple(each for each in sources if each.publication == iri)


def _citing(graph: Graph, iri: str, base: str) -> list[Citing]:
    found = []
    for citation in map(graph.node, graph.subjects("dk:refersTo", iri)):
        for item in map(graph.node, graph.subjects("dk:citation", citation.iri)):
            study = item.one("dk:study")
            of = graph.node(study) if study else None
            design = of.one("dk:design") if of else None
            found.append(
                Citing(
                    Named(item.iri, item.label),
                    terms.source_of_node(item.iri, base) or "",
                    citation.label,
                    graph.label(design) if design else None,
                    of.whole("dk:patients") if of else None,
                    last(of.one("dk:patientsBasis")) if of else None,
                    last(item.one("dk:summaryDirection")),
                    _rated(graph, item.iri),
                )
            )
    return sorted(found, key=lambda each: each.item.iri)


def _rated(graph: Graph, item: str) -> str | None:
    """Level and grade as printed."""
    for each in map(graph.node, graph.subjects("dk:assesses", item)):
        level, grade = each.one("dk:printedLevel"), each.one("dk:printedGrade")
        parts = [f"level {level}" if level else None, f"grade {grade}" if grade else None]
        if level or grade:
            return ", ".join(part for part in parts if part)
    return None
