"""What a source's graph is: DCAT and VoID (counts, vocabularies, partitions), and PROV of the build.

In the graph `dataset` of each source. It has no clock time in it (the manifest has), so that the same input
gives the same bytes. The counts cover the source's own graphs, this description left out, and not the shared
graph `reference`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad

from dress_kg import __version__, terms
from dress_kg.counting import Counts, count_lines, kind_of

_RDF, _RDFS, _XSD = terms.PREFIXES["rdf"], terms.PREFIXES["rdfs"], terms.PREFIXES["xsd"]
_DCT, _PROV, _DK = terms.PREFIXES["dcterms"], terms.PREFIXES["prov"], terms.ONTOLOGY
_DCAT, _VOID, _FOAF = terms.PREFIXES["dcat"], terms.PREFIXES["void"], terms.PREFIXES["foaf"]
_TYPE = NamedNode(_RDF + "type")
_SOFTWARE = "https://w3id.org/dress-kg"

FORMATS = (
    ("nquads", "N-Quads", "application/n-quads"),
    ("trig", "TriG", "application/trig"),
    ("turtle", "Turtle", "text/turtle"),
    ("ntriples", "N-Triples", "application/n-triples"),
    ("jsonld", "JSON-LD", "application/ld+json"),
    ("csvw", "tidy tables as CSV on the Web", "text/csv"),
)
"""The formats that `dress-kg export` writes, with their media types."""


About = dict[str, list[Literal | NamedNode]]
"""What the graph says of a source table, by predicate."""


def describe(quads: Iterable[Quad], base: str = terms.DATA) -> set[Quad]:
    """The description of each source among these quads, in its graph `dataset`.

    :param quads: the graph; descriptions in it are not counted.
    """
    held = list(quads)
    counted = count_lines((f"{quad} .\n".encode() for quad in held), base)
    described: set[Quad] = set()
    for source, seen in counted.items():
        seen.counts.objects = len(seen.objects)
        table = NamedNode(terms.source(source, base))
        described |= describe_source(source, seen.counts, about(q for q in held if q.subject == table), base)
    return described


def describe_source(source: str, counts: Counts, told: About, base: str = terms.DATA) -> set[Quad]:
    """The description of one source, in its graph `dataset`.

    :param counts: what its own graphs hold. :param told: what they say of the table itself.
    """
    return {*_dataset(source, counts, told, base), *_catalog(source, base)}


def about(quads: Iterable[Quad]) -> About:
    """What quads with one subject say of it, in a fixed order."""
    told: About = {}
    for quad in sorted(quads, key=str):
        if isinstance(quad.object, Literal | NamedNode):
            told.setdefault(quad.predicate.value, []).append(quad.object)
    return told


def without_description(quads: Iterable[Quad], base: str = terms.DATA) -> set[Quad]:
    """The graph without its descriptions."""
    held = set(quads)
    names = {quad.graph_name for quad in held}
    bare = {n for n in names if not isinstance(n, NamedNode) or kind_of(n.value, base)[1] != "dataset"}
    return {quad for quad in held if quad.graph_name in bare}


@dataclass(frozen=True, slots=True)
class _Writer:
    """Makes quads in one graph."""

    graph: NamedNode

    def say(self, subject: str, predicate: str, *values: Literal | NamedNode) -> Iterator[Quad]:
        for value in values:
            yield Quad(NamedNode(subject), NamedNode(predicate), value, self.graph)

    def number(self, subject: str, predicate: str, value: int) -> Iterator[Quad]:
        yield from self.say(subject, predicate, Literal(str(value), datatype=NamedNode(_XSD + "integer")))

    def text(self, subject: str, predicate: str, value: str) -> Iterator[Quad]:
        yield from self.say(subject, predicate, Literal(value, language="en"))

    def kind(self, subject: str, *classes: str) -> Iterator[Quad]:
        yield from self.say(subject, _TYPE.value, *map(NamedNode, classes))


def _dataset(source: str, counts: Counts, told: About, base: str) -> Iterator[Quad]:
    write = _Writer(NamedNode(terms.source_graph(source, "dataset", base)))
    dataset, table = terms.dataset(source, base), terms.source(source, base)
    yield from write.kind(dataset, _DCAT + "Dataset", _VOID + "Dataset", _PROV + "Entity")
    title = next((v.value for v in told.get(_DCT + "title", [])), source)
    yield from write.text(dataset, _DCT + "title", f"{title}, as a knowledge graph")
    for notice in told.get(_DK + "notice", []):
        yield from write.text(dataset, _DCT + "description", notice.value)
    yield from write.say(dataset, _DCT + "rights", *told.get(_DCT + "rights", []))
    yield from write.say(dataset, _DCT + "subject", *told.get(_DK + "condition", []))
    yield from write.say(dataset, _DCT + "isPartOf", *told.get(_DCT + "isPartOf", []))
    yield from write.say(dataset, _PROV + "wasDerivedFrom", NamedNode(table))
    yield from write.say(dataset, _DCT + "conformsTo", NamedNode(terms.ONTOLOGY.rstrip("#")))
    yield from write.kind(terms.ONTOLOGY.rstrip("#"), _DCT + "Standard")
    yield from write.text(dataset, _DCT + "identifier", source)
    yield from write.text(dataset, _DCAT + "version", __version__)
    yield from _distributions(write, dataset)
    yield from _void(write, dataset, counts, source, base)
    yield from _build(write, dataset, table)


def _distributions(write: _Writer, dataset: str) -> Iterator[Quad]:
    """One a format, each to be had at the dataset's own IRI.

    DCAT wants an address that gives access and need not be the file itself (`dcat:accessURL`, mandatory in
    DCAT-AP). Where the graph is published its IRIs resolve, for the base of IRIs is a setting; so that is it.
    """
    for name, title, media in FORMATS:
        distribution = terms.part(dataset, "distribution", name)
        yield from write.say(dataset, _DCAT + "distribution", NamedNode(distribution))
        yield from write.kind(distribution, _DCAT + "Distribution")
        yield from write.say(distribution, _DCAT + "accessURL", NamedNode(dataset))
        yield from write.text(distribution, _DCT + "title", title)
        yield from write.text(distribution, _DCT + "description", f"dress-kg export --format {name}")
        iana = "https://www.iana.org/assignments/media-types/"
        yield from write.say(distribution, _DCAT + "mediaType", NamedNode(iana + media))
        yield from write.kind(iana + media, _DCT + "MediaType")


def _void(write: _Writer, dataset: str, counts: Counts, source: str, base: str) -> Iterator[Quad]:
    item = _DK + "EvidenceItem"
    for name, number in (
        ("triples", counts.triples),
        ("entities", counts.members[item]),
        ("distinctSubjects", counts.subjects),
        ("distinctObjects", counts.objects),
        ("properties", len(counts.by_property)),
        ("classes", len(counts.members)),
    ):
        yield from write.number(dataset, _VOID + name, number)
    space = Literal(f"{base}evidence/{source}/")
    yield from write.say(dataset, _VOID + "uriSpace", space)
    used = {_namespace(iri) for iri in (*counts.by_property, *counts.members)}
    yield from write.say(dataset, _VOID + "vocabulary", *map(NamedNode, sorted(used)))
    for kind, number in sorted(counts.by_kind.items()):
        part = terms.part(dataset, "graph", kind)
        yield from write.say(dataset, _VOID + "subset", NamedNode(part))
        yield from write.kind(part, _VOID + "Dataset")
        yield from write.text(part, _RDFS + "label", kind)
        yield from write.number(part, _VOID + "triples", number)
    for cls, number in sorted(counts.members.items()):
        part = terms.part(dataset, "class", _curie(cls))
        yield from write.say(dataset, _VOID + "classPartition", NamedNode(part))
        yield from write.say(part, _VOID + "class", NamedNode(cls))
        yield from write.number(part, _VOID + "entities", number)
    for relation, number in sorted(counts.by_property.items()):
        part = terms.part(dataset, "property", _curie(relation))
        yield from write.say(dataset, _VOID + "propertyPartition", NamedNode(part))
        yield from write.say(part, _VOID + "property", NamedNode(relation))
        yield from write.number(part, _VOID + "triples", number)


def _build(write: _Writer, dataset: str, table: str) -> Iterator[Quad]:
    """Which program made it, from what; when it ran is in the manifest."""
    activity, agent = terms.part(dataset, "build"), terms.part(dataset, "build", "software")
    yield from write.say(dataset, _PROV + "wasGeneratedBy", NamedNode(activity))
    yield from write.kind(activity, _PROV + "Activity")
    yield from write.text(activity, _RDFS + "label", "dress-kg build")
    ontology = NamedNode(f"{terms.ONTOLOGY.rstrip('#')}/{__version__}")
    yield from write.say(activity, _PROV + "used", NamedNode(table), ontology)
    yield from write.say(activity, _PROV + "wasAssociatedWith", NamedNode(agent))
    yield from write.kind(agent, _PROV + "SoftwareAgent")
    yield from write.text(agent, _RDFS + "label", f"dress-kg {__version__}")


def _catalog(source: str, base: str) -> Iterator[Quad]:
    """The one catalogue, said in each source's description, so that it goes with the last of them."""
    write = _Writer(NamedNode(terms.source_graph(source, "dataset", base)))
    catalog = terms.catalog(base)
    yield from write.kind(catalog, _DCAT + "Catalog")
    yield from write.text(catalog, _DCT + "title", "dress-kg")
    about = "Treatment-evidence tables of clinical guidelines as validated, traceable knowledge graphs."
    yield from write.text(catalog, _DCT + "description", about)
    yield from write.say(catalog, _DCT + "publisher", NamedNode(_SOFTWARE))
    yield from write.kind(_SOFTWARE, _FOAF + "Agent")
    yield from write.say(_SOFTWARE, _FOAF + "name", Literal("The dress-kg founders"))
    yield from write.say(catalog, _DCAT + "dataset", NamedNode(terms.dataset(source, base)))


def _namespace(iri: str) -> str:
    """The namespace of a term.

    >>> _namespace("http://www.w3.org/ns/oa#start")
    'http://www.w3.org/ns/oa#'
    """
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    return iri[:cut]


def _curie(iri: str) -> str:
    """A readable last part for the IRI of a partition.

    >>> _curie("http://www.w3.org/ns/oa#start")
    'oa-start'
    """
    space = _namespace(iri)
    known = next((prefix for prefix, name in terms.PREFIXES.items() if name == space), None)
    return f"{known}-{iri[len(space) :]}" if known else terms.slug(iri)
