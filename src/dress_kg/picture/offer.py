"""The pictures that a map page leads to: their names, and when there are some."""

from __future__ import annotations

import importlib.util

from dress_kg.pages.map_model import Facts

MOST_AGENTS = 80
"""Agents that one picture holds."""
NAMES = {"svg": "evidence-map.svg", "png": "evidence-map.png"}
"""The files of the unfiltered map, by format."""
_PARTS = ("altair", "vl_convert")


def missing() -> bool:
    """Whether the libraries that draw are absent."""
    return any(importlib.util.find_spec(part) is None for part in _PARTS)


def offered(facts: Facts) -> bool:
    """Whether the map of the first source can be drawn here, as one picture."""
    first = next(iter(facts.sources), None)
    agents = {mark.agent for mark in facts.marks if mark.item.source == first}
    return not missing() and 0 < len(agents) <= MOST_AGENTS
