"""Which format an answer is given in: the Accept header against what there is (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A format of answers.

    :ivar name: as in `format=`. :ivar media: its media type. :ivar other: media types that mean it as well.
    :ivar iri: its IRI at W3C (https://www.w3.org/ns/formats/).
    """

    name: str
    media: str
    other: tuple[str, ...]
    iri: str


_W3C = "http://www.w3.org/ns/formats/"
JSON = Format("json", "application/sparql-results+json", ("application/json",), _W3C + "SPARQL_Results_JSON")
XML = Format(
    "xml", "application/sparql-results+xml", ("application/xml", "text/xml"), _W3C + "SPARQL_Results_XML"
)
CSV = Format("csv", "text/csv", (), _W3C + "SPARQL_Results_CSV")
TSV = Format("tsv", "text/tab-separated-values", (), _W3C + "SPARQL_Results_TSV")
TURTLE = Format("turtle", "text/turtle", ("application/x-turtle",), _W3C + "Turtle")
NTRIPLES = Format("ntriples", "application/n-triples", ("text/plain",), _W3C + "N-Triples")
JSONLD = Format("jsonld", "application/ld+json", ("application/json",), _W3C + "JSON-LD")

HTML = ("text/html", "application/xhtml+xml")
ROWS = (JSON, XML, CSV, TSV)
GRAPHS = (TURTLE, NTRIPLES, JSONLD)


def choose(accept: str | None, formats: Sequence[Format]) -> tuple[Format, str] | None:
    """The format that the header likes best, and the media type to call it by; None where it takes none.

    Of equally liked ones the first; with no header, the first.

    >>> choose("text/csv;q=0.5, application/json", ROWS)[0].name
    'json'
    >>> choose("image/png", ROWS) is None
    True
    """
    if accept is None or not accept.strip():
        return formats[0], formats[0].media
    ranges = _ranges(accept)
    best: tuple[float, Format, str] | None = None
    for form in formats:
        for media in (form.media, *form.other):
            liking = _liking(media, ranges)
            if liking > 0 and (best is None or liking > best[0]):
                best = liking, form, media
    return (best[1], best[2]) if best else None


def prefers_html(accept: Sequence[str]) -> bool:
    """Whether the Accept headers name HTML and like no other type that they name better.

    What takes anything and does not name HTML is no browser.

    >>> prefers_html(["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"])
    True
    >>> prefers_html(["*/*"]), prefers_html([]), prefers_html(["text/turtle, text/html;q=0.5"])
    (False, False, False)
    """
    ranges = _ranges(",".join(accept))
    html = max((quality for media, quality in ranges if media in HTML), default=0.0)
    other = max((quality for media, quality in ranges if media not in HTML and "*" not in media), default=0.0)
    return html > 0 and html >= other


def wants_page(form: str | None, accept: Sequence[str], formats: Sequence[Format]) -> bool:
    """Whether a page is wanted, of what is to be had in these formats as well.

    :param form: as in `format=`; `html` is a page whatever the headers say.
    :param accept: the Accept headers. HTML that is liked less is given where they take none of the formats.

    >>> wants_page(None, ["application/rdf+xml, text/html;q=0.5"], GRAPHS), wants_page("html", [], GRAPHS)
    (True, True)
    >>> wants_page(None, ["text/turtle, text/html;q=0.5"], GRAPHS), wants_page("csv", ["text/html"], ROWS)
    (False, False)
    """
    if form is not None or prefers_html(accept):
        return form in (None, "html")
    header = ",".join(accept)
    html = any(media in HTML and quality > 0 for media, quality in _ranges(header))
    return html and choose(header, formats) is None


def named(name: str | None, formats: Sequence[Format]) -> Format | None:
    """The format of that name, or None."""
    return next((form for form in formats if form.name == name), None)


def _ranges(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                quality = _quality(value.strip())
        if media:
            found.append((media, quality))
    return found


def _quality(value: str) -> float:
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


def _liking(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The quality of the most particular range that takes the media type, 0 where none does."""
    kind = media.partition("/")[0]
    for wanted in (media, f"{kind}/*", "*/*"):
        for each, quality in ranges:
            if each == wanted:
                return quality
    return 0.0
