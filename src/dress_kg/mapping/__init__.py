"""RML for tables: read a mapping, run it over tidy tables, get quads batch by batch.

:func:`load_mapping` reads RML in today's terms or the older ones; :func:`execute` runs it over rows
in memory or, with :func:`csv_tables`, over the files of a folder. :func:`execute_lines` gives the same as
lines of N-Quads, several times as fast.
"""

from __future__ import annotations

from dress_kg.mapping.execute import execute, execute_batches
from dress_kg.mapping.lines import execute_lines
from dress_kg.mapping.model import Mapping
from dress_kg.mapping.parse import load_mapping
from dress_kg.mapping.tables import csv_tables
from dress_kg.mapping.translate import in_todays_terms

__all__ = [
    "Mapping",
    "csv_tables",
    "execute",
    "execute_batches",
    "execute_lines",
    "in_todays_terms",
    "load_mapping",
]
