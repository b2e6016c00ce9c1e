"""From the lines that a curator has filled in to curations, with every fault named by row and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from dress_kg.errors import CurationError
from dress_kg.interpret.curation import apply_curation, misfit, slot_of
from dress_kg.interpret.curation_field import REJECT, Resolve, Shape
from dress_kg.interpret.curation_fields import field_of
from dress_kg.records import Curation, Evidence
from dress_kg.review.entry import Decision, Why, accepted, corrected, mark, rejected
from dress_kg.review.filled import Filled
from dress_kg.spreadsheet import neutral, plain

ACCEPTED = "Accepted as read."
"""The reason of a reading that a curator accepted without giving one."""
_COLUMNS = {"field": "Other field", "value": "Value", "date": "Date"}


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell of the sheet that cannot be taken. :ivar row: of the sheet; :ivar column: by name."""

    row: int
    column: str
    message: str
    value: str | None
    remedy: str

    def __str__(self) -> str:
        """One line, and the remedy."""
        shown = f": {self.value!r}" if self.value else ""
        return f"row {self.row}, column {self.column}: {self.message}{shown}\n    remedy: {self.remedy}"


class FaultError(Exception):
    """Carries one fault out of a line that cannot be taken."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Decided:
    """What a filled queue comes to.

    :ivar curations: with `line` the row of the sheet. :ivar dropped: stale decisions that are to go.
    :ivar stale: rows whose cell has changed since the queue was written; they are not taken.
    :ivar undecided: how many lines are still open.
    """

    curations: tuple[Curation, ...]
    dropped: tuple[Curation, ...]
    stale: tuple[Filled, ...]
    faults: tuple[Fault, ...]
    undecided: int


def decide(
    rows: Iterable[Filled],
    evidence: Mapping[str, Evidence],
    resolve: Resolve,
    *,
    curator: str | None = None,
    day: str | None = None,
) -> Decided:
    """Judge every line, and collect all faults.

    :param evidence: the items as they are read now, by key. :param resolve: finds an agent by name.
    :param curator: who decided, and :param day: when (ISO 8601), where a line does not say so.
    """
    curations: list[Curation] = []
    dropped: list[Curation] = []
    stale: list[Filled] = []
    faults: list[Fault] = []
    undecided = 0
    taken: dict[tuple[str, ...], Curation] = {}
    for row in rows:
        try:
            decision = _decision(row)
            if decision is None:
                undecided += 1
                continue
            item = _item(row, evidence)
            if _one_space(plain(neutral(item.row.cells[row["Cell"]].text))) != _one_space(row["Printed"]):
                stale.append(row)
                continue
            made = _curations(row, decision, item, curator, day)
            if row["Why"] == Why.STALE and decision is Decision.REJECT:
                dropped += made
                continue
            _try(row, item, made, resolve)
            _no_other(row, made, taken)
            curations += made
        except FaultError as found:
            faults.append(found.fault)
    return Decided(tuple(curations), tuple(dropped), tuple(stale), tuple(faults), undecided)


def _one_space(text: str) -> str:
    return " ".join(text.split())


def _fault(row: Filled, column: str, message: str, remedy: str, value: str | None = None) -> FaultError:
    return FaultError(
        Fault(row.number, column, message, row.known(column) if value is None else value, remedy)
    )


def _decision(row: Filled) -> Decision | None:
    said = row["Decision"].lower()
    if not said:
        for column in ("Value", "Other field", "Reason"):
            if row[column]:
                remedy = "choose one of " + ", ".join(Decision) + ", or empty the line"
                raise _fault(row, "Decision", f"there is something in {column} but no decision", remedy)
        return None
    if said not in tuple(Decision):
        raise _fault(row, "Decision", "no such decision", "choose one of " + ", ".join(Decision))
    return Decision(said)


def _item(row: Filled, evidence: Mapping[str, Evidence]) -> Evidence:
    marked = ("Item", "Why", "Cell", "Printed", "Words", "Field", "About", "Read")
    if mark(tuple(row[column] for column in marked)) != row["Check"]:
        remedy = "undo the change, or write the queue again with `dress-kg review`"
        raise _fault(row, "Check", "the protected cells of this line have been changed", remedy)
    item = evidence.get(row["Item"])
    if item is None or row["Cell"] not in item.row.cells:
        remedy = "the row is gone from the table: empty the line, or write the queue again"
        raise _fault(row, "Item", "the table has no such item, or not this cell of it", remedy)
    return item


def _values(row: Filled, decision: Decision) -> list[tuple[str, str]]:
    """The fields that a line sets, with their values."""
    field, about, read = row["Field"], row.known("About"), row.known("Read")
    value, other = row["Value"], row["Other field"]
    if decision is not Decision.CORRECT:
        if value and value != read:
            raise _fault(
                row, "Value", f"a value that {decision} does not take", "choose correct, or empty it"
            )
        if other:
            raise _fault(row, "Other field", f"a field that {decision} does not take", "choose correct")
    if decision is Decision.ACCEPT or (row["Why"] == Why.STALE and decision is Decision.REJECT):
        stands = read if row["Why"] == Why.STALE else accepted(field, about, read)
        if stands is None:
            raise _fault(
                row, "Decision", "nothing was read here to accept", "choose correct and give the value"
            )
        return [(field, stands)]
    if decision is Decision.REJECT:
        wrong = rejected(field, about, read)
        if wrong is None:
            remedy = "choose correct, and write what is right in Value"
            raise _fault(row, "Decision", f"{field} cannot be left without a value", remedy)
        return [(field, wrong)]
    return _correction(row, field, about, read)


def _correction(row: Filled, field: str, about: str | None, read: str | None) -> list[tuple[str, str]]:
    value, other = row["Value"], row["Other field"]
    if not value:
        raise _fault(row, "Value", "a correction without a value", "write what is right")
    if other and other != field:
        # What was asked is settled as well: the flag is real, the words were read, the reading was wrong.
        settles = accepted if field in ("flag", "unread") else rejected
        settled = settles(field, about, read)
        return [(field, settled), (other, value)] if settled else [(other, value)]
    if field in ("flag", "unread"):
        raise _fault(row, "Other field", "which field the value is for is not said", "name the field")
    known = field_of(field)
    made = [(field, corrected(field, about, value))]
    if known and known.shape is Shape.LIST and read and not value.startswith(REJECT) and value != read:
        made.insert(0, (field, REJECT + read.removeprefix(REJECT)))
    return made


def _curations(
    row: Filled, decision: Decision, item: Evidence, curator: str | None, day: str | None
) -> list[Curation]:
    reason = row["Reason"] or (ACCEPTED if decision is Decision.ACCEPT else "")
    if not reason:
        raise _fault(row, "Reason", "no reason is given", "say why in a sentence")
    who, when = row["Curator"] or curator, row["Date"] or day
    if not who:
        raise _fault(row, "Curator", "nobody has signed", "write your name, or give --curator NAME")
    if not when:
        raise _fault(row, "Date", "there is no date", "write the day as 2026-01-31, or give --date")
    if misfit("direction", "mixed", when) is None and date.fromisoformat(when) > date.today():
        raise _fault(row, "Date", "a day that has not come yet", "write the day of the decision")
    made = []
    for field, value in _values(row, decision):
        wrong = misfit(field, _one_space(value), when)
        if wrong is not None:
            column, message, remedy = wrong
            raise _fault(row, _COLUMNS[column], message, remedy)
        text = _one_space(item.row.cells[row["Cell"]].text)
        said, why, by = map(_one_space, (value, reason, who))
        made.append(Curation(item.key, field, said, why, by, when, row["Cell"], text, row.number))
    return made


def _try(row: Filled, item: Evidence, made: list[Curation], resolve: Resolve) -> None:
    """Make sure that the item takes the decisions."""
    try:
        apply_curation(item, made, resolve)
    except CurationError as error:
        remedy = error.remedy or "correct the value"
        raise _fault(row, "Value", error.message, remedy, error.value) from error


def _no_other(row: Filled, made: list[Curation], taken: dict[tuple[str, ...], Curation]) -> None:
    """Make sure that no other line decides the same thing otherwise."""
    for curation in made:
        other = taken.setdefault(slot_of(curation), curation)
        if other.value != curation.value:
            message = f"row {other.line} decides the same otherwise ({other.value})"
            raise _fault(row, "Value", message, "settle on one, and empty the other line")
