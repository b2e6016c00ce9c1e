"""The closed vocabulary, its prefixes, and every IRI that dress-kg mints.

All functions are pure. Data IRIs stand under a base that is a setting (:data:`DATA`); the ontology and
the concept namespaces are fixed. A term of ours that is not in :class:`DK` is an AttributeError, and
`tests/test_terms.py` keeps :class:`DK` equal to the ontology file, both ways.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

ONTOLOGY = "https://w3id.org/dress-kg/ontology#"
VOCABULARY = "https://w3id.org/dress-kg/vocab/"
DATA = "https://w3id.org/dress-kg/id/"

PREFIXES: dict[str, str] = {
    "bibo": "http://purl.org/ontology/bibo/",
    "cito": "http://purl.org/spar/cito/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "dk": ONTOLOGY,
    "dkv": VOCABULARY,
    "fabio": "http://purl.org/spar/fabio/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """Lower-case ASCII words joined by hyphens, for the last part of an IRI.

    >>> slug("González-Ramos")
    'gonzalez-ramos'
    >>> slug("IVIG + CS")
    'ivig-cs'
    >>> slug("µ-opioid α")
    'opioid'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return _NOT_SLUG.sub("-", plain).strip("-")


def concept(scheme: str, value: str) -> str:
    """The IRI of a value of one of our small schemes (direction, role, operator, route, …).

    >>> concept("direction", "not effective")
    'https://w3id.org/dress-kg/vocab/direction/not-effective'
    """
    return f"{VOCABULARY}{scheme}/{slug(value)}"


def vocabulary(identifier: str) -> str:
    """The IRI of an agent or condition of the vocabulary.

    >>> vocabulary("intravenous-immunoglobulin")
    'https://w3id.org/dress-kg/vocab/intravenous-immunoglobulin'
    """
    return VOCABULARY + identifier


def rating(scale: str, kind: str, code: str) -> str:
    """The IRI of a level or grade of a rating scale; signs are spelt out, so `2++` and `2+` differ.

    >>> rating("sign", "level", "2++")
    'https://w3id.org/dress-kg/vocab/sign/level-2-plus-plus'
    >>> rating("sign", "grade", "D")
    'https://w3id.org/dress-kg/vocab/sign/grade-d'
    """
    spelt = code.replace("+", " plus ").replace("-", " minus ")
    return f"{VOCABULARY}{scale}/{kind}-{slug(spelt)}"


def source(source_id: str, base: str = DATA) -> str:
    """The IRI of a source table.

    >>> source("dress")
    'https://w3id.org/dress-kg/id/source/dress'
    """
    return f"{base}source/{source_id}"


def evidence(source_id: str, key: str, base: str = DATA) -> str:
    """The IRI of an evidence item.

    >>> evidence("dress", "cyclosporine-kirchhof-2016")
    'https://w3id.org/dress-kg/id/evidence/dress/cyclosporine-kirchhof-2016'
    """
    return f"{base}evidence/{source_id}/{key}"


def condition(source_id: str, label: str, base: str = DATA) -> str:
    """The IRI of a condition that a source names and the vocabulary does not hold.

    >>> condition("civic", "Lymphoid Leukemia")
    'https://w3id.org/dress-kg/id/condition/civic/lymphoid-leukemia'
    """
    name = slug(label) or hashlib.sha256(label.encode()).hexdigest()[:12]
    return f"{base}condition/{source_id}/{name}"


def part(node: str, kind: str, number: int | str | None = None) -> str:
    """The IRI of a part of a node: its citation, its third regimen step, …

    >>> part("https://w3id.org/dress-kg/id/evidence/dress/a-b-2016", "step", 3)
    'https://w3id.org/dress-kg/id/evidence/dress/a-b-2016/step/3'
    """
    return f"{node}/{kind}" if number is None else f"{node}/{kind}/{number}"


def selection(item: str, field: str, start: int, end: int) -> str:
    """The IRI of the characters `start`..`end` (code points, end exclusive) of an item's cell.

    >>> selection("https://w3id.org/dress-kg/id/evidence/dress/a-b-2016", "dose", 0, 12)
    'https://w3id.org/dress-kg/id/evidence/dress/a-b-2016/cell/dose/0-12'
    """
    return f"{item}/cell/{slug(field)}/{start}-{end}"


def publication(key: str, base: str = DATA) -> str:
    """The IRI of a resolved publication.

    >>> publication("bommersbach-2016")
    'https://w3id.org/dress-kg/id/publication/bommersbach-2016'
    """
    return f"{base}publication/{key}"


def item_graph(item: str, base: str = DATA) -> str:
    """The named graph of one evidence item.

    >>> item_graph("https://w3id.org/dress-kg/id/evidence/dress/a-b-2016")
    'https://w3id.org/dress-kg/id/graph/evidence/dress/a-b-2016'
    """
    return f"{base}graph/{item.removeprefix(base)}"


def source_graph(source_id: str, kind: str, base: str = DATA) -> str:
    """The named graph of a source's `source`, `assessment`, `quality`, `inferred` or `dataset` facts.

    >>> source_graph("dress", "quality")
    'https://w3id.org/dress-kg/id/graph/dress/quality'
    """
    return f"{base}graph/{source_id}/{kind}"


def reference_graph(base: str = DATA) -> str:
    """The one global graph of publications, agents, conditions and vocabularies.

    >>> reference_graph()
    'https://w3id.org/dress-kg/id/graph/reference'
    """
    return f"{base}graph/reference"


def source_of_graph(graph: str, base: str = DATA) -> str | None:
    """The id of the source a named graph belongs to, None for the reference graph.

    >>> source_of_graph("https://w3id.org/dress-kg/id/graph/evidence/dress/a-b-2016")
    'dress'
    >>> source_of_graph("https://w3id.org/dress-kg/id/graph/dress/quality")
    'dress'
    >>> source_of_graph(reference_graph()) is None
    True
    """
    parts = graph.removeprefix(f"{base}graph/").split("/")
    if parts[0] == "evidence":
        return parts[1]
    return parts[0] if len(parts) == 2 else None


def source_of_node(node: str, base: str = DATA) -> str | None:
    """The id of the source that an item, a part of one, or a derived node belongs to; None for shared nodes.

    >>> source_of_node("https://w3id.org/dress-kg/id/evidence/dress/a-b-2016/stance/cyclosporine")
    'dress'
    >>> source_of_node("https://w3id.org/dress-kg/id/profile/dress")
    'dress'
    >>> source_of_node("https://w3id.org/dress-kg/id/publication/lee-2008") is None
    True
    """
    kind, _, rest = node.removeprefix(base).partition("/")
    owned = ("evidence", "source", "same-case", "disagreement", "profile", "dataset")
    return rest.split("/")[0] if node.startswith(base) and kind in owned and rest else None


def reasoning(source_id: str, base: str = DATA) -> str:
    """The IRI of the activity that classified a source's items.

    >>> reasoning("dress")
    'https://w3id.org/dress-kg/id/reasoning/dress'
    """
    return f"{base}reasoning/{source_id}"


def dataset(source_id: str, base: str = DATA) -> str:
    """The IRI of what a source became: the dataset that DCAT and VoID describe.

    >>> dataset("dress")
    'https://w3id.org/dress-kg/id/dataset/dress'
    """
    return f"{base}dataset/{source_id}"


def catalog(base: str = DATA) -> str:
    """The IRI of the catalogue of all datasets.

    >>> catalog()
    'https://w3id.org/dress-kg/id/catalog'
    """
    return f"{base}catalog"


def stored_query(name: str) -> str:
    """The IRI of a stored query in the catalogue.

    >>> stored_query("clinician/conflicting-reports")
    'https://w3id.org/dress-kg/query/clinician/conflicting-reports'
    """
    return f"https://w3id.org/dress-kg/query/{name}"
