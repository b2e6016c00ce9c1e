"""The gate: SHACL shapes, and rules in SPARQL: those of one row batch by batch, others over the whole store.

:func:`validate_store` and :func:`validate_rdf` return a :class:`ValidationReport`; :func:`quality_tables`
turns it into rows of the tidy table `quality_finding`. rdflib and pySHACL are imported when a check runs.
"""

from __future__ import annotations

from dress_kg.validate.gate import load_vocabulary, validate_rdf, validate_store
from dress_kg.validate.result import QualityResult, Rule, Severity, ValidationReport
from dress_kg.validate.rows import Engine, RowJudgement, RowValidator, assemble, cross_row_results
from dress_kg.validate.rules import row_rules
from dress_kg.validate.tables import quality_tables

__all__ = [
    "Engine",
    "QualityResult",
    "RowJudgement",
    "RowValidator",
    "Rule",
    "Severity",
    "ValidationReport",
    "assemble",
    "cross_row_results",
    "load_vocabulary",
    "quality_tables",
    "row_rules",
    "validate_rdf",
    "validate_store",
]
