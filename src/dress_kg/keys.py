"""Keys of evidence items: stable when rows are reordered or inserted, untouched by curation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dress_kg import terms


def item_key(drug_text: str, author: str | None, year: int | None, number: str | None) -> str:
    """The key of one row before equal keys are told apart.

    It rests on the printed text alone, not on the vocabulary, so that a better dictionary or a
    curation never changes an IRI.

    >>> item_key("IVIG + CS", "González-Ramos", 2016, "55")
    'ivig-cs-gonzalez-ramos-2016'
    >>> item_key("", None, None, "7")
    'row-ref-7'
    """
    reference = [author or (f"ref {number}" if number else ""), str(year) if year else ""]
    return terms.slug(" ".join([drug_text or "row", *filter(None, reference)])) or "row"


def printed_key(cells: Iterable[str]) -> str:
    """The key of a row by the texts of the profile's key columns: a printed row id, a study and its arm.

    >>> printed_key(["EID 1409"]), printed_key(["Study 3", "Fluoxetine"]), printed_key([" "])
    ('eid-1409', 'study-3-fluoxetine', 'row')
    """
    return terms.slug(" ".join(cells)) or "row"


def distinct(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys, with an ordinal added to the second and later of equal ones.

    >>> distinct(["a-2016", "b-2017", "a-2016"])
    ('a-2016', 'b-2017', 'a-2016-2')
    """
    seen: Counter[str] = Counter()
    taken = set()
    result = []
    for key in keys:
        seen[key] += 1
        name = key if seen[key] == 1 else f"{key}-{seen[key]}"
        while name in taken:
            seen[key] += 1
            name = f"{key}-{seen[key]}"
        taken.add(name)
        result.append(name)
    return tuple(result)
