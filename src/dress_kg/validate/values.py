"""Constants of shapes as SPARQL terms, and the tests on literals that a compiled shape makes."""

from __future__ import annotations

import re

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.validate.paths import UncompilableError
from dress_kg.validate.shape_graph import Term

MOST_COUNTED = 6
"""The highest number of different values that copies of a variable are made for; where there are fewer, all
their orders are tried, at most 120."""
_XSD = terms.PREFIXES["xsd"]
_RDF = terms.PREFIXES["rdf"]
_DECIMAL = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)"
_FLOATING = rf"^([+-]?{_DECIMAL}([eE][+-]?[0-9]+)?|[+-]?INF|NaN)$"
_LEXICAL = {
    "integer": r"^[+-]?[0-9]+$",
    "decimal": rf"^[+-]?{_DECIMAL}$",
    "float": _FLOATING,
    "double": _FLOATING,
    "boolean": r"^(true|false|1|0)$",
}
"""Lexical forms by XML Schema 1.1 part 2: a literal of the datatype in another form is ill-typed."""
_CAST = frozenset({"date", "dateTime"})
"""Datatypes whose lexical form Oxigraph's own cast knows."""


def constant(value: Term, *, iri: bool = False, exact: bool = True) -> str:
    """The term as SPARQL writes it.

    :param iri: whether it has to be an IRI.
    :param exact: whether its lexical form matters, not its value alone.
    :raises UncompilableError: a blank node (it would be a variable), a literal that Oxigraph would keep in
        another lexical form, or no IRI where one is needed.
    """
    if isinstance(value, ox.BlankNode) or (iri and not isinstance(value, ox.NamedNode)):
        raise UncompilableError("no constant that SPARQL can name", value=str(value))
    if isinstance(value, ox.Literal) and exact:
        node = ox.NamedNode("urn:x")
        store = ox.Store()
        store.add(ox.Quad(node, node, value))
        (kept,) = store
        if kept.object != value:
            raise UncompilableError("Oxigraph keeps this literal in another form", value=str(value))
    return str(value)


def flag(value: Term) -> bool:
    """A boolean parameter, written as a word.

    :raises UncompilableError: it is none, or written as 1 or 0, which validators take differently.
    """
    known = {"true": True, "false": False}
    if isinstance(value, ox.Literal) and value.datatype.value == _XSD + "boolean" and value.value in known:
        return known[value.value]
    raise UncompilableError("no boolean", value=str(value))


def whole(value: Term) -> int:
    """A number parameter from 0 up. :raises UncompilableError: it is none."""
    if isinstance(value, ox.Literal) and re.fullmatch(r"\+?[0-9]{1,9}", value.value, re.ASCII):
        return int(value.value)
    raise UncompilableError("no whole number", value=str(value))


def datatype(value: Term, node: str) -> str:
    """Whether a node is a well-formed literal of the datatype.

    :raises UncompilableError: Oxigraph does not keep literals of this datatype as they are (the derived
        integers become xsd:integer), or nobody here knows its lexical forms.
    """
    text = constant(value, iri=True)
    is_of_it = f"(isLiteral({node}) && sameTerm(DATATYPE({node}), {text})"
    name = value.value.removeprefix(_XSD)
    if name in _LEXICAL:
        return f"{is_of_it} && REGEX(STR({node}), {ox.Literal(_LEXICAL[name])}))"
    if name in _CAST:
        return f"{is_of_it} && COALESCE(isLiteral({text}(STR({node}))), false))"
    ours = value.value in (_XSD + "string", _RDF + "langString")
    if ours or not value.value.startswith((_XSD, _RDF, terms.PREFIXES["rdfs"])):
        return f"{is_of_it})"
    raise UncompilableError("no translation for this datatype", value=value.value)


_PORTABLE = re.compile(
    r"""(?:
      [^\\\[\](){}^$.|?*+&~\#]            # a plain character
    | [.^$|&~\#] | \( (?:\?:)? (?!\?) | \)
    | \\ [.\\\-\[\](){}^$|?*+/dD]         # escapes that mean the same everywhere
    | \[ \^? (?: [^\\\[\]^&~\-] (?: - [^\\\[\]^&~\-] )? | \\ [.\\\-\[\]^$/d] )+ -? \]
    | [*+?] \?? | \{ [0-9]{1,3} (?: , [0-9]{0,3} )? \}
    )*""",
    re.VERBOSE,
)
"""Regular expressions that mean the same to XPath (SHACL's), Rust (Oxigraph's) and Python (pySHACL's)."""


def pattern(value: Term, flags: tuple[Term, ...], node: str) -> str:
    """Whether the text of a node matches.

    :raises UncompilableError: the dialects of the engines may differ.
    """
    marks = "".join(each.value for each in flags)
    if not isinstance(value, ox.Literal) or len(flags) > 1 or set(marks) - {"i"}:
        raise UncompilableError("no text, or flags that pySHACL does not know", value=str(value))
    if _PORTABLE.fullmatch(value.value) is None:
        raise UncompilableError("this regular expression may mean different things", value=value.value)
    try:
        re.compile(value.value)
    except re.error as fault:
        raise UncompilableError("no regular expression", value=value.value) from fault
    wanted = str(ox.Literal(value.value))
    return f"(!isBlank({node}) && REGEX(STR({node}), {wanted}, {ox.Literal(marks)}))"
