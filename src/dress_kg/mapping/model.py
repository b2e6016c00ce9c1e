"""A mapping as values: what :mod:`dress_kg.mapping.parse` makes and the compiler reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from pyoxigraph import Literal, NamedNode

from dress_kg.mapping.vocabulary import RDF_TYPE


class TermKind(StrEnum):
    """What sort of RDF term a term map makes."""

    IRI = "IRI"
    BLANK_NODE = "BlankNode"
    LITERAL = "Literal"


@dataclass(frozen=True, slots=True)
class Constant:
    """The same term for every row."""

    term: NamedNode | Literal


@dataclass(frozen=True, slots=True)
class Reference:
    """The text of one column."""

    column: str


@dataclass(frozen=True, slots=True)
class Template:
    """Text with columns in it.

    :ivar texts: the fixed texts, one more than `columns`: before, between and after them.
    :ivar columns: the columns, in order; at least one.
    """

    texts: tuple[str, ...]
    columns: tuple[str, ...]


Expression = Constant | Reference | Template


@dataclass(frozen=True, slots=True)
class TermMap:
    """How one term is made from a row.

    :ivar language: of a literal, or None.
    :ivar datatype: of a literal, or None for a string.
    """

    expression: Expression
    kind: TermKind
    language: Expression | None = None
    datatype: Expression | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """A condition of a join: the child row's text equals the parent row's; null equals nothing."""

    child: Expression
    parent: Expression


@dataclass(frozen=True, slots=True)
class ParentReference:
    """Objects that are the subjects of another triples map.

    :ivar parent: name of that triples map.
    :ivar joins: all must hold; none means the same row of the same source.
    """

    parent: str
    joins: tuple[Join, ...]


@dataclass(frozen=True, slots=True)
class PredicateObjectMap:
    """Each predicate with each object, in the subject's graphs and these."""

    predicates: tuple[TermMap, ...]
    objects: tuple[TermMap | ParentReference, ...]
    graphs: tuple[TermMap, ...]


@dataclass(frozen=True, slots=True)
class TriplesMap:
    """What is made from each row of one source.

    :ivar name: its IRI, or `_:…` where the document gives it none.
    :ivar source: name of the table, as printed in the mapping.
    :ivar base: what a relative IRI is appended to, or None.
    """

    name: str
    source: str
    subject: TermMap
    classes: tuple[NamedNode, ...]
    graphs: tuple[TermMap, ...]
    predicate_objects: tuple[PredicateObjectMap, ...]
    base: str | None

    def term_maps(self) -> Iterator[TermMap]:
        """Every term map that reads this map's own source."""
        yield self.subject
        yield from self.graphs
        for pair in self.predicate_objects:
            yield from pair.predicates
            yield from pair.graphs
            yield from (each for each in pair.objects if isinstance(each, TermMap))

    def parents(self) -> Iterator[ParentReference]:
        """Every reference to another triples map."""
        for pair in self.predicate_objects:
            yield from (each for each in pair.objects if isinstance(each, ParentReference))


@dataclass(frozen=True, slots=True)
class Mapping:
    """One RML mapping document.

    :ivar file: where it was read from, or None for text.
    :ivar triples_maps: in the order of the document.
    :ivar warnings: what the document says that was set aside, in words.
    """

    file: str | None
    triples_maps: tuple[TriplesMap, ...]
    warnings: tuple[str, ...] = field(default=())

    def sources(self) -> tuple[str, ...]:
        """Names of the tables it reads, in order of first use."""
        return tuple(dict.fromkeys(each.source for each in self.triples_maps))

    def columns(self, source: str) -> frozenset[str]:
        """The columns of that table that it reads, joins from either side included."""
        return frozenset(column for name, _, column in self._reads() if name == source)

    def users(self, source: str, column: str) -> tuple[str, ...]:
        """The triples maps that read that column of that table."""
        return tuple(
            dict.fromkeys(user for name, user, read in self._reads() if (name, read) == (source, column))
        )

    def _reads(self) -> Iterator[tuple[str, str, str]]:
        """Source, triples map and column of every use of a column."""
        by_name = {each.name: each for each in self.triples_maps}
        for each in self.triples_maps:
            for term_map in each.term_maps():
                for column in _term_map_columns(term_map):
                    yield each.source, each.name, column
            for reference in each.parents():
                for join in reference.joins:
                    for column in expression_columns(join.child):
                        yield each.source, each.name, column
                    for column in expression_columns(join.parent):
                        yield by_name[reference.parent].source, each.name, column

    def terms(self) -> frozenset[str]:
        """IRIs of all constant predicates, classes and datatypes: what an ontology has to know."""
        found: set[str] = set()
        for triples_map in self.triples_maps:
            found.update(each.value for each in triples_map.classes)
            for pair in triples_map.predicate_objects:
                predicates = {iri for each in pair.predicates for iri in _constant_iris(each.expression)}
                found |= predicates
                for made in pair.objects:
                    if isinstance(made, ParentReference):
                        continue
                    if RDF_TYPE in predicates:
                        found.update(_constant_iris(made.expression))
                    if made.datatype is not None:
                        found.update(_constant_iris(made.datatype))
        return frozenset(found)

    def constant_objects(self) -> frozenset[str]:
        """IRIs of all constant objects: concepts and other individuals that a vocabulary has to know."""
        return frozenset(
            iri
            for triples_map in self.triples_maps
            for pair in triples_map.predicate_objects
            for made in pair.objects
            if isinstance(made, TermMap)
            for iri in _constant_iris(made.expression)
        )


def expression_columns(expression: Expression | None) -> tuple[str, ...]:
    """The columns an expression reads.

    >>> expression_columns(Template(("", "-", ""), ("a", "b")))
    ('a', 'b')
    """
    if isinstance(expression, Reference):
        return (expression.column,)
    return expression.columns if isinstance(expression, Template) else ()


def _term_map_columns(term_map: TermMap) -> Iterator[str]:
    for expression in (term_map.expression, term_map.language, term_map.datatype):
        yield from expression_columns(expression)


def _constant_iris(expression: Expression) -> tuple[str, ...]:
    if isinstance(expression, Constant) and isinstance(expression.term, NamedNode):
        return (expression.term.value,)
    return ()
