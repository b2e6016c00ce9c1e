"""The selections inside a record: which there are, what they leave unread, under which column they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from dress_kg.records import Agent, Evidence, Row, Selection

_Record = TypeVar("_Record")
_WORD = re.compile(r"\w+")
_SILENT = frozenset(
    "a an the and or of to in on at by for with as it its this that these those there is are was were be "
    "been has had have do does did he she they his her their who which also such patient patients treated "
    "treatment treatments therapy".split()
)
"""Words that state nothing by themselves."""


def with_unread(evidence: Evidence) -> Evidence:
    """The item with only those characters unread that no module read.

    What the dose rules leave, the findings may have read ("clinical worsening after steroids").
    """
    if not evidence.unread:
        return evidence
    read: dict[str, list[tuple[int, int]]] = {}
    # A finding's first selection is its clause; what it read of it are the others.
    clauses = {f.selections[0] for f in evidence.findings if len(f.selections) > 1}
    for selection in selections_of(replace(evidence, unread=())):
        if selection not in clauses:
            read.setdefault(selection.field, []).append((selection.start, selection.end))
    left = [
        rest
        for selection in dict.fromkeys(evidence.unread)
        for rest in without(selection, read.get(selection.field, []))
    ]
    return replace(evidence, unread=tuple(sorted(left)))


def selections_of(value: object) -> Iterator[Selection]:
    """All selections inside a record; a row's own cells have none."""
    if isinstance(value, Selection):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            if each is not None:
                yield from selections_of(each)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from selections_of(each)
    else:
        for name in _fields(value):
            if (each := getattr(value, name)) is not None:
                yield from selections_of(each)


_FIELDS: dict[type[Any], tuple[str, ...]] = {}
"""By kind of record, the fields in which selections are looked for; asked of each value of a row."""


def _fields(value: object) -> tuple[str, ...]:
    names = _FIELDS.get(type(value))
    if names is None:
        names = ()
        if is_dataclass(value) and not isinstance(value, Row | Agent):
            names = tuple(each.name for each in fields(value))
        _FIELDS[type(value)] = names
    return names


def moved(record: _Record, to: Mapping[str, str | None]) -> _Record:
    """The record with its selections under other columns; None takes them out.

    :param to: field they were read under, to the column whose cell holds the text. What was read from no
        cell (a constant of the profile) keeps its value and loses its selections.
    """
    result: _Record = _moved(record, to)
    return result


def _moved(value: Any, to: Mapping[str, str | None]) -> Any:
    if isinstance(value, Selection):
        field = to.get(value.field, value.field)
        return None if field is None else replace(value, field=field)
    if isinstance(value, tuple):
        found = [_moved(each, to) for each in value]
        # A pair whose selection is gone goes with it, as a lone selection does.
        return tuple(new for new, old in zip(found, value, strict=True) if not _lost(new, old))
    if isinstance(value, Mapping):
        return {name: new for name, each in value.items() if (new := _moved(each, to)) is not None}
    if is_dataclass(value) and not isinstance(value, type | Row):
        return replace(value, **{each.name: _moved(getattr(value, each.name), to) for each in fields(value)})
    return value


def _lost(new: Any, old: Any) -> bool:
    if isinstance(old, Selection):
        return new is None
    return isinstance(old, tuple) and len(new) < len(old)


def without(selection: Selection, spans: list[tuple[int, int]]) -> Iterator[Selection]:
    """What is left of a selection when these spans are taken out, but for stretches that say nothing.

    >>> [s.exact for s in without(Selection("comments", 0, 18, "It was so helpful."), [(10, 17)])]
    ['It was so ']
    """
    start = selection.start
    for begin, end in (*sorted(spans), (selection.end, selection.end)):
        stop = min(begin, selection.end)
        if stop > start:
            text = selection.exact[start - selection.start : stop - selection.start]
            words = _WORD.findall(text.casefold())
            if words and not _SILENT.issuperset(words):
                yield Selection(selection.field, start, stop, text)
        start = max(start, end)
