"""Read the panel's level(s) of evidence and grade(s) of recommendation, on the scale that a source names.

A scale is data: `ontology/scales/<id>.ttl`, a SKOS file whose levels and grades have a `skos:notation`.
A code is read only where that scale has it, so a level of one scale is never read as one of another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from dress_kg import resources, terms
from dress_kg.errors import OntologyError
from dress_kg.interpret.names import stretches
from dress_kg.records import Assessment, Selection

_NOTATION = terms.PREFIXES["skos"] + "notation"
_TYPE = terms.PREFIXES["rdf"] + "type"
_LEVEL = terms.ONTOLOGY + "RatingLevel"
_GRADE = terms.ONTOLOGY + "RatingGrade"
_SUPPORTS = terms.ONTOLOGY + "supportsGrade"
_JOINTS = re.compile(
    r"[\s/,;&]+|\b(?:and|or|to|level|grade|evidence|recommendation|of)\b|(?<=\w)\s*[–—-]\s*(?=\w)",
    re.IGNORECASE,
)
_CODE_LENGTH = 3  # what is left and this short may be a code that the scale lacks
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "＋": "+", "⁺": "+", "⁻": "-"})


@dataclass(frozen=True, slots=True)
class Scale:
    """A rating scale.

    :ivar id: the last part of its IRI (`sign`).
    :ivar levels: codes of its levels; :ivar grades: codes of its grades.
    :ivar supports: for each level the grades that evidence of this level can carry.
    """

    id: str
    levels: frozenset[str]
    grades: frozenset[str]
    supports: Mapping[str, frozenset[str]]

    @classmethod
    def load(cls, scale_id: str, path: Path | None = None) -> Scale:
        """The shipped scale of this id, or the one in the Turtle file `path`.

        :raises OntologyError: there is no such scale, or it has no levels with a notation.
        """
        return _read(scale_id, path or resources.folder("ontology") / "scales" / f"{scale_id}.ttl")


@lru_cache(maxsize=8)
def _read(scale_id: str, path: Path) -> Scale:
    if not path.is_file():
        shipped = sorted(each.stem for each in path.parent.glob("*.ttl"))
        raise OntologyError(
            "there is no such rating scale",
            file=path,
            value=scale_id,
            remedy="use one of " + ", ".join(shipped) + ", or add a SKOS file for it in ontology/scales",
        )
    codes: dict[str, str] = {}
    kinds: dict[str, set[str]] = {}
    carried: dict[str, set[str]] = {}
    for triple in parse(path=path, format=RdfFormat.TURTLE):
        if not isinstance(triple.subject, NamedNode) or not isinstance(triple.object, NamedNode | Literal):
            continue
        subject, value = triple.subject.value, triple.object.value
        if triple.predicate.value == _NOTATION:
            codes[subject] = value
        elif triple.predicate.value == _TYPE:
            kinds.setdefault(subject, set()).add(value)
        elif triple.predicate.value == _SUPPORTS:
            carried.setdefault(subject, set()).add(value)
    levels = {iri: code for iri, code in codes.items() if _LEVEL in kinds.get(iri, ())}
    grades = {iri: code for iri, code in codes.items() if _GRADE in kinds.get(iri, ())}
    if not levels:
        raise OntologyError(
            "the rating scale has no level with a notation",
            file=path,
            value=scale_id,
            remedy="type its levels dk:RatingLevel and give each one skos:notation",
        )
    supports = {
        code: frozenset(grades[grade] for grade in carried.get(iri, ()) if grade in grades)
        for iri, code in levels.items()
    }
    return Scale(scale_id, frozenset(levels.values()), frozenset(grades.values()), supports)


def read_assessment(
    level: str,
    grade: str,
    scale: Scale,
    *,
    level_field: str = "level",
    grade_field: str = "grade",
) -> Assessment | None:
    """The rating that a row prints, or None where both cells are empty.

    "3/4" is two levels and "C/D" two grades; the printed text stays. What is no code of the scale is unread.

    >>> read = read_assessment("3/4", "C/D", Scale.load("sign"))
    >>> read.levels, read.grades
    (('3', '4'), ('C', 'D'))
    """
    if not level.strip() and not grade.strip():
        return None
    levels, unread_level = _codes(level, scale.levels, level_field)
    grades, unread_grade = _codes(grade, scale.grades, grade_field)
    return Assessment(
        scale=scale.id,
        levels=levels,
        grades=grades,
        printed_level=level.strip() or None,
        printed_grade=grade.strip() or None,
        level_selection=_whole(level, level_field),
        grade_selection=_whole(grade, grade_field),
        unread=(*unread_level, *unread_grade),
    )


def _whole(text: str, field: str) -> Selection | None:
    """The printed text of a cell without the blanks around it."""
    bare = text.strip()
    if not bare:
        return None
    start = text.index(bare)
    return Selection(field, start, start + len(bare), bare)


def _codes(text: str, known: frozenset[str], field: str) -> tuple[tuple[str, ...], tuple[Selection, ...]]:
    """The codes of the scale in a cell, in printed order, each once, and what is no code."""
    by_form = {code.lower(): code for code in known}
    found: dict[str, None] = {}
    rest = list(text)
    if known:
        longest = sorted(by_form, key=lambda code: (-len(code), code))
        pattern = re.compile(
            rf"(?<![\w+.])(?:{'|'.join(map(re.escape, longest))})(?![\w+]|-(?!\w)|\.\d|\s*\+)"
        )
        for hit in pattern.finditer(text.translate(_MINUS).lower()):
            found[by_form[hit.group()]] = None
            rest[hit.start() : hit.end()] = " " * len(hit.group())
    for joint in _JOINTS.finditer("".join(rest)):
        rest[joint.start() : joint.end()] = " " * len(joint.group())
    left = tuple(Selection(field, start, end, text[start:end]) for start, end in stretches("".join(rest)))
    if any(len(part.exact) <= _CODE_LENGTH or re.search(r"\d", part.exact) for part in left):
        return (), tuple(filter(None, (_whole(text, field),)))  # "1-3" is not level 3
    return tuple(found), left
