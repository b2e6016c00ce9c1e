"""A cell that names its drug and gives the dose: which part is the name, and whose dose a dose is.

"Pentoxifylline 1,600 mg/d day −8 to day +100", "UDCA 600 mg/d + heparin 5–50 U/kg/d until discharge":
a name is what stands before an amount; what follows is regimen and names nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from dress_kg.records import RegimenStep, Strategy

_UNITS = r"(?:m|k|µ|μ|mc|n)?g|[mµμd]?l|(?:m|k)?(?:iu|u|i\.u\.?)|units?|(?:m|µ|μ)?mol|meq|anti-?xa|%|mbq|gy"
_AMOUNT = re.compile(
    rf"\d[\d.,]*(?:\s*(?:[-–—]|to|,|and|or|,\s*and)\s*\d[\d.,]*)*\s*(?:{_UNITS})(?![^\W\d_])", re.IGNORECASE
)
_JOINT = re.compile(r"\s\+\s|\bplus\b|\bfollowed\s+by\b", re.IGNORECASE)


def names_only(text: str) -> str:
    """The text with everything blanked that is no name before an amount, its offsets unchanged.

    A part without an amount stays where no part has one.

    >>> names_only("UDCA 600 mg/d + heparin5–50 U/kg/d; day +1").split()
    ['UDCA', '+', 'heparin']
    """
    joints = [*_JOINT.finditer(text)]
    starts = [0, *(joint.end() for joint in joints)]
    ends = [*(joint.start() for joint in joints), len(text)]
    kept = list(text)
    for start, end in zip(starts, ends, strict=True):
        amount = _AMOUNT.search(text, start, end)
        if amount is not None:
            kept[amount.start() : end] = " " * (end - amount.start())
        elif _AMOUNT.search(text):
            kept[start:end] = " " * (end - start)
    return "".join(kept)


def by_nearest_name(steps: Iterable[RegimenStep], strategy: Strategy | None) -> tuple[RegimenStep, ...]:
    """The steps of such a cell, each given to the last agent named before it."""
    named = sorted(
        (selection.start, number)
        for number, component in enumerate(strategy.components if strategy else ())
        for selection in component.selections
    )
    found = []
    for step in steps:
        before = [number for start, number in named if start <= step.selections[0].start]
        if strategy is not None and before:
            step = replace(step, agent=strategy.components[before[-1]].agent)  # noqa: PLW2901
        found.append(step)
    return tuple(found)
