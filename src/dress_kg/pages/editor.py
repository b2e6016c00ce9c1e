"""The SPARQL editor: a text field and a table of the answer, made comfortable by YASQE where scripts run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dress_kg import terms
from dress_kg.pages.described import shipped
from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.rows import rows
from dress_kg.pages.sources import read_sources
from dress_kg.queries import StoredQuery

if TYPE_CHECKING:
    from markupsafe import Markup
    from pyoxigraph import Store

FIRST = """PREFIX dk: <https://w3id.org/dress-kg/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

# Evidence items with the agents of their treatment
SELECT ?item ?agent {
  ?item a dk:EvidenceItem ; dk:strategy/dk:component/dk:agent/skos:prefLabel ?agent .
}
LIMIT 20
"""
_TERMS = "SELECT DISTINCT ?term { VALUES ?kind { %s } ?term a ?kind . FILTER(ISIRI(?term)) } ORDER BY ?term"
_PROPERTIES = "owl:ObjectProperty owl:DatatypeProperty"


def editor_page(store: Store, base: str, queries: Iterable[StoredQuery], links: Links) -> str:
    """The page. :param base: of the data IRIs. :param queries: shown as examples."""
    examples = {query.name: {"summary": query.summary, "text": query.text} for query in queries}
    return render(
        "editor.html.jinja",
        links,
        title="SPARQL",
        here="editor",
        sources=read_sources(store, base),
        first=FIRST,
        names={name: example["summary"] for name, example in examples.items()},
        given=data_block(
            {
                "base": base,
                "vocabulary": terms.VOCABULARY,
                "ontology": terms.ONTOLOGY,
                "prefixes": {**terms.PREFIXES, "evidence": f"{base}evidence/"},
                "classes": _ours("owl:Class"),
                "properties": _ours(_PROPERTIES),
                "examples": examples,
            }
        ),
    )


def data_block(value: object) -> Markup:
    """A value as JSON that may stand inside a script element: it holds nothing that could end one.

    >>> print(data_block({"a": "</script><!--"}))
    {"a": "\\u003c/script\\u003e\\u003c!--"}
    """
    from markupsafe import Markup

    written = json.dumps(value, ensure_ascii=True)
    for character in "<>&":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return Markup(written)  # noqa: S704 - the three characters that could mean something are gone


def _ours(kinds: str) -> list[str]:
    """The classes or properties of our ontology."""
    found = (term for [term] in rows(shipped(), _TERMS % kinds))
    return [term for term in found if term and term.startswith(terms.ONTOLOGY)]
