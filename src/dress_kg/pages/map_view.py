"""The evidence map laid out: rows of agents, cells, and each mark with its sign, its words and its tags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dress_kg.pages.links import Links
from dress_kg.pages.map_cases import Case
from dress_kg.pages.map_count import Count, count
from dress_kg.pages.map_filter import keys
from dress_kg.pages.map_model import COLUMNS, GROUPS, HARM, Agent, Column, Dispute, Facts, Mark

SHAPES = (
    ("case-report", "case-report", "case report"),
    ("case-series", "case-series", "case series"),
    ("trial", "clinical-trial", "clinical trial"),
    ("study", "observational-study", "study of a group (retrospective, prospective, cohort …)"),
    ("study", "prospective-study", ""),
    ("opinion", "expert-opinion", "expert opinion or guideline"),
    ("opinion", "guideline", ""),
    ("synthesis", "systematic-review", "systematic review"),
    ("review", "review", "review"),
    ("preclinical", "preclinical-study", "preclinical study"),
)
"""Sign of a design, the concept it stands for with all that is under it, and its words in the legend."""
UNKNOWN = ("unknown", "design not printed")
GLYPHS_AT_MOST = 24
"""More patients than that are a number, not signs."""
STATEMENTS = frozenset(column.key for column in COLUMNS if column.group == "statements")
WORDS_AT_MOST = 48
"""Characters of a circumstance that stand on a mark; its label and the item's page have all of them."""
_WITH = {"concomitant": "+", "index": "+", "alternative": "or", "prior": "after", "subsequent": "then",
         "excluded": "without"}  # fmt: skip
_IN_PASSING = {"prior": "before", "subsequent": "after", "concomitant": "with"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A mark as it stands on the page.

    :ivar shape: name of its sign. :ivar glyphs: how often the sign stands there.
    :ivar tags: co-treatment and other words on the mark. :ivar label: all of it, for those who hear the page.
    :ivar data: values of filters and of counts, for the script.
    :ivar case: letter of the case it shares with other rows, None where it shares none.
    """

    mark: Mark
    href: str
    shape: str
    glyphs: int
    tags: tuple[str, ...]
    label: str
    data: dict[str, str]
    case: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the map.

    :ivar own: what rows on the agent say. :ivar apart: reviews, and remarks in other rows.
    :ivar patients: distinct patients of its reports; None where no number is printed, or in columns without.
    """

    column: Column
    own: tuple[Shown, ...]
    apart: tuple[Shown, ...]
    patients: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """An agent of the map. :ivar own: whether some row of the table is about it."""

    agent: Agent
    own: bool
    cells: tuple[Cell, ...]
    count: Count
    disputes: tuple[Dispute, ...] = ()
    marks: int = field(default=0)


class Layout:
    """Lays marks out.

    :param per: `patients` for one sign a patient.
    """

    def __init__(self, facts: Facts, links: Links, found: dict[str, Case], per: str) -> None:
        self.facts = facts
        self.links = links
        self.cases = found
        self.per = per
        self._publications: dict[str, int] = {}

    def rows(self, marks: Iterable[Mark], disputes: Iterable[Dispute], own: frozenset[str]) -> list[Row]:
        """One row an agent: first those that rows of the table are about, `own`, then the others."""
        by_agent: dict[str, list[Mark]] = {}
        for mark in marks:
            by_agent.setdefault(mark.agent, []).append(mark)
        disputed: dict[str, list[Dispute]] = {}
        for dispute in disputes:
            disputed.setdefault(dispute.agent, []).append(dispute)
        made = [
            self._row(agent, there, disputed.get(agent, []), agent in own)
            for agent, there in by_agent.items()
        ]
        return sorted(made, key=lambda row: (not row.own, row.agent.name.lower(), row.agent.iri))

    def _row(self, agent: str, marks: list[Mark], disputes: list[Dispute], own_rows: bool) -> Row:
        counted = count(marks)
        numbers = {
            "improved": counted.improved,
            "failed": counted.failed,
            "mixed": counted.mixed,
            "not-printed": counted.without,
        }
        cells = []
        for column in COLUMNS:
            there = [self.show(mark) for mark in marks if mark.column == column.key]
            apart = [each for each in there if _stands_apart(each.mark)]
            own = [each for each in there if not _stands_apart(each.mark)]
            told = any(each.mark.item.patients is not None for each in own)
            cells.append(Cell(column, tuple(own), tuple(apart), numbers.get(column.key) if told else None))
        return Row(self.facts.agents[agent], own_rows, tuple(cells), counted, tuple(disputes), len(marks))

    def show(self, mark: Mark) -> Shown:
        """A mark with all that stands on it."""
        item = mark.item
        shape, design = shape_of(item.design, self.facts)
        case = self.cases.get(item.case or "")
        tags = (*_together(mark), *(_short(each) for each in _limited(mark)))
        return Shown(
            mark=mark,
            href=self.links.item(item.iri),
            shape=shape,
            glyphs=_glyphs(mark) if self.per == "patients" else 1,
            tags=tags,
            label=_label(mark, design, case),
            data=self._data(mark),
            case=case.sign if case else None,
        )

    def _data(self, mark: Mark) -> dict[str, str]:
        """Filter values, blank-separated, and what the script counts by; nothing for what is not known."""
        item = mark.item
        number = self._publications.setdefault(item.publication, len(self._publications))
        data = {f"f-{name}": " ".join(sorted(values)) for name, values in keys(mark, self.facts).items()}
        data["column"] = mark.column
        if not mark.remark and mark.column != HARM:
            data["publication"] = str(number)
        if item.patients is not None:
            data["inferred" if item.inferred else "patients"] = str(item.patients)
        elif item.on_patients is not False:
            data["unknown" if item.on_patients else "unsaid"] = "1"
        if item.case in self.cases:
            data["case"] = self.cases[item.case or ""].sign
        return data


def with_rows(marks: Iterable[Mark]) -> frozenset[str]:
    """The agents that some row is about; the others are named in passing only."""
    return frozenset(mark.agent for mark in marks if not mark.remark and mark.column != HARM)


def shape_of(design: str | None, facts: Facts) -> tuple[str, str]:
    """The sign of a design and what it is called.

    :param design: IRI, None where not printed.
    """
    if design is None:
        return UNKNOWN
    names = {each.rpartition("/")[2] for each in facts.designs.get(design, {design})}
    called = facts.names.get(design, "study")
    return next((shape for shape, concept, _ in SHAPES if concept in names), UNKNOWN[0]), called


def _stands_apart(mark: Mark) -> bool:
    """Remarks in rows about something else, and reviews among reports on patients."""
    return mark.remark or (mark.item.on_patients is False and mark.column not in STATEMENTS)


def _glyphs(mark: Mark) -> int:
    if mark.column in STATEMENTS or mark.item.patients is None:
        return 1
    return mark.item.patients if mark.item.patients <= GLYPHS_AT_MOST else 1


def _together(mark: Mark) -> tuple[str, ...]:
    """What else the row gave, by its roles; for a remark, the treatment of the row it stands in."""
    others = [each for each in mark.item.partners if each.agent != mark.agent]
    treated = {each.agent for each in mark.item.partners if each.role in ("index", "alternative")}
    if mark.remark and not _treats(mark):
        index = " + ".join(dict.fromkeys(each.name for each in others if each.agent in treated))
        return (f"{_IN_PASSING.get(mark.role, 'in a row on')} {index}",) if index else ()
    by_role: dict[str, list[str]] = {}
    for each in others:
        if each.role in _WITH:
            named = f"{each.name} (inferred)" if each.inferred else each.name
            by_role.setdefault(_WITH[each.role], []).append(named)
    joined = {"+": " + ", "or": " or "}
    return tuple(f"{word} {joined.get(word, ', ').join(dict.fromkeys(by_role[word]))}"
                 for word in dict.fromkeys(_WITH.values()) if word in by_role)  # fmt: skip


def _limited(mark: Mark) -> tuple[str, ...]:
    """The circumstances of a mark: advice is limited to them, an outcome is of cases."""
    if not mark.limits:
        return ()
    said = "; ".join(mark.limits)
    return (f"limited: {said}",) if mark.column in STATEMENTS else (said,)


def _short(words: str) -> str:
    return words if len(words) <= WORDS_AT_MOST else words[: WORDS_AT_MOST - 1].rsplit(" ", 1)[0] + " …"


def patients_words(mark: Mark) -> str:
    """The patients of a report in words: unknown is said, and so is a number that is inferred."""
    item = mark.item
    if item.patients is not None:
        plural = "s" if item.patients != 1 else ""
        return f"{item.patients} patient{plural}{', inferred' if item.inferred else ''}"
    return "patients not printed" if item.on_patients else ""


def _label(mark: Mark, design: str, case: Case | None) -> str:
    column = next(each for each in COLUMNS if each.key == mark.column)
    steroids = {True: "with corticosteroids", False: "without corticosteroids, as stated"}
    parts = [
        mark.item.cite,
        column.name.lower(),
        ", ".join(mark.events),
        design,
        patients_words(mark) if mark.column not in STATEMENTS else "",
        _remark(mark),
        *_together(mark),
        "" if mark.remark or mark.item.steroids is None else steroids[mark.item.steroids],
        *_limited(mark),
        f"same patients as in other rows, case {case.sign}" if case else "",
        f"warnings on the row: {', '.join(mark.item.warnings)}" if mark.item.warnings else "",
    ]
    return "; ".join(filter(None, parts))


def _remark(mark: Mark) -> str:
    if not mark.remark:
        return ""
    return "second to what the row says of it" if _treats(mark) else "remark in a row on another treatment"


def _treats(mark: Mark) -> bool:
    """Whether the row is about the agent of the mark."""
    return any(each.agent == mark.agent and each.role in ("index", "alternative")
               for each in mark.item.partners)  # fmt: skip


def legend(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """The signs that stand on the map, with their words."""
    return legend_of(shown for row in rows for cell in row.cells for shown in (*cell.own, *cell.apart))


def legend_of(marks: Iterable[Shown]) -> list[tuple[str, str]]:
    """The signs of some marks, with their words."""
    used = {shown.shape for shown in marks}
    words = [(shape, said) for shape, _, said in SHAPES if said and shape in used]
    return words + ([UNKNOWN] if UNKNOWN[0] in used else [])


def void(rows: Iterable[Row]) -> set[str]:
    """The columns in which nothing stands."""
    used = {cell.column.key for row in rows for cell in row.cells if cell.own or cell.apart}
    return {column.key for column in COLUMNS} - used


def groups() -> list[tuple[str, str, int]]:
    """The groups of columns: key, name, how many."""
    return [(key, name, sum(column.group == key for column in COLUMNS)) for key, name in GROUPS.items()]
