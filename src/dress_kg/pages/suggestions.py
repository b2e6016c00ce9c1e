"""What may be typed into the fields of a query's form: the names that the graph knows.

A parameter is known by its name, the same in all stored queries: `agent`, `partner`, `item`, `organ`, …
A parameter of another name gets no suggestions; whatever the resolver understands may still be typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dress_kg import terms
from dress_kg.pages.rows import rows
from dress_kg.queries import Parameter

if TYPE_CHECKING:
    from pyoxigraph import Store

MOST = 1_500
"""With more names than that a list helps nobody and weighs too much; then there is none."""

_NAMED = 'skos:prefLabel|rdfs:label ?name . FILTER(LANG(?name) IN ("", "en"))'
_AGENTS = f"""SELECT DISTINCT ?name {{
  VALUES ?kind {{ dk:Agent dk:Drug dk:DrugClass dk:Biologic dk:Procedure }} ?node a ?kind ; {_NAMED} }}"""
_CLASSES = f"SELECT DISTINCT ?name {{ ?node a dk:DrugClass ; {_NAMED} }}"
_ITEMS = "SELECT DISTINCT ?name { ?node a dk:EvidenceItem ; dcterms:identifier ?name }"
_PUBLICATIONS = """SELECT DISTINCT ?name {
  [] dk:refersTo ?node . BIND(REPLACE(STR(?node), "^.*/", "") AS ?name) }"""
_ORGANS = f"SELECT DISTINCT ?name {{ ?node skos:inScheme <{terms.VOCABULARY}organ> ; {_NAMED} }}"
_RULES = "SELECT DISTINCT ?name { [] dk:rule ?name }"
_KNOWN = {
    "agent": _AGENTS,
    "partner": _AGENTS,
    "treatment": _AGENTS,
    "failed": _AGENTS,
    "culprit": _AGENTS,
    "class": _CLASSES,
    "item": _ITEMS,
    "publication": _PUBLICATIONS,
    "organ": _ORGANS,
    "rule": _RULES,
}


def suggestions(store: Store, parameter: Parameter) -> Sequence[str]:
    """The names for a field, sorted; none where the parameter's name says nothing, or there are too many."""
    query = _KNOWN.get(parameter.name)
    if query is None or parameter.choices:
        return ()
    names = {name for [name] in rows(store, f"{query} LIMIT {MOST + 1}") if name}
    return sorted(names, key=str.casefold) if len(names) <= MOST else ()
