"""The address of a page: which page it is and of what, as a path, and back.

The same path serves a server (`/table/dress/page/2`) and a static site (`table/dress/page/2.html`). Pages of
things in the graph stand at the path of their IRI, so that a minted IRI is one redirect away from its page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from dress_kg import terms

SINGLE = ("map", "agents", "items", "publications", "queries", "editor", "about", "ontology")
"""Pages of which there is one; lists among them are cut into several."""
KINDS = (*SINGLE, "item", "agent", "publication", "table", "quality", "query", "node")
_SAFE = "/-._~!$'()*+,;=:@"
_WHOLE = ("stance", "quality")
"""Kinds of parts of an item that have one place on its page for all of them."""
_NUMBERED = re.compile(r"(?P<rest>.*)/page/(?P<number>[1-9][0-9]{0,6})")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a page is.

    :ivar kind: one of :data:`KINDS`; `node` is anything else that has an IRI of ours.
    :ivar key: what it is of: the IRI of an item, agent, publication or node; the id of a source; the name
        of a stored query; None for pages of which there is one.
    :ivar number: 1 for the first of a list that is cut into pages.
    :ivar narrowed: of a quality board: (`rule`, its name) or (`severity`, its name); of a stored query in a
        static site: a parameter and its value as a slug.
    """

    kind: str
    key: str | None = None
    number: int = 1
    narrowed: tuple[str, str] | None = None

    def path(self, base: str = terms.DATA) -> str:
        """The path from the root of the site, percent-encoded, with a leading slash.

        >>> Address("map").path(), Address("items", number=2).path()
        ('/', '/items/page/2')
        >>> Address("item", "https://w3id.org/dress-kg/id/evidence/dress/a-b-2016").path()
        '/id/evidence/dress/a-b-2016'
        >>> Address("agent", "https://w3id.org/dress-kg/vocab/cyclosporine").path()
        '/vocab/cyclosporine'
        >>> Address("quality", "dress", 2, ("rule", "dose-implausible")).path()
        '/quality/dress/rule/dose-implausible/page/2'

        :raises ValueError: the key is an IRI that is not of ours.
        """
        if self.kind == "map":
            path = "/"
        elif self.kind in SINGLE:
            path = f"/{self.kind}"
        elif self.kind in ("table", "quality"):
            path = f"/{self.kind}/{self.key}"
        elif self.kind == "query":
            path = f"/queries/{self.key}"
        else:
            path = _path_of_iri(self.key or "", base)
        if self.narrowed:
            path += "/" + "/".join(self.narrowed)
        if self.number > 1:
            path = f"{path.rstrip('/')}/page/{self.number}"
        return quote(path, safe=_SAFE)


def parse(path: str, base: str = terms.DATA) -> Address | None:
    """The address that a path means, None where no page can be there.

    What it names need not exist. `https://w3id.org/dress-kg/id/` in a path is `/id/`, whatever the base is.

    >>> parse("/table/dress/page/3")
    Address(kind='table', key='dress', number=3, narrowed=None)
    >>> parse("/id/evidence/dress/a-b-2016/step/2").key
    'https://w3id.org/dress-kg/id/evidence/dress/a-b-2016'
    >>> parse("/nothing") is None
    True
    """
    path, number = unquote(path), 1
    if numbered := _NUMBERED.fullmatch(path):
        path, number = numbered["rest"] or "/", int(numbered["number"])
    if path == "/":
        return Address("map", number=number)
    first, _, rest = path.strip("/").partition("/")
    if not rest:
        return Address(first, number=number) if first in SINGLE else None
    if first in ("queries", "query"):
        return Address("query", rest, number)
    if first in ("table", "quality"):
        return _of_source(first, rest.split("/"), number)
    if first == "vocab":
        return Address("agent", terms.VOCABULARY + rest, number)
    return of_iri(base + rest, base) if first == "id" else None


def _of_source(kind: str, parts: list[str], number: int) -> Address | None:
    if len(parts) == 1:
        return Address(kind, parts[0], number)
    if kind == "quality" and len(parts) == 3 and parts[1] in ("rule", "severity"):
        return Address(kind, parts[0], number, (parts[1], parts[2]))
    return None


def of_iri(iri: str, base: str = terms.DATA) -> Address | None:
    """The page that shows the node of that IRI, None where the IRI is not of ours.

    Parts of an item are on the page of the item.

    >>> of_iri("https://w3id.org/dress-kg/id/source/dress")
    Address(kind='table', key='dress', number=1, narrowed=None)
    >>> of_iri("https://w3id.org/dress-kg/id/publication/lee-2008").kind
    'publication'
    >>> of_iri("https://example.org/") is None
    True
    """
    query = terms.stored_query("")
    if iri.startswith(terms.ONTOLOGY) or iri == terms.ONTOLOGY.removesuffix("#"):
        return Address("ontology")
    if iri.startswith(query):
        return Address("query", iri.removeprefix(query))
    if iri.startswith(terms.VOCABULARY):
        return Address("agent", iri)
    return _of_data(iri, base) if iri.startswith(base) else None


def _of_data(iri: str, base: str) -> Address:
    kind, *rest = iri.removeprefix(base).split("/")
    if kind == "evidence" and len(rest) >= 2:
        return Address("item", f"{base}evidence/{rest[0]}/{rest[1]}")
    if kind == "source" and rest:
        return Address("table", rest[0])
    return Address("publication" if kind == "publication" and rest else "node", iri)


def fragment(iri: str, base: str = terms.DATA) -> str | None:
    """What comes after the item in the IRI of a part of it, as the id of the place on its page that shows it.

    Selections are in their cell; a stance is where the finding is that it was concluded from.

    >>> fragment("https://w3id.org/dress-kg/id/evidence/dress/a-b-2016/step/2")
    'step-2'
    >>> fragment("https://w3id.org/dress-kg/id/evidence/dress/a-b-2016/cell/dose/3-9")
    'cell-dose'
    >>> fragment("https://w3id.org/dress-kg/id/evidence/dress/a-b-2016") is None
    True
    >>> fragment("https://w3id.org/dress-kg/ontology#Agent")
    'Agent'
    """
    if iri.startswith(terms.ONTOLOGY):
        return iri.removeprefix(terms.ONTOLOGY) or None
    if not iri.startswith(f"{base}evidence/"):
        return None
    first, *more = [*iri.removeprefix(f"{base}evidence/").split("/")[2:], ""]
    if first in _WHOLE:
        return first
    if first == "cell":
        return f"cell-{more[0]}"
    parts = [first, *(more[: more.index("stance")] if "stance" in more else more)]
    return "-".join(filter(None, parts)) or None


def _path_of_iri(iri: str, base: str) -> str:
    if iri.startswith(terms.VOCABULARY):
        return "/vocab/" + iri.removeprefix(terms.VOCABULARY)
    if iri.startswith(base):
        return "/id/" + iri.removeprefix(base)
    raise ValueError(f"not an IRI of ours: {iri}")
