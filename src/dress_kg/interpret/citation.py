"""Read a printed citation: first author, initials, et al., journal, year, number in the reference list.

The forms are those that tables and texts print: "Kirchhof MG, et al. JAMA Dermatol 2016 [48]", "Levine et
al., 2005, Blood", "Findling et al [53]", "Wu et al., [2016]", "Pan and Kastin, 1999", "Chabinyc, M. L. et
al., J. Am. Chem. Soc. 2007". What is not there is None; what no rule reads is `unread`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as made

from dress_kg.interpret.journals import Journals
from dress_kg.interpret.names import stretches
from dress_kg.records import Citation, Selection

_UPPER = r"[^\W\d_a-zß-öø-ÿ]"
_NAME = rf"{_UPPER}[^\W\d_]*(?:['’ʼ`][^\W\d_]+)*"
_PARTICLE = (
    r"(?i:v[ao]n['’]t|v[ao]n|de[nrl]?|d[aiou]s?|del|della|dos|l[ae]s?|el|al|ben|bin|ibn|te[nr]?|zu[mr]?|"
    r"af|av|y|St\.?|'t)"
)
_FAMILY = (
    rf"(?:(?:(?:{_PARTICLE}\s+){{1,3}}|d['’])?{_NAME}(?:\s?[-‐‑–]\s?(?:{_PARTICLE}\s+){{0,3}}{_NAME}|"
    rf"-(?:{_PARTICLE}\s+){{1,3}}{_NAME}){{0,3}})"
)
_INITIALS = rf"(?:{_UPPER}\.(?:[\s-]?{_UPPER}\.)*|{_UPPER}{{1,3}}(?:-{_UPPER})?(?![^\W_]))"
_ET_AL = r"(?:et\.?\s*al(?:ii|iae)?(?![^\W\d_])\.?|and\s+(?:others|co-?workers|colleagues)\b|&\s*al\b\.?)"

_NUMBER = re.compile(
    r"\[\s*(?:ref\.?\s*)?(\d{1,3}[a-z]?)\s*\]|\(\s*ref\.?\s*(\d{1,3})\s*\)"
    r"|(?<=al)\.?,?\s*\(\s*(\d{1,3})\s*\)|(?<=al)\.?(\d{1,3})(?!\d)|(?<=[^\W\d_.])\.?([⁰¹²³⁴-⁹]{1,3})(?!\S)"
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_LEADING_NUMBER = re.compile(r"\s*(?:\[(\d{1,3})\]|(\d{1,3})[.)])\s+(?=\D)")
_YEAR = re.compile(r"(?:(?<![\w.–-])|(?<=\bal\.))(?P<year>1[89]\d\d|20\d\d)(?P<suffix>[a-z])?(?![\w–]|-\d)")
_ET_AL_HERE = re.compile(rf"[\s,]*(?P<et_al>{_ET_AL})[\s.,;:]*", re.IGNORECASE)
_GIVEN_FIRST = re.compile(
    rf"(?P<author>{_NAME}\s+(?:{_UPPER}\.\s+)+(?P<family>{_FAMILY}))(?=,\s*\d{{4}},\s*\S)"
)
_INITIALS_FIRST = re.compile(
    rf"(?P<initials>(?:{_UPPER}\.[\s-]?){{1,3}})\s?(?:{_NAME}\s+)?(?P<author>{_FAMILY})"
    rf"(?=[\s,]*{_ET_AL}|\s*(?:,|and\b|&|[(\[]|$)|\s+(?:1[89]|20)\d\d)"
)
_COLLECTIVE = re.compile(
    r"(?P<author>(?:the\s+)?(?:[^\W\d_][\w'’/&-]*\s+){0,7}(?:Group|Collaborat(?:ion|ive)|Investigators|Consortium|"
    r"Association|Society|Committee|Network|Academy|Organi[sz]ation|Agency|Task\s+Force|Trialists|College|Institute)"
    r"(?:\s+(?:of|for|on)\s+(?:(?:[^\W\d_][\w'’-]*)\s?){1,4}?)?)(?=\s*(?:[,.;:(\[]|$)|\s+(?:1[89]|20)\d\d)",
    re.IGNORECASE,
)
_FIRST = (
    re.compile(rf"(?P<author>{_FAMILY}),\s*(?P<initials>{_INITIALS})(?=[\s,.;:(\[&]|$)"),
    re.compile(rf"(?P<author>{_FAMILY})\s+(?P<initials>{_INITIALS})(?=[\s,.;:(\[&]|$)"),
    re.compile(
        rf"(?P<author>{_FAMILY}(?:\s+{_FAMILY}){{1,2}})\s+(?P<initials>{_INITIALS})(?=[\s,]*{_ET_AL})"
    ),
    re.compile(rf"(?P<author>(?:{_FAMILY}\s+){{0,3}}{_FAMILY})(?=[\s,]*{_ET_AL}(?![^\W\d]))"),
    re.compile(rf"(?P<author>{_FAMILY}(?:\s+{_FAMILY})?)(?=\s*(?:,|&|and\b|\(|\[))"),
    re.compile(rf"(?P<author>(?:{_NAME}\s+)(?:{_UPPER}\.\s*)*{_FAMILY})(?=\s*(?:,|\(|\[))"),
    re.compile(rf"(?P<author>{_FAMILY})(?=\s+(?:1[89]|20)\d\d)"),
)
_NEXT = re.compile(
    rf"\s*(?:,\s*(?:and\s+|&\s*)?|;\s*|\band\s+|&\s*)(?:(?:{_UPPER}\.[\s-]?){{1,3}}{_FAMILY}|{_FAMILY}(?:,?\s+{_INITIALS})|{_FAMILY}(?=\s*,?\s*[(\[]?(?:1[89]|20)\d\d)"
    rf"|{_FAMILY}(?=\s*{_ET_AL})|{_FAMILY}(?=\s*(?:\[|$)))(?=[\s,.;:(\[&]|$)"
)
_TAIL = re.compile(
    r"(?:\bAbstract\s+\S+|\bdoi\b.*|\bPMID\b.*|\bPMC\d+.*|https?://.*|10\.\d{4,}/.*|\bep?ub\b.*)$",
    re.IGNORECASE,
)
_LOWER_OK = frozenset(
    "of the and in on for de la le des du et der die und für fur del da di e y a an van het".split()
)
_FIGURES = "0123456789 \t():;,.–-"
_MOST_HEADS = 8
_EDGE = " \t\r\n,;:"


@dataclass(slots=True)
class _Reading:
    """What has been read so far, with the stretches used up."""

    text: str
    field: str
    parts: dict[str, Selection] = made(default_factory=dict)
    used: list[tuple[int, int]] = made(default_factory=list)

    def take(self, name: str, start: int, end: int) -> str:
        self.parts[name] = Selection(self.field, start, end, self.text[start:end])
        self.used.append((start, end))
        return self.text[start:end]


def read_citation(text: str, journals: Journals, *, field: str = "reference") -> Citation | None:
    """The citation that a text prints, or None where it has neither author, journal, year nor number.

    >>> c = read_citation("Kirchhof MG, et al. JAMA Dermatol 2016 [48]", Journals.load())
    >>> c.author, c.initials, c.et_al, c.journal, c.year, c.number
    ('Kirchhof', 'MG', True, 'JAMA Dermatol', 2016, '48')
    """
    reading = _Reading(text, field)
    number = _number(reading)
    year = _year(reading)
    after_authors, et_al = _authors(reading, journals)
    printed = _journal(reading, journals, after_authors)
    if not reading.parts:
        return None
    found = journals.resolve(printed) if printed else None
    author = reading.parts.get("author")
    initials = reading.parts.get("initials")
    return Citation(
        author=_mended(author.exact) if author else None,
        printed_author=author.exact if author else None,
        initials=re.sub(r"[^\w]", "", initials.exact) if initials else None,
        et_al=et_al,
        journal=found.abbreviation if found else (_without_stops(printed) if printed else None),
        printed_journal=printed,
        journal_full=found.title if found else None,
        year=int(year["year"]) if year else None,
        year_suffix=year["suffix"] if year else None,
        number=number,
        selections=reading.parts,
        unread=_unread(reading),
    )


def citation_json(text: str, journals: Journals | None = None) -> dict[str, object]:
    """The citation as `dress-kg interpret citation` prints it; spans are `[start, end]` in code points.

    >>> answer = citation_json("Levine et al., 2005, Blood")
    >>> answer["author"], answer["journal"], answer["year"], answer["spans"]["journal"]
    ('Levine', 'Blood', 2005, [21, 26])
    """
    citation = read_citation(text, journals or Journals.load())
    names = ("author", "initials", "et_al", "journal", "journal_full", "year", "year_suffix", "number")
    printed = ("printed_author", "printed_journal")
    answer: dict[str, object] = {"text": text}
    answer |= {name: None if citation is None else getattr(citation, name) for name in (*names, *printed)}
    if citation is None:
        return answer | {"spans": {}, "unread": [[0, len(text)]] if text.strip() else []}
    if citation.number is not None and citation.number.isdecimal():
        answer["number"] = int(citation.number)
    spans = {name: [part.start, part.end] for name, part in sorted(citation.selections.items())}
    return answer | {"spans": spans, "unread": [[part.start, part.end] for part in citation.unread]}


def _number(reading: _Reading) -> str | None:
    """The number in the source's reference list: the one bracketed number, or the one in front."""
    hits = list(_NUMBER.finditer(reading.text))
    if len(hits) == 1:
        group = hits[0].lastindex or 1
        reading.used.append(hits[0].span())
        return reading.take("number", *hits[0].span(group)).translate(_SUPERSCRIPTS)
    lead = _LEADING_NUMBER.match(reading.text)
    if not hits and lead is not None:
        reading.used.append(lead.span())
        return reading.take("number", *lead.span(1 if lead[1] else 2))
    return None


def _year(reading: _Reading) -> re.Match[str] | None:
    """The year of publication: the one before ";" or in brackets, else the only one; two rivals: None."""
    hits = list(_YEAR.finditer(reading.text))
    marked = [hit for hit in hits if re.match(r"\s*(?:[;)\]]|:\s*\d|,\s*\d)", reading.text[hit.end() :])]
    best = marked[:1] or hits
    if len({hit["year"] for hit in best}) != 1:
        return None
    reading.take("year", *best[0].span("year"))
    reading.used.append(best[0].span())
    return best[0]


def _authors(reading: _Reading, journals: Journals) -> tuple[int, bool]:
    """Read the authors at the head; where they end, and whether "et al." follows."""
    text = reading.text
    at = max((end for start, end in reading.used if not text[:start].strip(" [(")), default=0)
    at += len(text[at:]) - len(text[at:].lstrip(" \t\n([*•-–"))
    first = _first_author(text, at, journals)
    if first is None:
        return at, False
    reading.take("author", *first.span("author"))
    end = first.end("author")
    if "initials" in first.re.groupindex:
        start, stop = first.span("initials")
        if start > first.start("author"):
            stop = _initials_end(text, start, stop, journals)
        reading.take("initials", start, stop)
        end = max(end, stop)
    listed = end
    while _ET_AL_HERE.match(text, listed) is None:
        more = _NEXT.match(text, listed)
        if more is None or _begins_journal(text, more, journals):
            break
        listed = more.end()
    if listed > end:
        reading.used.append((end, listed))
    others = _ET_AL_HERE.match(text, listed)
    if others is None:
        return listed, False
    reading.take("et_al", *others.span("et_al"))
    return others.end(), True


def _begins_journal(text: str, more: re.Match[str], journals: Journals) -> bool:
    """Whether what looks like one more author is a journal, or begins one ("Indian J Rheumatol")."""
    if journals.resolve(more.group().strip(" ,;&")) is not None:
        return True
    if more.group().endswith("."):
        return False
    further = re.match(r"\s+(?!and\b|et\b|al\b)[^\W\d_]{2,}[^,;(\[\d]*", text[more.end() :])
    return further is not None and journals.resolve(further.group().strip(_EDGE + ".")) is None


def _first_author(text: str, at: int, journals: Journals) -> re.Match[str] | None:
    """The first author at the head. A bare word that is a journal's name ("Nature 2013") is none, unless
    another author or another journal follows it.
    """
    given = _GIVEN_FIRST.match(text, at)
    if given is not None and journals.resolve(given["family"]) is None:
        return given
    for pattern in (_INITIALS_FIRST, _COLLECTIVE):
        hit = pattern.match(text, at)
        if hit is not None and journals.resolve(hit.group()) is None:
            return hit
    first = next((hit for pattern in _FIRST if (hit := pattern.match(text, at))), None)
    if first is None or "initials" in first.re.groupindex or journals.resolve(first["author"]) is None:
        return first
    rest = text[first.end() :]
    if re.match(rf"\s*(?:&|and\b|,?\s*{_ET_AL})", rest, re.IGNORECASE):
        return first
    after = _YEAR.sub(" ", rest).strip(" ,.;:()[]")
    return first if after and journals.resolve(after) is not None else None


def _initials_end(text: str, start: int, stop: int, journals: Journals) -> int:
    """Dotted initials may run into a dotted journal ("M. L. J. Am. Chem. Soc."): end where it begins."""
    year = _YEAR.search(text, stop)
    rest_end = len(text) if year is None else year.start()
    cuts = [start + cut.end() for cut in re.finditer(rf"{_UPPER}\.", text[start:stop])]
    for cut in cuts[:-1]:
        if journals.resolve(text[cut:rest_end].strip(_EDGE)) is not None:
            return cut
    return stop


def _journal(reading: _Reading, journals: Journals, start: int) -> str | None:
    """The journal as printed: between the authors and the year, else after the year."""
    text = reading.text
    known_only = not reading.parts.keys() & {"author", "year"}
    at = start
    for used_start, used_end in [*sorted(reading.used), (len(text), len(text))]:
        span = _trimmed(text, at, used_start) if at < used_start else None
        chosen = span and _journal_span(text, *span, journals, known_only=known_only)
        if chosen is not None:
            return reading.take("journal", *chosen)
        at = max(at, used_end)
    return None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The stretch without the signs, volume, pages, abstract number or identifiers around a journal."""
    tail = _TAIL.search(text, start, end)
    if tail is not None:
        end = tail.start()
    while start < end and text[start] in _EDGE + ".)(][":
        start += 1
    kept = text[start:end].rstrip(_FIGURES)
    volume = re.match(r"\)?\.?(?=[\s,;]+\d)", text[start + len(kept) : end])
    if volume is not None:
        end = start + len(kept) + volume.end()
    while end > start and (
        text[end - 1] in _EDGE + "([" or (text[end - 1] in ")]" and not _closes(text, start, end))
    ):
        end -= 1
    return (start, end) if re.search(r"[^\W\d_]{2}", text[start:end]) else None


def _closes(text: str, start: int, end: int) -> bool:
    inside = text[start:end]
    return inside.count("(") >= inside.count(")") and inside.count("[") >= inside.count("]")


def _journal_span(
    text: str, start: int, end: int, journals: Journals, *, known_only: bool
) -> tuple[int, int] | None:
    """The journal in a stretch that may begin with a title: all of it, or what follows a full stop."""
    stops = [start + hit.end() for hit in re.finditer(r"[.?!]\s+", text[start:end])]
    heads = [start, *(stop for stop in stops if text.count(" ", start, stop) > 1)]
    # a title has two words and more; a journal is at most a few stops from the end
    for head in heads[:1] + heads[1:][-_MOST_HEADS:]:
        if head < end and journals.resolve(text[head:end]) is not None:
            return head, end
    # unknown, but printed like a journal: all of the stretch, or what stands behind a title
    for head, most in ((start, 10), *((stop, 6) for stop in stops[-1:])):
        words = [] if known_only else re.findall(r"[^\W\d_]+", text[head:end])
        looks = 0 < len(words) <= most and all(w[0].isupper() or w.lower() in _LOWER_OK for w in words)
        if looks and words[0].lower() not in {"and", "in"}:
            return head, end
    return None


def _mended(author: str) -> str:
    """A family name without the space that a line end put after its hyphen.

    >>> _mended("Cumbo- Nacheli")
    'Cumbo-Nacheli'
    """
    return re.sub(r"\s+", " ", re.sub(r"\s?([-‐‑–])\s?", r"\1", author)).strip()


def _without_stops(printed: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\.(?!\w)|(?<=\w)\.(?=\w)", " ", printed)).strip(_EDGE)


def _unread(reading: _Reading) -> tuple[Selection, ...]:
    """Stretches with letters or digits that belong to nothing read."""
    rest = list(reading.text)
    for start, end in reading.used:
        rest[start:end] = " " * (end - start)
    return tuple(
        Selection(reading.field, start, end, reading.text[start:end])
        for start, end in stretches("".join(rest))
    )
