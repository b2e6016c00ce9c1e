"""The stored queries: one file each, whose `#+` header describes the question and its parameters.

Listing reads headers only and imports no RDF library, so that `dress-kg queries` is quick.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dress_kg.errors import QueryError
from dress_kg.queries.binding import bind, places
from dress_kg.queries.parameter import TYPES, Parameter, Resolve
from dress_kg.queries.syntax import line_of, refused
from dress_kg.resources import folder

ENVIRONMENT = "DRESS_KG_QUERIES"
_KEYS = {"summary", "description", "params", "example"}
_PARAM_KEYS = {"type", "default", "choices", "label", "scheme"}


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
        check(self)
        return bind(self.text, self.path, self.parameters, params, resolve)

    def error(self, message: str, *, value: str | None = None, remedy: str | None = None) -> QueryError:
        """The error that says so of this query."""
        return QueryError(message, file=self.path, value=value, remedy=remedy)


def query_folders(own: Iterable[Path] = ()) -> tuple[Path, ...]:
    """Where stored queries are read from: the shipped folder, those of `$DRESS_KG_QUERIES`, then the user's.

    :param own: folders named for this call; each holds `audience/question-in-words.rq`.
    :raises QueryError: one of them is not there.
    """
    named = os.environ.get(ENVIRONMENT, "").split(os.pathsep)
    folders = (folder("queries"), *(Path(each) for each in named if each), *own)
    for each in folders:
        if not each.is_dir():
            raise QueryError(
                "this folder of stored queries is not there", file=each, remedy=f"see ${ENVIRONMENT}"
            )
    return folders


def list_queries(folders: Iterable[Path] | None = None) -> tuple[StoredQuery, ...]:
    """All stored queries, sorted by name; only their headers are looked at.

    :param folders: where to look, None for `query_folders()`; a later folder wins over an earlier one.
    :raises QueryError: a header is at fault.
    """
    return tuple(read_query(path, name) for name, path in sorted(_files(folders).items()))


def _files(folders: Iterable[Path] | None) -> dict[str, Path]:
    """The files by name; a later folder wins over an earlier one."""
    bases = query_folders() if folders is None else folders
    return {
        path.relative_to(base).with_suffix("").as_posix(): path
        for base in bases
        for path in base.glob("*/*.rq")
    }


def load_query(name: str, folders: Iterable[Path] | None = None) -> StoredQuery:
    """The stored query of that name; the part after the audience is enough where it is the only one.

    :raises QueryError: there is none, or several (names near to it are suggested), or it is at fault.
    """
    known = _files(folders)
    same = [name] if name in known else [each for each in known if each.partition("/")[2] == name]
    if len(same) == 1:
        query = read_query(known[same[0]], same[0])
        check(query)
        return query
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
    params = header.get("params") or {}
    return StoredQuery(
        name=name,
        path=path,
        summary=header["summary"].strip(),
        description=header["description"].strip(),
        parameters=tuple(_parameter(path, key, spec or {}) for key, spec in params.items()),
        example=header["example"].strip(),
        text=text,
    )


def check(query: StoredQuery) -> None:
    """Look at the body of a stored query, as far as its engine does not.

    :raises QueryError: it holds an update or SERVICE, or its parameters and their blocks differ.
    """
    bad = refused(query.text)
    if bad:
        token, why = bad
        raise QueryError(
            f"a stored query may not hold {why}",
            file=query.path,
            line=line_of(query.text, token.start),
            value=token.text,
            remedy="stored queries only read the graph they are asked of",
        )
    blocks = places(query.text, query.path)
    described = {parameter.name for parameter in query.parameters}
    if described != set(blocks):
        raise query.error(
            "parameters in the header and `# <param …>` blocks differ",
            value=", ".join(sorted(described ^ set(blocks))),
            remedy="describe each under `params` and mark each VALUES block",
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


def _parameter(path: Path, name: str, spec: Mapping[str, Any]) -> Parameter:
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
    )
