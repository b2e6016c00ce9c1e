"""Derived knowledge: SPARQL CONSTRUCT rules in files, run over the graphs of the items, step by step.

A rule sees what the rules of the steps before made; but one of a single row (its group is `row`) may run
over each batch of rows, before all others. Each triple goes to the graph `inferred` of the source that its
subject belongs to, and each derived node points to what it was derived from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pyoxigraph import NamedNode, Quad, QueryTriples, Store

from dress_kg import terms
from dress_kg.errors import OntologyError
from dress_kg.resources import folder

_PREFIX = re.compile(r"^PREFIX\s+(\w*):\s*<([^>]*)>", re.MULTILINE)
_NAME = re.compile(r"<([^<>\s]+)>|\b(\w+):(\w[\w-]*)")
_KEYS = {"rule", "summary", "description"}
_OPTIONAL = {"group"}


@dataclass(frozen=True, slots=True)
class Derivation:
    """A rule, as its file says.

    :ivar name: the rule's name, which its derived nodes carry as `dk:rule`.
    :ivar summary: what it concludes. :ivar description: from what, and what it leaves out.
    :ivar group: what it has to see at once, as for a rule of the gate: `row` (it concludes of nodes under the
        item that have its `dk:rule`, from what the row asserts and from vocabularies), `item`, `publication`
        (of items and of nodes under `same-case/SOURCE/PUBLICATION`), `agent` (of nodes that have the agent
        and of their parts), `table` (of nodes that have its `dk:rule`, from what rows assert); None is not
        said.
    :ivar text: the whole file; it runs as it is in any SPARQL 1.1 tool whose default graph is the union.
    """

    name: str
    summary: str
    description: str
    text: str
    path: Path
    group: str | None = None

    @property
    def step(self) -> int:
        """The number of its file: rules of one step may run at once, after those of the steps before."""
        return int(self.path.name.partition("-")[0])

    @property
    def rests_on(self) -> frozenset[str]:
        """IRIs of all predicates and classes that it may ask for: all that its text names after `WHERE`.

        No rule has a variable in the place of a predicate, so what is said with others changes nothing.
        """
        prefixes = dict(_PREFIX.findall(self.text))
        named = _NAME.findall(self.text.partition("WHERE")[2])
        return frozenset(iri or prefixes.get(prefix, prefix) + local for iri, prefix, local in named)

    @property
    def of_a_row(self) -> bool:
        """Whether it needs nothing but one row and the vocabularies."""
        return self.group == "row"


def load_derivations(rules: Path | None = None) -> tuple[Derivation, ...]:
    """The rules of a folder by step and name; the shipped ones when none is given.

    :raises OntologyError: a header is missing, is not YAML, or lacks or misspells a key.
    """
    files = sorted((rules or folder("ontology") / "derive").glob("*.rq"))
    return tuple(_read(path) for path in files)


@cache
def row_derivations() -> tuple[Derivation, ...]:
    """The shipped rules that conclude from one row only, in the order they run."""
    return tuple(rule for rule in load_derivations() if rule.of_a_row)


def _read(path: Path) -> Derivation:
    text = path.read_text("utf-8")
    lines = [line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+")]
    try:
        header = yaml.safe_load("\n".join(lines))
    except yaml.YAMLError as fault:
        raise OntologyError("the header of this rule is not YAML", file=path, line=1) from fault
    if not isinstance(header, dict) or set(header) - _OPTIONAL != _KEYS:
        raise OntologyError("the header of a rule needs " + ", ".join(sorted(_KEYS)), file=path, line=1)
    if not re.fullmatch(r"\d+-" + re.escape(header["rule"]), path.stem):
        raise OntologyError(
            "a rule's file is named by its step and its name, as 1-name.rq",
            file=path,
            line=1,
            value=header["rule"],
        )
    return Derivation(
        header["rule"], header["summary"], header["description"].strip(), text, path, header.get("group")
    )


def derive(
    quads: Iterable[Quad] | Store, base: str = terms.DATA, *, rules: tuple[Derivation, ...] | None = None
) -> set[Quad]:
    """What the rules conclude from these quads, in the graphs `inferred` of their sources.

    :param quads: or a store that holds them; then what is concluded is added to it.
    :param rules: rules to run instead of the shipped ones.
    :raises OntologyError: a rule does not parse, is no CONSTRUCT, or concludes something of a shared node.
    """
    if isinstance(quads, Store):
        store = quads
    else:
        store = Store()
        store.bulk_extend(quads)
    derived: set[Quad] = set()
    for rule in rules if rules is not None else load_derivations():
        made = set(conclude(store, rule, base))
        store.extend(made)
        derived |= made
    return derived


def conclude(store: Store, rule: Derivation, base: str = terms.DATA) -> Iterator[Quad]:
    """What one rule concludes from a store; a quad may come more than once.

    :raises OntologyError: the rule does not parse, is no CONSTRUCT, or concludes something of a shared node.
    """
    try:
        triples = store.query(rule.text, use_default_graph_as_union=True)
    except SyntaxError as fault:
        raise OntologyError("this rule does not parse as SPARQL", file=rule.path, value=str(fault)) from fault
    if not isinstance(triples, QueryTriples):
        raise OntologyError("a rule has to be a CONSTRUCT", file=rule.path)
    for triple in triples:
        subject = triple.subject
        source = terms.source_of_node(subject.value, base) if isinstance(subject, NamedNode) else None
        if source is None:
            raise OntologyError("a rule concludes of a node of no source", file=rule.path, value=str(subject))
        yield Quad(
            triple.subject,
            triple.predicate,
            triple.object,
            NamedNode(terms.source_graph(source, "inferred", base)),
        )
