"""Counting patients as the derived evidence profiles do (`ontology/derive/2-evidence-profile.rq`).

The profiles count all rows on an agent; a filtered map needs the same of some. `tests/test_map.py` holds the
two equal for every profile of a graph.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dress_kg.pages.map_model import FAILED, IMPROVED, MIXED, NOT_PRINTED, Mark

_OUTCOMES = (IMPROVED, FAILED, MIXED)


@dataclass(frozen=True, slots=True)
class Count:
    """Rows, publications and distinct patients.

    :ivar patients: numbers printed, each publication once with its largest.
    :ivar inferred: patients whose number follows from the words; not among `patients`.
    :ivar unknown: publications that report on patients and give no number; not zero.
    :ivar unsaid: publications without a number, of a design that may or may not report on patients.
    """

    items: int = 0
    publications: int = 0
    patients: int = 0
    improved: int = 0
    failed: int = 0
    mixed: int = 0
    without: int = 0
    inferred: int = 0
    unknown: int = 0
    unsaid: int = 0


def words(counted: Count) -> str:
    """The count in words. Unknown is said, and numbers that are not printed are no zero.

    >>> words(Count(items=2, publications=1, patients=3, improved=3, inferred=1))
    '2 rows, 1 publication, 3 patients, and 1 inferred'
    >>> words(Count(items=1, publications=1)), words(Count(items=1, publications=1, unsaid=1))
    ('1 row, 1 publication, no patients of its own', '1 row, 1 publication, patients not printed')
    """
    if not counted.items:
        return "remarks only, no row on it"
    told = [_many(counted.items, "row"), _many(counted.publications, "publication")]
    if counted.patients or counted.inferred or counted.unknown:
        told.append(_many(counted.patients, "patient"))
    else:
        own = "its" if counted.items == 1 else "their"
        told.append("patients not printed" if counted.unsaid else f"no patients of {own} own")
    if counted.inferred:
        told.append(f"and {counted.inferred:,} inferred")
    if counted.unknown:
        told.append(f"number unknown in {_many(counted.unknown, 'publication')}")
    return ", ".join(told)


def _many(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def count(marks: Iterable[Mark]) -> Count:
    """What the marks stand for; remarks and harms are not counted, and a publication is counted once.

    The patients of a publication count by what its rows report: as mixed where these differ.
    """
    found: dict[str, list[Mark]] = {}
    for mark in marks:
        if not mark.remark and mark.column != "harm":
            found.setdefault(mark.item.publication, []).append(mark)
    sums = dict.fromkeys((*_OUTCOMES, NOT_PRINTED, "inferred", "unknown", "unsaid"), 0)
    items: set[str] = set()
    for group in found.values():
        items |= {mark.item.iri for mark in group}
        printed = [m.item.patients for m in group if m.item.patients is not None and not m.item.inferred]
        guessed = [m.item.patients for m in group if m.item.patients is not None and m.item.inferred]
        sums[_outcome(group)] += max(printed, default=0)
        sums["inferred"] += max(guessed, default=0)
        sums["unknown"] += any(m.item.patients is None and m.item.on_patients for m in group)
        sums["unsaid"] += all(m.item.patients is None and m.item.on_patients is None for m in group)
    return Count(
        items=len(items),
        publications=len(found),
        patients=sum(sums[each] for each in (*_OUTCOMES, NOT_PRINTED)),
        improved=sums[IMPROVED],
        failed=sums[FAILED],
        mixed=sums[MIXED],
        without=sums[NOT_PRINTED],
        inferred=sums["inferred"],
        unknown=sums["unknown"],
        unsaid=sums["unsaid"],
    )


def _outcome(group: list[Mark]) -> str:
    said = {mark.column for mark in group} & set(_OUTCOMES)
    silent = {mark.item.iri for mark in group} - {m.item.iri for m in group if m.column in _OUTCOMES}
    if not said:
        return NOT_PRINTED
    if said == {FAILED} and not silent:
        return FAILED
    return IMPROVED if said == {IMPROVED} else MIXED
