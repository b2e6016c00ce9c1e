"""What a page is, for search engines: JSON-LD with schema.org's terms, in a data block of the page.

Only what the graph says is said: a report's outcome is no rating of a drug, so no page is marked up as
medical advice, and no drug gets an effectiveness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dress_kg import __version__, terms
from dress_kg.pages.address import Address
from dress_kg.pages.editor import data_block
from dress_kg.pages.graph import Graph
from dress_kg.pages.links import web
from dress_kg.pages.sources import Source, read_sources

if TYPE_CHECKING:
    from pyoxigraph import Store

_CONTEXT = "https://schema.org"


def structured(store: Store, base: str, address: Address) -> dict[str, Any] | None:
    """The description of a page, None where there is nothing to say of it.

    :param base: of the data IRIs.
    """
    graph = Graph(store)
    made: dict[str, Any] | None = None
    if address.kind in ("map", "about", "items"):
        made = _catalogue(store, base)
    elif address.kind in ("table", "quality"):
        found = [each for each in read_sources(store, base) if each.id == address.key]
        made = _dataset(found[0], graph, base) if found else None
    elif address.kind == "publication" and address.key:
        made = _publication(graph, address.key)
    elif address.kind == "item" and address.key:
        made = _item(graph, address.key, base)
    elif address.kind == "agent" and address.key:
        made = _agent(graph, address.key)
    return {"@context": _CONTEXT, **made} if made else None


def with_structured(html: str, store: Store, base: str, address: Address) -> str:
    """The page with its description in it, in a data block: no script, so the pages' policy lets it stand."""
    made = structured(store, base, address)
    if made is None:
        return html
    head, end, rest = html.partition("</head>")
    return f'{head}<script type="application/ld+json">{data_block(made)}</script>\n{end}{rest}'


def _catalogue(store: Store, base: str) -> dict[str, Any]:
    graph = Graph(store)
    sources = [_dataset(source, graph, base) for source in read_sources(store, base)]
    if len(sources) == 1:
        return sources[0]
    return {"@type": "DataCatalog", "@id": terms.catalog(base), "name": "dress-kg", "dataset": sources}


def _dataset(source: Source, graph: Graph, base: str) -> dict[str, Any]:
    return _without_nothing(
        {
            "@type": "Dataset",
            "@id": terms.dataset(source.id, base),
            "name": source.title,
            "description": source.notice or source.title,
            "usageInfo": source.notice,
            "creditText": source.rights,
            "isBasedOn": _publication(graph, source.publication) if source.publication else None,
            "creator": {"@type": "SoftwareApplication", "name": "dress-kg", "softwareVersion": __version__},
            "isAccessibleForFree": True,
        }
    )


def _publication(graph: Graph, iri: str) -> dict[str, Any] | None:
    if not graph.exists(iri):
        return None
    node = graph.node(iri)
    doi, pmid, journal = node.one("bibo:doi"), node.one("bibo:pmid"), node.one("dk:journalTitle")
    same = [
        f"https://doi.org/{doi}" if doi else None,
        f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else None,
    ]
    return _without_nothing(
        {
            "@type": "MedicalScholarlyArticle",
            "@id": iri,
            "name": node.one("dcterms:title") or node.label,
            "author": [{"@type": "Person", "name": name} for name in node.all("dk:author")],
            "isPartOf": {"@type": "Periodical", "name": journal} if journal else None,
            "datePublished": node.one("dk:year"),
            "sameAs": [each for each in same if web(each)],
        }
    )


def _item(graph: Graph, iri: str, base: str) -> dict[str, Any] | None:
    if not graph.exists(iri):
        return None
    node = graph.node(iri)
    citation = node.one("dk:citation")
    cited = graph.node(citation).one("dk:refersTo") if citation else None
    agents = {
        agent
        for strategy in node.all("dk:strategy")
        for component in graph.node(strategy).all("dk:component")
        for agent in graph.node(component).all("dk:agent")
    }
    source = terms.source_of_node(iri, base)
    return _without_nothing(
        {
            "@type": "CreativeWork",
            "@id": iri,
            "name": node.label,
            "identifier": node.one("dcterms:identifier"),
            "about": [_named(graph, each) for each in (*sorted(agents), *node.all("dk:condition"))],
            "citation": _publication(graph, cited) if cited else None,
            "isPartOf": {"@id": terms.dataset(source, base)} if source else None,
        }
    )


def _agent(graph: Graph, iri: str) -> dict[str, Any] | None:
    if not graph.exists(iri):
        return None
    node = graph.node(iri)
    matches = {each for each in (*node.all("skos:exactMatch"), *node.all("owl:sameAs")) if web(each)}
    drug = node.a("dk:Drug") or node.a("dk:Biologic")
    return _without_nothing(
        {
            "@type": "Drug" if drug else "DefinedTerm",
            "@id": iri,
            "name": node.label,
            "alternateName": list(node.all("skos:altLabel")),
            "sameAs": sorted(matches),
        }
    )


def _named(graph: Graph, iri: str) -> dict[str, Any]:
    return {"@type": "Thing", "@id": iri, "name": graph.label(iri)}


def _without_nothing(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, [], "")}
