"""The facts of an item in the order of its page: grouped by voice, numbered, with words and reasons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from dress_kg.authors_report.model import Judged
from dress_kg.pages.clause import listed
from dress_kg.pages.item_model import (
    Assessment,
    Component,
    Context,
    Culprit,
    Harm,
    Interval,
    Item,
    Line,
    Named,
    Read,
    Statement,
    Step,
    Study,
    Words,
)
from dress_kg.pages.regimen_words import interval_words, step_words

DIRECTIONS = {
    "effective": "reported improved",
    "not-effective": "reported not improved",
    "mixed": "reported mixed",
    "recommended": "recommended",
    "recommended-against": "recommended against",
    "conditional": "could be considered",
    "not-stated": "outcome not printed",
}
"""A direction as pages say it; never that a treatment did something, only that it was reported."""
_NUMBER = re.compile(
    r"\d|\b(?:[Oo]ne|[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ss]even|[Ee]ight|[Nn]ine|[Tt]en|[Ss]ingle)\b"
)
"""A number in words has no capitals but its first: TEN is an epidermal necrolysis."""
_AGE = re.compile(r"\d+[ -](?:year|month|week|day)s?[ -]old", re.I)
_PERSONS = frozenset("case cases patient patients".split())
KINDS = {"reported-outcome": "Outcome", "opinion": "Opinion", "recommendation": "Recommendation"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact on a page.

    :ivar number: from 1, over the page. :ivar iri: of its node.
    :ivar tag: (class, text) of a tag before it, None where it has none.
    :ivar basis: `inferred` or `curated`, None where it is stated.
    :ivar reasons: a curator's, where the basis is that. :ivar about: nodes its text names, to link to.
    """

    number: int
    iri: str
    label: str
    text: str
    basis: str | None
    words: tuple[Words, ...]
    tag: tuple[str, str] | None = None
    note: str | None = None
    reasons: tuple[Judged, ...] = ()
    about: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Facts of one kind. :ivar voice: `author`, `guideline`, `panel` or `program`."""

    voice: str
    heading: str
    facts: tuple[Fact, ...]


def grouped(item: Item) -> tuple[Group, ...]:
    """All facts of an item; a group that would be empty is left out."""
    facts = item.facts
    made = _Facts(item)
    own = [each for each in facts.statements if not each.voice.startswith(("curator", "guideline"))]
    remarks = [each for each in facts.statements if each.voice.startswith("guideline")]
    curated = [each for each in facts.statements if each.voice.startswith("curator")]
    groups = (
        Group("author", "Report", tuple(made.report())),
        Group("author", "Treatment", tuple(map(made.component, facts.components))),
        Group(
            "author", "Doses and times", (*map(made.step, facts.steps), *map(made.interval, facts.intervals))
        ),
        Group("author", "What was said of it", tuple(map(made.statement, own))),
        Group("author", "Harms", tuple(map(made.harm, facts.harms))),
        Group("author", "Patients and circumstances", tuple(made.circumstances())),
        Group("guideline", "Remarks", tuple(map(made.statement, remarks))),
        Group("panel", "Rating of this row", tuple(made.ratings())),
        Group("program", "Decided by a curator", tuple(map(made.statement, curated))),
    )
    return tuple(group for group in groups if group.facts)


def _basis(basis: str | None) -> str | None:
    return basis if basis in ("inferred", "curated") else None


def _of_population(words: str, populations: Iterable[str]) -> bool:
    """Whether words tell who the patients were, and not how many: ages, and what a population's name has.

    >>> _of_population("Overlap DRESS/ TEN", ["DRESS/TEN overlap (case 2)"]), _of_population("6-year-old", [])
    (True, True)
    >>> _of_population("2 severe DRESS", ["severe DRESS"]), _of_population("Case report", ["HIV"])
    (False, False)
    """
    if _AGE.search(words):
        return True
    said = _bare(words)
    return bool(said) and not _NUMBER.search(words) and any(said <= _bare(name) for name in populations)


def _bare(words: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", words.casefold())) - _PERSONS


class _Facts:
    """Makes the facts of one item, numbered as they are made."""

    def __init__(self, item: Item) -> None:
        self._item = item
        self._numbers = count(1)

    def _fact(
        self,
        read: Read,
        label: str,
        text: str,
        field: str | None = None,
        *,
        tag: tuple[str, str] | None = None,
        note: str | None = None,
        about: tuple[Named, ...] = (),
    ) -> Fact:
        """A fact. :param field: what a curator decides it by."""
        basis = _basis(read.basis)
        reasons = self._reasons(field, text) if basis == "curated" and field else ()
        return Fact(next(self._numbers), read.iri, label, text, basis, read.words, tag, note, reasons, about)

    def _reasons(self, field: str, text: str) -> tuple[Judged, ...]:
        mine = tuple(each for each in self._item.curated if each.field == field)
        exact = tuple(each for each in mine if each.value.casefold() in text.casefold())
        return exact or mine

    def report(self) -> Iterator[Fact]:
        """What is cited, and what kind of study it is."""
        citation, study = self._item.facts.citation, self._item.facts.study
        if citation:
            work = citation.publication
            yield self._fact(citation, "Cited", citation.label, about=(work,) if work else ())
        if study:
            yield from self._study(study)

    def _study(self, study: Study) -> Iterator[Fact]:
        people = tuple(each for each in study.words if _of_population(each.exact, study.populations))
        counts = tuple(each for each in study.words if each not in people and _NUMBER.search(each.exact))
        others = tuple(each for each in study.words if each not in people and each not in counts)
        if study.design:
            design = Read(study.iri, study.basis, others or study.words)
            yield self._fact(design, "Design", study.design.label, "design")
        if study.patients is not None:
            part = Read(f"{study.iri}/patients", study.patients_basis, counts or study.words)
            yield self._fact(part, "Patients", f"{study.patients:,}", "patients")
        elif study.on_patients:
            part = Read(f"{study.iri}/patients", None, ())
            yield self._fact(part, "Patients", "number not printed")
        if study.populations:
            part = Read(f"{study.iri}/population", None, people or study.words)
            yield self._fact(part, "Population", "; ".join(study.populations))

    def component(self, each: Component) -> Fact:
        """An agent with its role."""
        strategy = self._item.facts.strategy
        alone = strategy is not None and strategy.monotherapy and each.role == "index"
        note = "given alone, as stated" if alone else None if each.printed else "named elsewhere in the row"
        return self._fact(each, each.role.capitalize(), each.agent.label, note=note, about=(each.agent,))

    def step(self, each: Step) -> Fact:
        """A dose statement."""
        marks = [f"group {each.group}" if each.group else None, "or" if each.alternative else None]
        notes = [
            "duration taken from the interval column" if each.duration_basis == "interval" else None,
            f"route taken from the {each.route_basis}" if each.route_basis not in (None, "stated") else None,
        ]
        label = " · ".join(["Dose", *(mark for mark in marks if mark)])
        note = "; ".join(note for note in notes if note) or None
        return self._fact(Read(each.iri, None, each.words), label, step_words(each), note=note)

    def interval(self, each: Interval) -> Fact:
        """A statement of time."""
        label = each.label.capitalize() + (f" · {each.group}" if each.group else "")
        return self._fact(each, label, interval_words(each))

    def statement(self, each: Statement) -> Fact:
        """A finding."""
        strategy = self._item.facts.strategy
        names = [target.label for target in each.targets]
        if each.whole:
            names.insert(0, f"the treatment ({strategy.label})" if strategy else "the treatment")
        notes = [
            "; ".join(each.conditions) if each.conditions else None,
            "in hedged words" if each.hedged else None,
            None if each.primary else "secondary",
        ]
        tag = (each.direction, DIRECTIONS.get(each.direction, each.direction))
        note = "; ".join(note for note in notes if note) or None
        label = KINDS.get(each.kind, each.kind)
        return self._fact(each, label, listed(names), "finding", tag=tag, note=note, about=each.targets)

    def harm(self, each: Harm) -> Fact:
        """An adverse event or death."""
        text = each.event
        if each.patients is not None:
            of = f" of {each.of_patients:,}" if each.of_patients is not None else ""
            noun = "patient" if (each.of_patients or each.patients) == 1 else "patients"
            text += f", in {each.patients:,}{of} {noun}"
        if each.attributed:
            text += f", attributed to {listed(agent.label for agent in each.attributed)}"
        label = "Denied harm" if each.patients == 0 else "Serious harm" if each.serious else "Harm"
        unsaid = not each.attributed and each.patients != 0
        note = "no attribution to a treatment was read" if unsaid else None
        return self._fact(each, label, text, "harm", note=note, about=each.attributed)

    def circumstances(self) -> Iterator[Fact]:
        """Context, line of therapy, culprit."""
        facts = self._item.facts
        yield from map(self._line, facts.lines)
        yield from map(self._culprit, facts.culprits)
        yield from map(self._context, sorted(facts.contexts, key=lambda each: each.hypothetical))

    def _line(self, each: Line) -> Fact:
        return self._fact(each, "Line of therapy", each.label, "line_of_therapy")

    def _culprit(self, each: Culprit) -> Fact:
        label = "Suspected culprit" if each.suspected else "Culprit"
        return self._fact(each, label, each.agent.label, "culprit", about=(each.agent,))

    def _context(self, each: Context) -> Fact:
        note = "a condition of the advice, not of a patient of this report" if each.hypothetical else None
        return self._fact(each, each.kind_label.capitalize(), each.label, note=note)

    def ratings(self) -> Iterator[Fact]:
        """Levels and grades of the panel; the scale once."""
        for each in self._item.assessments:
            yield from self._rating(each)

    def _rating(self, each: Assessment) -> Iterator[Fact]:
        parts: Iterable[tuple[str, str | None, tuple[Named, ...]]] = (
            ("Level", each.printed_level, each.levels),
            ("Grade", each.printed_grade, each.grades),
        )
        for label, printed, concepts in parts:
            words = tuple(word for word in each.words if word.exact and printed and word.exact in printed)
            part = Read(f"{each.iri}/{label.lower()}", None, words)
            names = listed(concept.label for concept in concepts) if concepts else "not on the scale"
            yield self._fact(part, label, printed or "not printed", note=names if printed else None)
        if each.scale:
            part = Read(f"{each.iri}/scale", each.basis, ())
            note = "the table does not name its scale" if each.basis == "inferred" else None
            yield self._fact(part, "Scale", each.scale, note=note)
