"""The graph and the tidy tables as files that other programs read.

Turtle and N-Triples are triples: they merge the named graphs, and what said which row asserts a
statement is lost. TriG, N-Quads and JSON-LD keep the graphs. CSVW is the tidy tables, not the graph.
All are byte-identical for the same graph.
"""

from dress_kg.export.csvw import write_metadata
from dress_kg.export.formats import FORMATS, export, export_tables
from dress_kg.export.quads import write_nquads

__all__ = ["FORMATS", "export", "export_tables", "write_metadata", "write_nquads"]
