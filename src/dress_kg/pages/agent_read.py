"""What stands beside the reports on an agent: names, classes, identifiers, publications, disagreements."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

import pyoxigraph as ox

from dress_kg.pages.graph import Graph, last
from dress_kg.pages.links import web
from dress_kg.pages.map_model import Dispute, Facts
from dress_kg.pages.rows import rows

_REGISTERS = (
    (re.compile(r"wikidata\.org/entity/(?P<id>Q\d+)"), "Wikidata"),
    (re.compile(r"CHEBI_(?P<id>\d+)"), "ChEBI"),
    (re.compile(r"uniisearch/srs/unii/(?P<id>\w+)"), "UNII"),
    (re.compile(r"RXCUI&searchTerm=(?P<id>\d+)"), "RxNorm"),
    (re.compile(r"drugbank\.com/drugs/(?P<id>DB\d+)"), "DrugBank"),
    (re.compile(r"nlm\.nih\.gov/mesh/(?P<id>\w+)"), "MeSH"),
    (re.compile(r"atc_ddd_index/\?code=(?P<id>\w+)"), "ATC"),
)
_MATCHES = {"skos:exactMatch": "the same", "skos:closeMatch": "close to it", "skos:broadMatch": "broader",
            "skos:narrowMatch": "narrower", "skos:relatedMatch": "another use or form"}  # fmt: skip
_KINDS = {"Drug": "drug", "DrugClass": "class of drugs", "Biologic": "biologic", "Procedure": "procedure"}


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier in a public register, verified when it was put into the vocabulary.

    :ivar href: where it leads; None where that is no web address. :ivar match: how near it is, in words.
    """

    register: str
    id: str
    href: str | None
    match: str


@dataclass(frozen=True, slots=True)
class Named:
    """A node with its name."""

    iri: str
    name: str


@dataclass(frozen=True, slots=True)
class Described:
    """An agent. :ivar kind: drug, class of drugs, …; None where not known."""

    iri: str
    name: str
    kind: str | None
    definition: str | None
    synonyms: tuple[str, ...]
    broader: tuple[Named, ...]
    narrower: tuple[Named, ...]
    identifiers: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication behind the reports. :ivar doi: as a web address."""

    iri: str
    label: str
    title: str | None
    doi: str | None
    pmid: str | None


@dataclass(frozen=True, slots=True)
class Stance:
    """Who stands where in a disagreement.

    :ivar patients: None where not printed, or for advice. :ivar words: that it rests on, as printed.
    """

    item: str
    cite: str
    direction: str
    kind: str | None
    design: str | None
    patients: int | None
    steroids: bool | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A disagreement with its sides."""

    dispute: Dispute
    condition: str | None
    supports: tuple[Stance, ...]
    disputes: tuple[Stance, ...]


def describe(graph: Graph, iri: str, facts: Facts) -> Described:
    """What the vocabulary says of an agent."""
    node = graph.node(iri)
    kind = next((word for name, word in _KINDS.items() if node.a(f"dk:{name}")), None)
    identifiers = [_identifier(match, words) for name, words in _MATCHES.items() for match in node.all(name)]
    narrower = [each for each in graph.subjects("skos:broader", iri) if each in facts.agents]
    return Described(
        iri,
        node.label,
        kind,
        node.one("skos:definition"),
        node.all("skos:altLabel"),
        tuple(Named(each, graph.label(each)) for each in node.all("skos:broader")),
        tuple(Named(each, graph.label(each)) for each in narrower),
        tuple(sorted(identifiers, key=lambda each: (each.match != "the same", each.register, each.id))),
    )


def _identifier(iri: str, match: str) -> Identifier:
    """The register and the identifier of an IRI, by its form.

    >>> _identifier("http://purl.obolibrary.org/obo/CHEBI_4031", "the same").register
    'ChEBI'
    >>> _identifier("javascript:alert(1)", "the same").href is None
    True
    """
    for pattern, register in _REGISTERS:
        if found := pattern.search(iri):
            return Identifier(register, found["id"], web(iri), match)
    return Identifier("", unquote(last(iri) or iri), web(iri), match)


def publications(graph: Graph, iris: set[str]) -> tuple[Publication, ...]:
    """The publications, by label."""
    found = []
    for iri in iris:
        node = graph.node(iri)
        doi, pmid = node.one("bibo:doi"), node.one("bibo:pmid")
        found.append(
            Publication(
                iri,
                node.label,
                node.one("dcterms:title"),
                web(f"https://doi.org/{doi}") if doi else None,
                pmid if pmid and pmid.isdigit() else None,
            )
        )
    return tuple(sorted(found, key=lambda each: each.label.lower()))


def disagreements(store: ox.Store, agent: str, facts: Facts) -> tuple[Disagreement, ...]:
    """The disagreements of the graph on an agent, with who says what in which words."""
    words: dict[tuple[str, str], dict[str, None]] = {}
    stances: dict[tuple[str, str], dict[str, Stance]] = {}
    for row in rows(
        store,
        """SELECT DISTINCT ?d ?side ?s ?i ?dir ?k ?de ?n ?w ?v {
          ?d a dk:Disagreement ; dk:agent ?agent ; ?property ?s .
          VALUES (?property ?side) { (dk:supportedBy "for") (dk:disputedBy "against") }
          ?s dk:item ?i ; dk:direction ?dir .
          OPTIONAL { ?s dk:kind ?k } OPTIONAL { ?s dk:design ?de } OPTIONAL { ?s dk:patients ?n }
          OPTIONAL { ?s dk:withCorticosteroids ?w }
          OPTIONAL { ?s prov:wasDerivedFrom ?f . ?f a dk:Finding ; dk:verbatim ?v }
        } ORDER BY ?d ?side ?i ?s ?v""",
        agent=agent,
    ):
        dispute, side, stance, item, direction, kind, design, number, steroids, verbatim = row
        if not (dispute and side and stance and item and direction) or item not in facts.items:
            continue
        said = words.setdefault((dispute + side, stance), {})
        if verbatim:
            said[verbatim] = None
        stances.setdefault((dispute, side), {})[stance] = Stance(
            item, facts.items[item].cite, last(direction) or direction, last(kind),
            facts.names.get(design or ""), None if number is None else int(number),
            None if steroids is None else steroids == "true", tuple(said),
        )  # fmt: skip
    return tuple(
        Disagreement(
            each,
            facts.names.get(each.condition or ""),
            tuple(stances.get((each.iri, "for"), {}).values()),
            tuple(stances.get((each.iri, "against"), {}).values()),
        )
        for each in facts.disputes
        if each.agent == agent
    )
