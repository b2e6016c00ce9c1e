"""Clinical guideline evidence tables as a validated, traceable RDF knowledge graph.

    from dress_kg import build, open_graph

The names are imported when they are first used, so `import dress_kg` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dress_kg.api import Answer, Graph, open_graph
    from dress_kg.errors import DressKgError
    from dress_kg.pipeline import build

__version__ = "0.1.0"
__all__ = ["Answer", "DressKgError", "Graph", "__version__", "build", "open_graph"]

_HOMES = {
    "Answer": "dress_kg.api",
    "DressKgError": "dress_kg.errors",
    "Graph": "dress_kg.api",
    "build": "dress_kg.pipeline",
    "open_graph": "dress_kg.api",
}


def __getattr__(name: str) -> Any:
    """Import a name of the API where it is used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'dress_kg' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The names of the API among the others."""
    return sorted({*globals(), *__all__})
