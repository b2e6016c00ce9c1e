"""A stored query as a form, with its answer below: `/queries`, `/queries/AUDIENCE/NAME`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from dress_kg import terms
from dress_kg.errors import QueryError
from dress_kg.pages.answer import readable
from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.sources import read_sources
from dress_kg.pages.suggestions import suggestions
from dress_kg.queries import Parameter, Result, StoredQuery

if TYPE_CHECKING:
    from pyoxigraph import Store

Ask = Callable[[StoredQuery, Mapping[str, str]], tuple[str, Result]]
"""From a stored query and its parameters to its text as it is asked, and the answer."""
AUDIENCES = {
    "clinician": "For clinicians",
    "pharmacovigilance": "For drug safety",
    "author": "For authors of the guideline",
    "data": "For whoever works with the data",
}
_FEW = 40
"""Values of a parameter that a static site has an answer each for."""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter in a form.

    :ivar value: what is asked, as typed; None for nothing. :ivar names: what may be typed, for the reader.
    """

    parameter: Parameter
    value: str | None
    names: Sequence[str]

    @property
    def values(self) -> Sequence[str]:
        """The values that can be listed: the choices, or the names where they are few."""
        return self.parameter.choices or (self.names if len(self.names) <= _FEW else ())


@dataclass(frozen=True, slots=True)
class Asked:
    """A page with its HTTP status: 400 where a value is at fault."""

    html: str
    status: int = 200


def queries_page(store: Store, base: str, queries: Iterable[StoredQuery], links: Links) -> str:
    """The list of stored queries, by audience. :param base: of the data IRIs."""
    order = list(AUDIENCES)
    ranked = sorted(
        queries,
        key=lambda each: (order.index(each.audience) if each.audience in order else len(order), each.name),
    )
    groups = [
        (AUDIENCES.get(audience, f"For {audience}"), list(group))
        for audience, group in groupby(ranked, key=lambda each: each.audience)
    ]
    return render(
        "queries.html.jinja", links, title="Questions that can be asked", here="queries",
        sources=read_sources(store, base), groups=groups,
    )  # fmt: skip


def query_page(
    store: Store,
    base: str,
    query: StoredQuery,
    links: Links,
    ask: Ask,
    *,
    given: Mapping[str, str] | None = None,
    number: int = 1,
) -> Asked | None:
    """The form of a stored query with its answer, None where the answer has no page of that number.

    :param base: of the data IRIs.
    :param ask: gives the query as it is asked, and its answer.
    :param given: values of parameters as typed; an empty one is not given.
    :raises LimitError: the answer is larger.
    """
    params = {name: value.strip() for name, value in (given or {}).items() if value.strip()}
    answer, text, fault = None, query.text, None
    try:
        text, result = ask(query, params)
    except QueryError as error:
        fault = error
    else:
        answer = readable(store, result, links, number)
        if answer is None:
            return None
    written = render(
        "query.html.jinja",
        links,
        title=query.summary,
        here="queries",
        sources=read_sources(store, base),
        query=query,
        audience=AUDIENCES.get(query.audience, query.audience),
        fields=fields(store, query, params),
        params=params,
        unknown=sorted(set(params) - {each.name for each in query.parameters}),
        fault=fault,
        answer=answer,
        text=text,
        number=number,
    )
    return Asked(written, 400 if fault else 200)


def fields(store: Store, query: StoredQuery, params: Mapping[str, str]) -> list[Field]:
    """The fields of the form, with what was asked in them, else their defaults."""
    return [
        Field(each, params.get(each.name, each.default), suggestions(store, each))
        for each in query.parameters
    ]


def single_values(store: Store, query: StoredQuery) -> Iterable[tuple[str, str]]:
    """Parameter and value of each answer that a static site has besides that to the defaults."""
    for field in fields(store, query, {}):
        for value in field.values:
            if value != field.parameter.default and terms.slug(value):
                yield field.parameter.name, value
