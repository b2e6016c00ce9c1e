"""The stored queries: one file each, whose `#+` header describes the question and its parameters.

Listing reads headers only and imports no RDF library, so that `dress-kg queries` is quick.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dress_kg.errors import QueryError
from dress_kg.queries.syntax import Token, line_of, refused, tokens
from dress_kg.resources import folder

TYPES = ("iri", "string", "integer", "decimal", "date", "choice")
_KEYS = {"summary", "description", "params", "example"}
_PARAM_KEYS = {"type", "default", "choices", "label", "scheme"}
_MARK = re.compile(r"#\s*<(/?)param ([A-Za-z_]\w*)>\s*$")

Resolve = Callable[[str], str]
"""From a label, synonym, local id or IRI to the IRI; raises QueryError where there is none or several."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a stored query.

    :ivar type: one of `iri`, `string`, `integer`, `decimal`, `date`, `choice`.
    :ivar default: as one would type it; None where the parameter may be left open ("all").
    :ivar choices: the allowed values of a `choice`.
    :ivar scheme: where set, a choice stands for the concept of that name in that scheme of ours.
    :ivar label: for a form.
    :ivar start: :ivar end: where its term (or UNDEF) stands in the text of the query.
    """

    name: str
    type: str
    default: str | None
    choices: tuple[str, ...]
    scheme: str | None
    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A stored query, as its file says.

    :ivar name: `audience/question-in-words`.
    :ivar description: what a row means and what is not covered.
    :ivar example: a command that runs it.
    :ivar text: the whole file; it runs as it is in any SPARQL 1.1 tool.
    """

    name: str
    path: Path
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    example: str
    text: str

    @property
    def audience(self) -> str:
        """The folder it stands in.

        >>> query = load_query("clinician/paediatric-patients")
        >>> query.audience
        'clinician'
        """
        return self.name.partition("/")[0]

    def bind(self, params: Mapping[str, str], resolve: Resolve) -> str:
        """The text with typed terms in the place of the given parameters; others keep their default.

        :param params: values as typed, by parameter name.
        :param resolve: finds the IRI for the value of an `iri` parameter.
        :raises QueryError: an unknown parameter, or a value that does not fit its type.
        """
        from dress_kg.queries.binding import bind  # noqa: PLC0415 – pyoxigraph is loaded where used

        return bind(self, params, resolve)

    def error(self, message: str, *, value: str | None = None, remedy: str | None = None) -> QueryError:
        """The error that says so of this query."""
        return QueryError(message, file=self.path, value=value, remedy=remedy)


def list_queries(folders: Iterable[Path] | None = None) -> tuple[StoredQuery, ...]:
    """All stored queries, sorted by name.

    :param folders: where to look, None for the shipped ones; a later folder wins over an earlier one.
    :raises QueryError: a header or a parameter is at fault.
    """
    found: dict[str, StoredQuery] = {}
    for base in (folder("queries"),) if folders is None else folders:
        for path in sorted(base.glob("*/*.rq")):
            query = read_query(path, path.relative_to(base).with_suffix("").as_posix())
            found[query.name] = query
    return tuple(found[name] for name in sorted(found))


def load_query(name: str, folders: Iterable[Path] | None = None) -> StoredQuery:
    """The stored query of that name; the part after the audience is enough where it is the only one.

    :raises QueryError: there is none, or several; names near to it are suggested.
    """
    known = {query.name: query for query in list_queries(folders)}
    if name in known:
        return known[name]
    same = [query for query in known.values() if query.name.partition("/")[2] == name]
    if len(same) == 1:
        return same[0]
    short = {each.partition("/")[2]: each for each in known}
    near = difflib.get_close_matches(name, [*known, *short], n=3, cutoff=0.5)
    hint = ", ".join(dict.fromkeys(short.get(each, each) for each in near))
    raise QueryError(
        "there are several stored queries of that name" if same else "there is no stored query of that name",
        value=name,
        remedy=f"did you mean {hint}?" if hint else "`dress-kg queries` lists them",
    )


def read_query(path: Path, name: str) -> StoredQuery:
    """One file as a stored query.

    :raises QueryError: naming the file, the line and what to change.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(f"the query cannot be read: {error}", file=path) from error
    header = _header(path, text)
    bad = refused(text)
    if bad:
        token, why = bad
        raise QueryError(
            f"a stored query may not hold {why}", file=path, line=line_of(text, token.start), value=token.text,
            remedy="stored queries only read the graph they are asked of",
        )  # fmt: skip
    places = _places(path, text)
    params = header.get("params") or {}
    if set(params) != set(places):
        odd = sorted(set(params) ^ set(places))
        raise QueryError(
            "parameters in the header and `# <param …>` blocks differ", file=path, value=", ".join(odd),
            remedy="describe each under `params` and mark each VALUES block",
        )  # fmt: skip
    return StoredQuery(
        name=name,
        path=path,
        summary=header["summary"].strip(),
        description=header["description"].strip(),
        parameters=tuple(_parameter(path, key, spec or {}, places[key]) for key, spec in params.items()),
        example=header["example"].strip(),
        text=text,
    )


def _header(path: Path, text: str) -> dict[str, Any]:
    lines = text.split("\n")
    count = next((n for n, line in enumerate(lines) if not line.startswith("#+")), len(lines))
    source = "\n".join(line[2:].removeprefix(" ") for line in lines[:count])
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        header = yaml.load(source, Loader=loader)  # noqa: S506 – it is a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise QueryError(f"the header is no YAML: {error}", file=path, line=line) from error
    if not isinstance(header, dict):
        raise QueryError("there is no `#+` header", file=path, line=1, remedy="start with `#+ summary: …`")
    unknown, missing = set(header) - _KEYS, _KEYS - {"params"} - set(header)
    if unknown or missing:
        raise QueryError(
            "the header has an unknown key" if unknown else "the header lacks a key", file=path, line=1,
            value=", ".join(sorted(map(str, unknown or missing))),
            remedy="it holds summary, description, params and example",
        )  # fmt: skip
    return header


def _places(path: Path, text: str) -> dict[str, tuple[int, int]]:
    """Where the term of each parameter stands: `VALUES ?name { term }` between its two comments."""
    found: dict[str, tuple[int, int]] = {}
    inside: list[Token] = []
    opened: str | None = None
    for token in tokens(text):
        mark = _MARK.match(token.text) if token.kind == "comment" else None
        if mark is None:
            inside.append(token)
            continue
        closing, name = mark.group(1) == "/", mark.group(2)
        if closing != (opened is not None) or (closing and name != opened) or (not closing and name in found):
            raise QueryError("a parameter's comments do not pair", file=path, line=line_of(text, token.start),
                             value=token.text, remedy="# <param x> … # </param x>, once each")  # fmt: skip
        if closing:
            found[name] = _value_place(path, text, name, inside)
        opened, inside = (None if closing else name), []
    if opened is not None:
        raise QueryError("a parameter's block is not closed", file=path, value=opened)
    return found


def _value_place(path: Path, text: str, name: str, inside: list[Token]) -> tuple[int, int]:
    shape = [token.text for token in inside]
    fits = len(shape) >= 5 and shape[0].upper() == "VALUES" and shape[1] == f"?{name}"
    if not fits or shape[2] != "{" or shape[-1] != "}" or "{" in shape[3:] or "}" in shape[3:-1]:
        line = line_of(text, inside[0].start) if inside else None
        raise QueryError("a parameter's block is not `VALUES ?name { term }`", file=path, line=line, value=name)
    return inside[3].start, inside[-2].end


def _parameter(path: Path, name: str, spec: Mapping[str, Any], place: tuple[int, int]) -> Parameter:
    kind = spec.get("type")
    unknown = set(spec) - _PARAM_KEYS
    if unknown or kind not in TYPES:
        raise QueryError(
            f"parameter {name!r} has an unknown {'key' if unknown else 'type'}", file=path,
            value=", ".join(sorted(unknown)) if unknown else str(kind),
            remedy=f"keys: {', '.join(sorted(_PARAM_KEYS))}; types: {', '.join(TYPES)}",
        )  # fmt: skip
    choices = tuple(str(choice) for choice in spec.get("choices") or ())
    if (kind == "choice") != bool(choices):
        raise QueryError(f"parameter {name!r}: `choices` go with the type choice", file=path, value=str(kind))
    default = spec.get("default")
    return Parameter(
        name=name,
        type=kind,
        default=None if default is None else str(default),
        choices=choices,
        scheme=spec.get("scheme"),
        label=str(spec.get("label", name)),
        start=place[0],
        end=place[1],
    )
