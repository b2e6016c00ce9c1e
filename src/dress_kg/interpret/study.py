"""Study design, number of patients and population, from the design cell and the comments.

A number is read only where it stands with what it counts ("*2 patients", "6 severe DRESS", "n = 12");
two numbers that differ are none. What is inferred ("*1 case" without a design is a case report, "HIV
patient" is one patient) says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from dress_kg import resources
from dress_kg.interpret.agents import ConditionLexicon, ConditionMention
from dress_kg.interpret.concepts import Concept, read_concepts
from dress_kg.interpret.names import Match, NameFinder, stretches
from dress_kg.records import Basis, Selection, Study

_NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), start=1
    )
}
_COUNT = rf"(?:\d{{1,3}}(?:[ ,]\d{{3}})+|\d{{1,6}}|{'|'.join(_NUMBER_WORDS)})"
_COUNTED = (
    r"(?:patients?|pts?\.?|cases?|subjects?|participants?|individuals?|children|adults?|wom[ae]n|m[ae]n|girls?|boys?|"
    r"infants?|adolescents?|males?|females?|persons?|people)"
)
_BEFORE = r"(?<![\w.,/–-])"
_ADJECTIVES = r"(?:[^\W\d_][\w-]*\s+){0,3}?"
_PATIENTS = re.compile(
    rf"{_BEFORE}(?P<n>{_COUNT})\s+(?P<what>(?!of\b|to\b|or\b|and\b|out\b){_ADJECTIVES}{_COUNTED})\b",
    re.IGNORECASE,
)
_BEFORE_DISEASE = re.compile(rf"{_BEFORE}(?P<n>{_COUNT})\s+(?:[^\W\d_]+\s+){{0,2}}$", re.IGNORECASE)
_EQUALS = re.compile(r"\bn\s*=\s*(?P<n>\d{1,3}(?:,\d{3})+|\d{1,6})\b", re.IGNORECASE)
_PER_ARM = re.compile(
    r"\s*(?:per|in\s+each|/)\s*(?:\w+\s+)?(?:arm|group|cohort|cent(?:er|re)|site|year)\b|\s+each\b",
    re.IGNORECASE,
)
_ANALYSIS_OF = re.compile(
    r"\b(?:post[-\s]?hoc|secondary|ancillary|exploratory|sub-?group|sub-?)\s*analys[ie]s\s+(?:of|from)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
_OUT_OF = re.compile(
    rf"{_BEFORE}{_COUNT}\s+(?:out\s+)?of\s+(?:the\s+)?(?P<n>{_COUNT})\s+{_ADJECTIVES}{_COUNTED}\b",
    re.IGNORECASE,
)
_SINGLE_CASE = re.compile(r"\b(?P<n>single)\s+(?:case|patient)\b(?!\s+series)", re.IGNORECASE)
_OF_ALL = re.compile(
    r"\b(?:analys[ie]s|reviews?|study|studies|series|cohort|trial|reports?|records|charts?|data|survey|sample|"
    r"follow-?up)\s+of\s*$",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:not?|non|quasi|pseudo|without|time)[-\s]+(?:an?\s+)?$", re.IGNORECASE)
_SHARE = re.compile(
    r"(?:\bof|\bother|\banother|\bprevious|\bremaining|/|\bvs\.?|\bversus|\d\s+and)\s*$", re.IGNORECASE
)
_OPENS = re.compile(
    r"(?:\A|[.;:*•]|\b(?:included|enrolled|series\s+of|study\s+of|reports?\s+(?:on|of)|reported|described|describes|in))\s*$",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\s+(?:died|had|relapsed|required|requiring|experienced|developed|needed|failed|withdrew|recovered|improved|"
    r"responded|did|were|was|who|with(?:out)?)\b",
    re.IGNORECASE,
)
_NUMBERED_CASE = re.compile(r"\b(?:case|patient)\s+(?P<n>\d{1,2})\s*[:)]", re.IGNORECASE)
_ONE_PATIENT = re.compile(
    r"(?<![\w-])(?:(?:an?|one|this|the|our)\s+)?(?:[^\W\d_][\w/-]*\s+){0,2}(?:patient|girl|boy|wom[a]n|man|child|infant)\b"
    r"(?!['’]?s\b)",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"(?<![\w.-])(?P<n>\d{1,3})[-\s]?(?P<unit>years?|yrs?|months?|mo|weeks?|days?)[-\s]old\b", re.IGNORECASE
)
_PEDIATRIC = re.compile(
    r"\b(?:p(?:a)?ediatrics?|child(?:ren)?|infants?|neonat(?:e|es|al)|newborns?|adolescents?|teenagers?|boys?|girls?)\b",
    re.IGNORECASE,
)
_GROUPS = (
    ("elderly", re.compile(r"\belderly\b|\bolder\s+adults?\b|\bgeriatric\b", re.IGNORECASE)),
    ("pregnant", re.compile(r"\bpregnan(?:t|cy)\b", re.IGNORECASE)),
    ("transplant recipients", re.compile(r"\btransplant\s+recipients?\b", re.IGNORECASE)),
)
_SEVERITY = re.compile(r"\b(?P<word>severe|mild|moderate)\s+$", re.IGNORECASE)
_OF_CASE = re.compile(r"\b(case|patient)\s+(\d{1,2})\s*[:)]\s*(?:\w+\s+)?$", re.IGNORECASE)
_INDICATION = re.compile(r"(?:^|[.;]\s+|\bCase \d+:\s*)(?:for|in(?:\s+patients\s+with)?)\s+$", re.IGNORECASE)
_ADULT = 18  # years; the age below which ICH E11 counts a patient as pediatric
_DISEASE = "dress-syndrome"
_NEAR = 60  # characters before a name in which what qualifies it stands
_SINGLE = "case-report"
_SEVERAL = "case-series"
_MANNER = frozenset({"retrospective-study", "prospective-study", "observational-study"})
_NO_OWN_PATIENTS = frozenset({"review", "systematic-review", "expert-opinion", "guideline", "meta-analysis"})


@dataclass(frozen=True, slots=True)
class _Designs:
    """The study designs by name, the classes above each, and those right above."""

    finder: NameFinder
    above: Mapping[str, frozenset[str]]
    direct: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Number:
    """A number of patients, where it stands."""

    value: int
    selection: Selection


@lru_cache(maxsize=1)
def _designs() -> _Designs:
    path = resources.folder("ontology") / "vocab" / "study-designs.ttl"
    concepts = {c.id: c for c in read_concepts(path)}
    names = [(name, c.id) for c in concepts.values() for name in c.names]
    return _Designs(
        NameFinder(names),
        {id_: frozenset(_above(id_, concepts)) for id_ in concepts},
        {id_: frozenset(concept.broader) for id_, concept in concepts.items()},
    )


def _above(id_: str, concepts: Mapping[str, Concept]) -> Iterator[str]:
    for broader in concepts[id_].broader:
        yield broader
        yield from _above(broader, concepts)


def read_study(
    design: str,
    comments: str,
    conditions: ConditionLexicon,
    *,
    design_field: str = "study_design",
    comments_field: str = "comments",
) -> Study:
    """Design, patients and population that a row states or lets one infer.

    >>> study = read_study("*1 case", "A 14-year-old girl", ConditionLexicon.load())
    >>> study.design, study.design_basis.value, study.patients, [label for label, _ in study.population]
    ('case-report', 'inferred', 1, ['pediatric'])
    """
    designs = _designs()
    hits = _most_specific(design)
    stated = hits[0].value if len({hit.value for hit in hits}) == 1 else None
    selections = tuple(_selection(design_field, design, hit.start, hit.end) for hit in hits[:1] if stated)
    numbers = _numbers(design, design_field, conditions)
    basis: Basis | None = Basis.STATED if numbers else None
    own = stated is None or not ({stated} | designs.above[stated]) & _NO_OWN_PATIENTS
    if not numbers and own:
        numbers, basis = _from_comments(design, comments, design_field, comments_field)
    if len({number.value for number in numbers}) > 1:
        numbers, basis = (), None
    patients = numbers[0].value if numbers else None
    design_basis = Basis.STATED if stated else None
    if stated is None and not hits and patients is not None and _only_counts(design):
        stated, design_basis = (_SINGLE if patients == 1 else _SEVERAL), Basis.INFERRED
        selections = tuple(number.selection for number in numbers[:1])
    population = _population(design, comments, conditions, (design_field, comments_field))
    counted = tuple(number.selection for number in numbers)
    return Study(
        design=stated,
        design_basis=design_basis,
        patients=patients,
        patients_basis=basis,
        population=population,
        design_selections=selections,
        patients_selections=counted,
        unread=_unread(
            design, design_field, conditions, [*selections, *counted, *(s for _, s in population)]
        ),
    )


def _selection(field: str, text: str, start: int, end: int) -> Selection:
    return Selection(field, start, end, text[start:end])


@lru_cache(maxsize=512)  # a table has few design cells that differ
def _most_specific(design: str) -> tuple[Match, ...]:
    """The designs named, without those that a narrower one implies, and without a bare adjective
    ("prospective") beside the name of a design.
    """
    designs = _designs()
    hits = [
        h
        for h in designs.finder.find(design)
        if not _DENIED.search(design[max(0, h.start - 12) : h.start])
        and not _ANALYSIS_OF.search(design[max(0, h.start - _NEAR) : h.start])
    ]
    of = [h for h in hits if h.value in _NO_OWN_PATIENTS and re.match(r"\s+of\b", design[h.end :])]
    if of and of[0] is hits[0]:
        return (of[0],)  # "meta-analysis of 6 RCTs"
    values = {hit.value for hit in hits}
    both = [id_ for id_, broader in designs.direct.items() if len(broader) > 1 and broader <= values]
    if len(both) == 1 and not {"retrospective-study", "prospective-study"} <= values:
        values.add(both[0])  # "prospective observational cohort"
        hits.append(replace(next(h for h in hits if h.value in designs.direct[both[0]]), value=both[0]))
    implied = {broader for value in values for broader in designs.above[value]}
    kept = [hit for hit in hits if hit.value not in implied]
    named = [hit for hit in kept if not (hit.value in _MANNER and design[hit.start : hit.end].isalpha())]
    return tuple(named or kept)


def _value(printed: str) -> int | None:
    digits = re.sub(r"[ ,]", "", printed)
    if digits.isascii() and digits.isdecimal():
        return int(digits)
    return 1 if printed.lower() == "single" else _NUMBER_WORDS.get(printed.lower())


def _counts(text: str, field: str) -> list[_Number]:
    """Numbers of patients, of the whole where a part of it is counted ("5 of 6 patients" is 6)."""
    found = []
    whole = list(_OUT_OF.finditer(text))
    named = list(_EQUALS.finditer(text))
    if len(named) > 1 and not whole:
        return []  # the arms of a trial
    plain = [
        hit
        for hit in (named or [*_PATIENTS.finditer(text), *_SINGLE_CASE.finditer(text)])
        if not any(out.start() <= hit.start() < out.end() for out in whole)
        and not _is_share(text, hit.start())
        and _PER_ARM.match(text, hit.end()) is None
    ]
    for hit in whole or sorted(plain, key=lambda each: each.start()):
        value = _value(hit["n"])
        if value:
            found.append(_Number(value, _selection(field, text, hit.start(), hit.end())))
    return found


def _is_share(text: str, start: int) -> bool:
    """Whether the number at a place counts a part ("of 10 patients"); "analysis of 10 patients" is all."""
    before = text[max(0, start - 24) : start]
    return _SHARE.search(before[-12:]) is not None and _OF_ALL.search(before) is None


@lru_cache(maxsize=512)
def _numbers(design: str, field: str, conditions: ConditionLexicon) -> tuple[_Number, ...]:
    """Numbers of patients in the design cell; a number may also stand right before the disease."""
    found = _counts(design, field)
    if found:
        return tuple(found)
    for mention in conditions.find(design):
        window = max(0, mention.start - _NEAR)
        hit = _BEFORE_DISEASE.search(design[window : mention.start])
        value = _value(hit["n"]) if hit else None
        if hit and value:
            return (_Number(value, _selection(field, design, window + hit.start(), mention.end)),)
    return ()


def _from_comments(
    design: str, comments: str, design_field: str, comments_field: str
) -> tuple[tuple[_Number, ...], Basis | None]:
    """Numbers that the comments state, else what the words for one patient, or numbered cases, imply."""
    counted = _counts(comments, comments_field)
    found = tuple(n for n in counted if _of_the_study(comments, n.selection))
    if found:
        return found, Basis.STATED
    cases = {hit["n"]: hit for hit in _NUMBERED_CASE.finditer(comments)}
    if len(cases) > 1 and set(cases) == {str(n) for n in range(1, len(cases) + 1)}:
        last = cases[str(len(cases))]
        selection = _selection(comments_field, comments, last.start(), last.end())
        return (_Number(len(cases), selection),), Basis.INFERRED
    for field, text in ((design_field, design), (comments_field, comments)):
        one = _ONE_PATIENT.search(text)
        if one is not None and design.strip() and not re.search(r"\bpatients\b", text, re.IGNORECASE):
            return (_Number(1, _selection(field, text, one.start(), one.end())),), Basis.INFERRED
    return (), None


def _of_the_study(comments: str, counted: Selection) -> bool:
    """Whether a number in running text is of all patients, not of some of them.

    It opens a sentence or follows a word such as "included", and what follows is not what became of a part.
    """
    whole = _OUT_OF.fullmatch(counted.exact) is not None
    opens = _OPENS.search(comments[max(0, counted.start - _NEAR) : counted.start]) is not None
    return whole or (opens and _PART.match(comments, counted.end) is None and "=" not in counted.exact)


def _only_counts(design: str) -> bool:
    """Whether the cell prints cases and nothing that could be a design of another kind."""
    return re.search(r"\bcases?\b", design, re.IGNORECASE) is not None


def _population(
    design: str, comments: str, conditions: ConditionLexicon, fields: tuple[str, str]
) -> tuple[tuple[str, Selection], ...]:
    """Short phrases for who the patients are, each once, in the order of the cells."""
    found: dict[str, Selection] = {}
    for field, text in zip(fields, (design, comments), strict=True):
        in_design = field == fields[0]
        for start, end, label in sorted(_groups(text)):
            if in_design or _is_patient(text, start):
                found.setdefault(label, _selection(field, text, start, end))
        for mention in conditions.find(text):
            phrase, start = _patients_condition(text, mention, in_design)
            if phrase is not None:
                found.setdefault(phrase, _selection(field, text, start, mention.end))
    return tuple(found.items())


def _groups(text: str) -> Iterator[tuple[int, int, str]]:
    for hit in _AGE.finditer(text):
        years = int(hit["n"]) if hit["unit"].lower().startswith("y") else 0
        if years < _ADULT:
            yield hit.start(), hit.end(), "pediatric"
    for hit in _PEDIATRIC.finditer(text):
        yield hit.start(), hit.end(), "pediatric"
    for label, pattern in _GROUPS:
        for hit in pattern.finditer(text):
            yield hit.start(), hit.end(), label


def _is_patient(text: str, start: int) -> bool:
    """Whether a group word in running text is about this row's patients, not about others in general."""
    before = text[max(0, start - 20) : start]
    return re.search(r"\b(?:in|for|among|not|avoid(?:ed)?)\s+(?:\w+\s+)?$", before, re.IGNORECASE) is None


def _patients_condition(text: str, mention: ConditionMention, in_design: bool) -> tuple[str | None, int]:
    """The phrase by which a condition describes the patients, or None, and where it begins."""
    window = max(0, mention.start - _NEAR)
    before = text[window : mention.start]
    if "overlap" in mention.label:
        case = _OF_CASE.search(before)
        return (f"{mention.label} ({case[1].lower()} {case[2]})" if case else mention.label), mention.start
    if mention.concept == _DISEASE:
        severity = _SEVERITY.search(before)
        counted = severity and re.search(rf"{_BEFORE}{_COUNT}\s+$", before[: severity.start()], re.IGNORECASE)
        if severity and (in_design or counted):
            return f"{severity['word'].lower()} DRESS", window + severity.start()
    elif mention.virus is not None and (in_design or _INDICATION.search(before)):
        return ("HIV" if mention.virus == "HIV" else f"{mention.virus} infection"), mention.start
    return None, mention.start


def _unread(
    design: str, field: str, conditions: ConditionLexicon, read: list[Selection]
) -> tuple[Selection, ...]:
    """Stretches of the design cell that nothing read; conditions and case labels count as read."""
    rest = list(design)
    spans = [(s.start, s.end) for s in read if s.field == field]
    spans += [(m.start, m.end) for m in conditions.find(design)]
    spans += [hit.span() for hit in _NUMBERED_CASE.finditer(design)]
    spans += [hit.span() for hit in _ONE_PATIENT.finditer(design)]
    for start, end in spans:
        rest[start:end] = " " * (end - start)
    left = (span for span in stretches("".join(rest)) if design[slice(*span)].lower() not in _JOINING)
    return tuple(_selection(field, design, start, end) for start, end in left)


_JOINING = frozenset({"with", "and", "overlap", "case", "cases", "of", "in"})
