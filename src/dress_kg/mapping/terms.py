"""Term maps become functions: a row in, a term or None (null) out.

A term that the row's text cannot make (an IRI with a space in it) raises ValueError, which is the
row's fault; a column that the row does not have raises KeyError, which is the mapping's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import itemgetter

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode

from dress_kg.mapping.languages import check_language
from dress_kg.mapping.model import Constant, Expression, Reference, Template, TermKind, TermMap
from dress_kg.mapping.template import iri_safe
from dress_kg.mapping.vocabulary import RML

Row = Mapping[str, str | None]
Made = NamedNode | BlankNode | Literal
Resource = NamedNode | BlankNode
Graph = NamedNode | BlankNode | DefaultGraph
TextOf = Callable[[Row], str | None]
TermOf = Callable[[Row], Made | None]
GraphOf = Callable[[Row], Graph | None]

_MEMO_SIZE = 512
"""Terms kept for reuse by one function; units, agents and graph names come again and again."""

_DEFAULT_GRAPH = NamedNode(RML + "defaultGraph")
_NOT_IN_LABEL = re.compile(r"[^A-Za-z0-9]")


def text_function(expression: Expression, *, encode: Callable[[str], str] | None = None) -> TextOf:
    """The function that gives the expression's text for a row, None where a column is null.

    :param encode: applied to the columns in a template, not to its fixed texts.
    """
    if isinstance(expression, Constant):
        fixed = expression.term.value
        return lambda _row: fixed
    if isinstance(expression, Reference):
        getter: TextOf = itemgetter(expression.column)
        return getter
    if len(expression.columns) == 1:
        return _one_column(expression, encode)
    return _several_columns(expression, encode)


def _one_column(template: Template, encode: Callable[[str], str] | None) -> TextOf:
    before, after = template.texts
    column = template.columns[0]

    def text(row: Row) -> str | None:
        value = row[column]
        if value is None:
            return None
        return before + (value if encode is None else encode(value)) + after

    return text


def _several_columns(template: Template, encode: Callable[[str], str] | None) -> TextOf:
    first = template.texts[0]
    rest = tuple(zip(template.columns, template.texts[1:], strict=True))

    def text(row: Row) -> str | None:
        parts = [first]
        for column, after in rest:
            value = row[column]
            if value is None:
                return None
            parts.append(value if encode is None else encode(value))
            parts.append(after)
        return "".join(parts)

    return text


class TermFunctions:
    """Makes the functions of one run; equal term maps share one, and so the terms it remembers."""

    def __init__(self) -> None:
        self._made: dict[tuple[TermMap, str | None], TermOf] = {}

    def term(self, term_map: TermMap, base: str | None) -> TermOf:
        """The function that makes the term of a row.

        :param base: what a relative IRI is appended to (R2RML 7.3: joined as texts, not resolved), or None.
        """
        made = self._made.get((term_map, base))
        if made is None:
            made = self._made[term_map, base] = _term_function(term_map, base)
        return made

    def graph(self, term_map: TermMap, base: str | None) -> GraphOf:
        """As :meth:`term`, for a graph; `rml:defaultGraph` is the default graph."""
        make = self.term(term_map, base)
        if isinstance(term_map.expression, Constant):
            constant = term_map.expression.term
            fixed = DefaultGraph() if constant == _DEFAULT_GRAPH else constant
            return lambda _row: None if isinstance(fixed, Literal) else fixed

        def graph(row: Row) -> Graph | None:
            made = make(row)
            if made == _DEFAULT_GRAPH:
                return DefaultGraph()
            return None if isinstance(made, Literal) else made

        return graph


def _term_function(term_map: TermMap, base: str | None) -> TermOf:
    expression = term_map.expression
    if term_map.kind is TermKind.LITERAL:
        return _literal_function(term_map)
    if isinstance(expression, Constant):
        fixed = expression.term
        return lambda _row: fixed
    encode: Callable[[str], str] | None = None
    make: Callable[[str], Resource] = blank_node
    if term_map.kind is TermKind.IRI:
        encode = iri_safe

        def make(text: str) -> Resource:
            return absolute_iri(text, base)

    if isinstance(expression, Template) and len(expression.columns) == 1:
        return _remembering(itemgetter(expression.columns[0]), _filled(expression, encode, make))
    return _remembering(text_function(expression, encode=encode), make)


def _filled(
    template: Template, encode: Callable[[str], str] | None, make: Callable[[str], Resource]
) -> Callable[[str], Resource]:
    """The term for the text of the template's one column: the memory then needs no encoded text."""
    before, after = template.texts
    return lambda value: make(before + (value if encode is None else encode(value)) + after)


class UnmakeableTermError(ValueError):
    """A text that is no term of the kind asked for.

    :ivar text: that text.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason)
        self.text = text


def absolute_iri(text: str, base: str | None) -> NamedNode:
    """The text as an IRI, as it is where it is absolute, else appended to the base.

    :raises UnmakeableTermError: neither is an IRI.

    >>> absolute_iri("path/../Danny", "http://example.com/base/")
    <NamedNode value=http://example.com/base/path/../Danny>
    """
    try:
        return NamedNode(text)
    except ValueError as problem:
        if base is None:
            raise UnmakeableTermError(str(problem), text) from problem
    try:
        return NamedNode(base + text)
    except ValueError as problem:
        raise UnmakeableTermError(str(problem), base + text) from problem


def blank_node(text: str) -> BlankNode:
    """The blank node for a text: the same for the same text, in whatever map or batch it comes.

    >>> blank_node("Bob Smith")
    <BlankNode value=bBob_20_Smith>
    """
    return BlankNode("b" + _NOT_IN_LABEL.sub(lambda found: f"_{ord(found[0]):x}_", text))


def _remembering(text: TextOf, make: Callable[[str], Resource]) -> TermOf:
    memo: dict[str, Resource] = {}

    def term(row: Row) -> Resource | None:
        value = text(row)
        if value is None:
            return None
        made = memo.get(value)
        if made is None:
            made = make(value)
            if len(memo) >= _MEMO_SIZE:
                memo.clear()
            memo[value] = made
        return made

    return term


def _literal_function(term_map: TermMap) -> TermOf:
    expression, language, datatype = term_map.expression, term_map.language, term_map.datatype
    text = text_function(expression)
    if language is not None:
        if isinstance(language, Constant):
            return _in_language(text, language.term.value)
        return _varying(text, text_function(language), _literal_in_language)
    if datatype is not None:
        if isinstance(datatype, Constant):
            return _of_datatype(text, NamedNode(datatype.term.value))
        return _varying(text, text_function(datatype, encode=iri_safe), _literal_of_datatype)
    if isinstance(expression, Constant):
        fixed = expression.term
        return lambda _row: fixed
    return _plain_column(expression.column) if isinstance(expression, Reference) else _plain(text)


def _plain_column(column: str) -> TermOf:
    def literal(row: Row) -> Literal | None:
        value = row[column]
        # Joining with a text refuses numbers: Literal(5) would be an xsd:integer, which no CSV gives.
        return None if value is None else Literal(value + "")

    return literal


def _plain(text: TextOf) -> TermOf:
    def literal(row: Row) -> Literal | None:
        value = text(row)
        return None if value is None else Literal(value)

    return literal


def _in_language(text: TextOf, language: str) -> TermOf:
    def literal(row: Row) -> Literal | None:
        value = text(row)
        return None if value is None else Literal(value + "", language=language)

    return literal


def _of_datatype(text: TextOf, datatype: NamedNode) -> TermOf:
    def literal(row: Row) -> Literal | None:
        value = text(row)
        return None if value is None else Literal(value + "", datatype=datatype)

    return literal


def _varying(text: TextOf, annotation: TextOf, make: Callable[[str, str], Literal]) -> TermOf:
    def literal(row: Row) -> Literal | None:
        value, chosen = text(row), annotation(row)
        return None if value is None or chosen is None else make(value, chosen)

    return literal


def _literal_in_language(value: str, language: str) -> Literal:
    return Literal(value, language=check_language(language))


def _literal_of_datatype(value: str, datatype: str) -> Literal:
    return Literal(value, datatype=NamedNode(datatype))
