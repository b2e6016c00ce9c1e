"""Term maps become functions that write terms as N-Quads has them: columns in, texts out.

The quick ways are those where a text needs no change; all else the library writes, so that the bytes are
those of its own serialisation:

* A literal whose text is printable (`str.isprintable`) and holds neither quote nor backslash is written as
  it is. The library escapes U+0000 to U+001F, U+007F, U+FFFE, U+FFFF, `"` and `\\`, nothing else (tried over
  all of Unicode, again in the tests); lone surrogates are no text. None of them but the two is printable.
* An IRI of a scheme, a host and a path of letters, digits and `._~/-` is one without asking.
* What a template percent-encodes into such a path is one too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from dress_kg.mapping.languages import check_language
from dress_kg.mapping.model import Constant, Expression, Reference, Template, TermKind, TermMap
from dress_kg.mapping.source import Batch
from dress_kg.mapping.tables import Column
from dress_kg.mapping.template import iri_safe
from dress_kg.mapping.terms import absolute_iri, blank_node

_NO_FAULTS: Mapping[int, ValueError] = {}
_HOST = re.compile(r"https?://[A-Za-z0-9.-]+/")
_IN_PATHS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~/-"
_BEFORE_A_COLUMN = re.compile(r"https?://[A-Za-z0-9.-]+/.*(?<!%)(?<!%[0-9A-Fa-f])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Texts:
    """One text a row.

    :ivar values: None where the term is null or could not be made.
    :ivar faults: what kept a row, by its place in the batch, from making it.
    """

    values: Column
    faults: Mapping[int, ValueError] = field(default_factory=lambda: _NO_FAULTS)


TextsOf = Callable[[Batch], Texts]


@dataclass(frozen=True, slots=True)
class Token:
    """A term in N-Quads: what stands before the row's text, the text, and what stands after it.

    :ivar texts: None for a constant, which is `before`.
    """

    before: str
    texts: TextsOf | None = None
    after: str = ""

    def whole(self, batch: Batch) -> Texts:
        """The term of each row, made once a batch."""
        made: Texts | None = batch.made.get(self)
        if made is None:
            made = batch.made[self] = self._whole(batch)
        return made

    def _whole(self, batch: Batch) -> Texts:
        if self.texts is None:
            return Texts([self.before] * batch.size)
        texts, before, after = self.texts(batch), self.before, self.after
        return Texts([v if v is None else f"{before}{v}{after}" for v in texts.values], texts.faults)


class Tokens:
    """Makes the tokens of one run; equal term maps share one, and so what it makes of a batch."""

    def __init__(self) -> None:
        self._made: dict[tuple[TermMap, str | None], Token] = {}

    def of(self, term_map: TermMap, base: str | None) -> Token:
        """The token of a term map.

        :param base: what a relative IRI is appended to, or None.
        """
        key = term_map, base
        if key not in self._made:
            self._made[key] = _token(term_map, base)
        return self._made[key]


def raw_texts(expression: Expression, encode: Callable[[str], str] | None = None) -> TextsOf:
    """The expression's text for each row, None where a column is null.

    :param encode: applied to the columns in a template, not to its fixed texts.
    """
    if isinstance(expression, Constant):
        fixed = expression.term.value
        return lambda batch: Texts([fixed] * batch.size)
    if isinstance(expression, Reference):
        name = expression.column
        return lambda batch: Texts(batch.column(name))
    first, names = expression.texts[0], expression.columns
    rest = expression.texts[1:]

    def filled(batch: Batch) -> Texts:
        columns = [_encoded(batch, name, encode) for name in names]
        values: list[str | None] = []
        for parts in zip(*columns, strict=True):
            whole = [part + after for part, after in zip(parts, rest, strict=True) if part is not None]
            values.append(first + "".join(whole) if len(whole) == len(rest) else None)
        return Texts(values)

    return filled


def _encoded(batch: Batch, name: str, encode: Callable[[str], str] | None) -> Column:
    """A column, each text of it encoded, once a batch."""
    column = batch.column(name)
    if encode is None:
        return column
    key = encode, name
    if key not in batch.made:
        batch.made[key] = [None if value is None else encode(value) for value in column]
    made: Column = batch.made[key]
    return made


def _token(term_map: TermMap, base: str | None) -> Token:
    expression = term_map.expression
    if term_map.kind is TermKind.LITERAL:
        return _literal(term_map)
    if isinstance(expression, Constant):
        return Token(str(expression.term))
    if term_map.kind is TermKind.BLANK_NODE:
        return Token("", _each(raw_texts(expression), lambda text: str(blank_node(text))))
    if isinstance(expression, Template) and _is_always_an_iri(expression):
        before, after = expression.texts[0], expression.texts[-1]
        if len(expression.columns) == 1:
            name = expression.columns[0]
            return Token("<" + before, lambda batch: Texts(_encoded(batch, name, iri_safe)), f"{after}>")
        return Token("<", raw_texts(expression, iri_safe), ">")
    texts = raw_texts(expression, iri_safe)
    return Token("<", _once((term_map, base), lambda batch: _iris(texts(batch).values, base)), ">")


def _is_always_an_iri(template: Template) -> bool:
    """Whether whatever is percent-encoded into its columns makes an absolute IRI."""
    if not all(_BEFORE_A_COLUMN.fullmatch(template.texts[0] + text) for text in ("", *template.texts[1:-1])):
        return False
    try:
        for filling in ("x", ""):
            NamedNode(filling.join(template.texts))
    except ValueError:
        return False
    return True


def _once(key: object, make: TextsOf) -> TextsOf:
    """The same, made once a batch."""

    def texts(batch: Batch) -> Texts:
        if key not in batch.made:
            batch.made[key] = make(batch)
        made: Texts = batch.made[key]
        return made

    return texts


def _iris(column: Column, base: str | None) -> Texts:
    """The texts as absolute IRIs (R2RML 7.3)."""
    present = column if None not in column else [value for value in column if value is not None]
    if not present or _are_plain_iris(present):  # type: ignore[arg-type]
        return Texts(column)
    return _made(column, lambda text: absolute_iri(text, base).value)


def _are_plain_iris(texts: Sequence[str]) -> bool:
    """Whether they are IRIs of one host, by a look at all of them together.

    >>> _are_plain_iris(["http://a.org/b", "http://a.org/c-1"])
    True
    >>> _are_plain_iris(["http://a.org/b", "http://a.org/c 1"])
    False
    """
    start = _HOST.match(texts[0])
    if start is None:
        return False
    joined, number = "\n" + "\n".join(texts), len(texts)
    # As many line ends as texts, each before the host: no text holds one, and all begin with the host.
    if joined.count("\n" + start[0]) != number or joined.count("\n") != number:
        return False
    # What is left without the characters of paths: the line ends, and one colon after each scheme.
    return joined.encode("utf-8", "replace").translate(None, _IN_PATHS) == b"\n:" * number


def _made(column: Column, make: Callable[[str], str]) -> Texts:
    """Each text made into another, equal ones once; a ValueError is that row's fault."""
    known: dict[str | None, str | None] = {None: None}
    refused: dict[str, ValueError] = {}
    for value in column:
        if value in known or value is None:
            continue
        try:
            known[value] = make(value)
        except ValueError as problem:
            known[value] = None
            refused[value] = problem
    faults = _NO_FAULTS
    if refused:
        faults = {row: refused[value] for row, value in enumerate(column) if value in refused}
    return Texts([known[value] for value in column], faults)


def _each(texts: TextsOf, make: Callable[[str], str]) -> TextsOf:
    return lambda batch: _made(texts(batch).values, make)


def _literal(term_map: TermMap) -> Token:
    expression, language, datatype = term_map.expression, term_map.language, term_map.datatype
    text = raw_texts(expression)
    if language is not None and not isinstance(language, Constant):
        return Token("", _varying(text, raw_texts(language), _in_language))
    if datatype is not None and not isinstance(datatype, Constant):
        return Token("", _varying(text, raw_texts(datatype, iri_safe), _of_datatype))
    if language is not None:
        tag = language.term.value
        sample = Literal("", language=tag)
    elif datatype is not None:
        sample = Literal("", datatype=NamedNode(datatype.term.value))
    elif isinstance(expression, Constant):
        return Token(str(expression.term))
    else:
        sample = Literal("")
    escaped = _once(("escaped", expression), lambda batch: _escaped(text(batch).values))
    return Token('"', escaped, str(sample)[1:])


def _escaped(column: Column) -> Texts:
    """The texts as they stand between quotes in N-Quads."""
    present = column if None not in column else [value for value in column if value is not None]
    if _is_plain("".join(present)):  # type: ignore[arg-type]
        return Texts(column)
    special = {value for value in present if value is not None and not _is_plain(value)}
    texts = _made([value if value in special else None for value in column], _escape)
    return Texts(
        [value if value not in special else made for value, made in zip(column, texts.values, strict=True)],
        texts.faults,
    )


def _is_plain(text: str) -> bool:
    return text.isprintable() and '"' not in text and "\\" not in text


def _escape(text: str) -> str:
    if text.isprintable():
        return text.replace("\\", "\\\\").replace('"', '\\"')
    return str(Literal(text))[1:-1]


def _varying(text: TextsOf, annotation: TextsOf, make: Callable[[str, str], Literal]) -> TextsOf:
    def literals(batch: Batch) -> Texts:
        values: list[str | None] = []
        faults: dict[int, ValueError] = {}
        pairs = zip(text(batch).values, annotation(batch).values, strict=True)
        for row, (value, chosen) in enumerate(pairs):
            try:
                values.append(None if value is None or chosen is None else str(make(value, chosen)))
            except ValueError as problem:
                values.append(None)
                faults[row] = problem
        return Texts(values, faults)

    return literals


def _in_language(value: str, language: str) -> Literal:
    return Literal(value, language=check_language(language))


def _of_datatype(value: str, datatype: str) -> Literal:
    return Literal(value, datatype=NamedNode(datatype))
