"""Rules: SPARQL SELECT files with a `#+` YAML header, run set-wise over a store.

Those of the group `row` look at one row and run over each batch of rows; the others, cross-row rules, over
the whole store. A file selects `?item`, and where it can `?node` (whose characters are at fault), `?field`,
`?value` and whatever its message names. It runs as it is in any SPARQL 1.1 tool whose default graph is the
union.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import yaml

from dress_kg import resources
from dress_kg.errors import ShapeError
from dress_kg.validate.result import Rule, Severity

_KEYS = {"rule", "severity", "message", "reason", "suggestion", "fields", "group", "cells"}
_OPTIONAL = {"suggestion", "group", "cells"}
_PLACE = re.compile(r"\{\?(\w+)\}")


@dataclass(frozen=True, slots=True)
class QueryRule:
    """A rule and its query text.

    :ivar group: what it has to see at once, so that what it says of a row stays while all of that stays:
        `row` (what the row itself says, and the shipped vocabularies), `item` (also what is settled over the
        whole table: publications, labels of agents without vocabulary, lines that are in no row),
        `publication` (all items that cite it), `row above`, `agent` (all items that dose it or take a stance
        on it; the node at fault has the agent); None is not said, so all of the store.
    :ivar every_cell: whether a rule of a row reads all cells of it (`cells: all`), also those that are
        carried along uninterpreted, unrepaired and with nothing read from them.
    """

    rule: Rule
    query: str
    group: str | None = None
    every_cell: bool = False

    @property
    def of_a_row(self) -> bool:
        """Whether it needs nothing but one row and the vocabularies."""
        return self.group == "row"

    def applies(self, fields: frozenset[str] | None) -> bool:
        """Whether the sources have the columns it needs. :param fields: those they have; None means all."""
        return fields is None or fields.issuperset(self.rule.fields)


@dataclass(frozen=True, slots=True)
class Hit:
    """One solution of a rule: the item, the node at fault, the column, the value, the filled message."""

    rule: Rule
    item: str | None
    node: str | None
    field: str | None
    value: str | None
    message: str


def load_rules(folder: Path | None = None) -> tuple[QueryRule, ...]:
    """The rules of a folder, by name; the shipped ones when none is given.

    :raises ShapeError: a header is missing, is not YAML, or lacks or misspells a key.
    """
    folder = folder or resources.folder("ontology") / "rules"
    return tuple(_read(file) for file in sorted(folder.glob("*.rq")))


@cache
def row_rules() -> tuple[QueryRule, ...]:
    """The shipped rules that look at one row only, by name."""
    return tuple(rule for rule in load_rules() if rule.of_a_row)


def _read(file: Path) -> QueryRule:
    text = file.read_text("utf-8")
    header = "\n".join(line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+"))
    try:
        loaded = yaml.safe_load(header)
    except yaml.YAMLError as fault:
        raise ShapeError(
            "the header of this rule is not YAML", file=file, line=1, value=str(fault)
        ) from fault
    if not isinstance(loaded, dict) or set(loaded) - _KEYS or _KEYS - _OPTIONAL - set(loaded):
        raise ShapeError(
            "the header of a rule needs " + ", ".join(sorted(_KEYS - _OPTIONAL)),
            file=file,
            line=1,
            value=", ".join(map(str, loaded)) if isinstance(loaded, dict) else header,
        )
    if loaded["rule"] != file.stem or loaded["severity"] not in set(Severity):
        raise ShapeError("the rule is not named as its file, or its severity is unknown", file=file, line=1)
    if loaded.get("cells", "all") != "all":
        raise ShapeError(
            "of `cells` a rule can say `all` only", file=file, line=1, value=str(loaded["cells"])
        )
    rule = Rule(
        name=loaded["rule"],
        severity=Severity(loaded["severity"]),
        message=loaded["message"],
        reason=loaded["reason"],
        suggestion=loaded.get("suggestion"),
        fields=tuple(loaded["fields"]),
        file=file.name,
    )
    return QueryRule(rule, text, loaded.get("group"), loaded.get("cells") == "all")


def run_rule(store: ox.Store, query_rule: QueryRule) -> Iterator[Hit]:
    """The solutions of a rule, in no order.

    :raises ShapeError: the query does not parse or does not select `?item`.
    """
    rule = query_rule.rule
    try:
        solutions = store.query(query_rule.query, use_default_graph_as_union=True)
    except SyntaxError as fault:
        raise ShapeError("this rule does not parse as SPARQL", file=rule.file, value=str(fault)) from fault
    names = [v.value for v in solutions.variables] if isinstance(solutions, ox.QuerySolutions) else []
    if not isinstance(solutions, ox.QuerySolutions) or "item" not in names:
        raise ShapeError("a rule has to SELECT ?item", file=rule.file)
    for solution in solutions:
        row = {name: _text(solution[name]) for name in names}
        item = row["item"]
        if item is not None:
            message = fill(rule.message, row)
            yield Hit(rule, item, row.get("node"), row.get("field"), row.get("value"), message)


def fill(message: str, row: Mapping[str, str | None]) -> str:
    """The message with the values of its variables; a variable without a value leaves a dash.

    >>> fill("printed {?value}, elsewhere {?other}", {"value": "3", "other": None})
    'printed 3, elsewhere –'
    """
    return _PLACE.sub(lambda found: row.get(found[1]) or "–", message)


def _text(term: object) -> str | None:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else None
