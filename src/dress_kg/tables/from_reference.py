"""Publications and unmapped agents to rows of the tidy tables of the reference graph."""

from __future__ import annotations

from collections.abc import Iterable

from dress_kg import terms
from dress_kg.interpret.publication import Publication
from dress_kg.records import Condition
from dress_kg.tables import Cells, Rows, Tables
from dress_kg.tables.schema import TABLES

_NAMING = ("component", "regimen_step", "culprit", "finding_target")
"""The tables whose rows name agents, the first one to be asked for a label first."""


def publication_tables(publications: Iterable[Publication], base: str = terms.DATA) -> Tables:
    """One row a publication; its notes in a table of their own."""
    graph = terms.reference_graph(base)
    rows: Rows = []
    notes: Rows = []
    for publication in publications:
        iri = terms.publication(publication.key, base)
        rows.append({
            "named_graph": graph, "publication": iri, "label": publication.label,
            "first_author": publication.first_author, "title": publication.title,
            "journal": publication.journal, "year": str(publication.year) if publication.year else None,
            "volume": publication.volume, "issue": publication.issue, "pages": publication.pages,
            "doi": publication.doi, "pmid": publication.pmid, "pmcid": publication.pmcid,
            "confidence": publication.confidence,
        })  # fmt: skip
        if publication.notes:
            notes.append({"named_graph": graph, "publication": iri, "note": publication.notes})
    return {"publication": rows, "publication_note": notes}


def condition_tables(conditions: Iterable[Condition], source: str, base: str = terms.DATA) -> Tables:
    """One row for each condition that a source names and the vocabulary does not hold, in its graph."""
    graph = terms.source_graph(source, "source", base)
    rows: dict[str, Cells] = {}
    for condition in conditions:
        iri = terms.condition(source, condition.label, base)
        known = rows.get(iri)
        if condition.concept is None and (known is None or known["identifier"] is None):
            rows[iri] = {
                "named_graph": graph, "condition": iri, "source": terms.source(source, base),
                "label": known["label"] if known else condition.label, "identifier": condition.identifier,
            }  # fmt: skip
    return {"condition": [rows[iri] for iri in sorted(rows)]}


def joined_conditions(known: dict[str, Cells], found: dict[str, Cells]) -> None:
    """Add the conditions of rows further down: of each, the first label stands and the first identifier."""
    for iri, row in found.items():
        before = known.setdefault(iri, row)
        if before["identifier"] is None:
            known[iri] = {**before, "identifier": row["identifier"]}


def agent_labels(tables: Tables, known: frozenset[str]) -> dict[str, dict[str, str]]:
    """The agents that some row names and the vocabulary does not hold: by table, IRI to its first label."""
    found: dict[str, dict[str, str]] = {}
    for name in _NAMING:
        for row in tables.get(name, []):
            agent = row.get("agent")
            if agent and agent not in known:
                found.setdefault(name, {}).setdefault(agent, row.get("agent_label") or agent)
    return found


def agent_rows(parts: Iterable[dict[str, dict[str, str]]], base: str = terms.DATA) -> Rows:
    """One row for each such agent, under its first label.

    :param parts: what :func:`agent_labels` gave of the batches of rows, in their order.
    """
    held = list(parts)
    labels: dict[str, str] = {}
    for name in _NAMING:
        for part in held:
            for agent, label in part.get(name, {}).items():
                labels.setdefault(agent, label)
    graph = terms.reference_graph(base)
    return [{"named_graph": graph, "agent": agent, "label": labels[agent]} for agent in sorted(labels)]


def unmapped_agents(tables: Tables, known: frozenset[str], base: str = terms.DATA) -> Rows:
    """One row for each agent that some row of whole tables names and the vocabulary does not hold."""
    return agent_rows([agent_labels(tables, known)], base)


def named_concepts(tables: Tables) -> frozenset[str]:
    """The IRIs of our vocabulary that the tables name."""
    found: set[str] = set()
    for name, rows in tables.items():
        for column in TABLES[name].columns:
            if column.datatype == "anyURI":
                found.update({row.get(column.name) or "" for row in rows})
    return frozenset(iri for iri in found if iri.startswith(terms.VOCABULARY))
