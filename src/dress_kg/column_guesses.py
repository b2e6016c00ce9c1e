"""Guess what the columns of a table nobody has described hold: by their headers and by their values.

Every guess says what it rests on. A column that nothing speaks for is left to be carried along.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from dress_kg.header import normal
from dress_kg.interpret.agents import AgentLexicon

HEADERS: Mapping[str, tuple[str, ...]] = {
    "row_id": ("evidence id", "row id", "record id", "entry id", "item id", "id"),
    "drug": ("drug", "drugs", "treatment", "therapy", "medication", "agent", "intervention", "drug name",
             "treatment regimen", "therapies", "compound", "medicine"),
    "operator": ("drug interaction type", "therapy interaction type", "combination type", "operator"),
    "dose": ("dose", "doses", "dosage", "dosing", "regimen", "posology", "drug dose", "dose and design"),
    "interval": ("interval", "duration", "schedule", "treatment duration", "course", "duration of treatment"),
    "reference": ("reference", "references", "citation", "author", "authors", "publication", "source",
                  "study reference", "author year"),
    "publication_id": ("pmid", "pubmed id", "citation id", "doi", "pmcid"),
    "condition": ("condition", "disease", "indication", "diagnosis", "disorder", "tumor type", "tumour type"),
    "condition_id": ("doid", "disease id", "condition id", "mondo id", "mesh id"),
    "study_design": ("study design", "design", "type of study", "study type"),
    "patients": ("patients", "n", "number of patients", "no of patients", "sample size", "participants"),
    "comments": ("comments", "comment", "remarks", "notes", "outcome", "outcomes", "results", "findings",
                 "conclusions", "observations", "efficacy", "response"),
    "level": ("level", "level of evidence", "evidence level", "loe", "level evidence", "evidence"),
    "grade": ("grade", "grade of recommendation", "recommendation grade", "strength", "grade recom",
              "strength of recommendation", "class of recommendation"),
}  # fmt: skip
"""Words that headers of each field are printed with."""

_NEAR = 82.0
AMOUNT = re.compile(
    r"\d\s*(?:mg|g|µg|mcg|ml|iu|units?|mmol)\b|/kg|/m2|/m²|\bdaily\b|\bb\.?i\.?d\b", re.IGNORECASE
)
_TIME = re.compile(r"\d\s*(?:d|days?|wk|weeks?|mo|months?|y|years?|cycles?|doses?)\b", re.IGNORECASE)
_CITATION = re.compile(r"\bet\s+al\b|(?:\(|,\s*|\s)(?:19|20)\d\d\b|\[\d{1,3}\]")
_DESIGN = re.compile(
    r"\bcase|series|cohort|trial|rct\b|randomi[sz]ed|retrospective|prospective|review|observational|\bphase\b",
    re.IGNORECASE,
)
_PROSE = re.compile(r"(?:[^\W\d_]{2,}\W+){4}")


NO_VALUE = re.compile(
    r"[-–—.*/\s]*|n\.?\s?/?[adrs]\.?|none|nil|not\s(?:reported|stated|available).*", re.IGNORECASE
)
"""What is printed where there is nothing to print."""


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """A column as it was found.

    :ivar position: 1-based. :ivar header: as printed. :ivar values: those that say something, stripped.
    """

    position: int
    header: str
    values: tuple[str, ...]

    def share(self, test: Callable[[str], object]) -> float:
        """The share of values, 0 to 1, that pass; of the first 300."""
        sample = self.values[:300]
        return sum(bool(test(value)) for value in sample) / len(sample) if sample else 0.0

    @property
    def kinds(self) -> Counter[str]:
        """How often each value occurs."""
        return Counter(self.values)

    @property
    def codes(self) -> tuple[str, ...]:
        """The values that occur more than once; all of them in a short table. What came once may be dirt."""
        least = 2 if len(self.values) > 12 else 1
        return tuple(sorted(value for value, count in self.kinds.items() if count >= least))


@dataclass(frozen=True, slots=True)
class Guess:
    """A field for a column. :ivar reason: what it rests on. :ivar score: 0 to 200, for choosing only."""

    column: ColumnValues
    field: str
    score: float
    reason: str


def guess_fields(columns: Sequence[ColumnValues], lexicon: AgentLexicon) -> dict[int, Guess]:
    """The best field for each column, by position; no field twice, and none where nothing speaks for one."""
    guesses = [guess for column in columns for guess in _guesses(column, lexicon)]
    guesses.sort(key=lambda guess: (-guess.score, guess.column.position, guess.field))
    chosen: dict[int, Guess] = {}
    for guess in guesses:
        if guess.column.position not in chosen and guess.field not in {g.field for g in chosen.values()}:
            chosen[guess.column.position] = guess
    return chosen


def _guesses(column: ColumnValues, lexicon: AgentLexicon) -> list[Guess]:
    found = []
    for field, words in HEADERS.items():
        word = max(words, key=lambda word: _likeness(column.header, word))
        near = _likeness(column.header, word)
        fits, why = _content(field, column, lexicon)
        if near < _NEAR and (near > 0 and fits < 0.8):
            near = 0.0
        by_header = near >= _NEAR and (fits >= 0.15 or not column.values)
        by_values = fits >= 0.8 and field in _TOLD_BY_VALUES
        if by_header or by_values:
            reasons = [f"its header is {'' if near > 99 else 'near '}{word!r}"] if by_header else []
            found.append(
                Guess(column, field, (near if by_header else 0) + 100 * fits, "; ".join([*reasons, why]))
            )
    return found


_TOLD_BY_VALUES = frozenset({"drug", "dose", "reference"})
"""Fields that values alone may speak for; codes and numbers need a header beside them."""


def _likeness(header: str, word: str) -> float:
    forms = {normal(header), normal(re.sub(r"\([^()]*\)\s*$", "", header))} - {""}
    return max((fuzz.ratio(form, word) for form in forms), default=0.0)


def _content(field: str, column: ColumnValues, lexicon: AgentLexicon) -> tuple[float, str]:
    """How well the values fit a field, 0 to 1, and the words for it."""
    if field == "drug":
        share = column.share(lambda value: len(value) < 120 and lexicon.find(value))
        if column.share(_PROSE.search) > 0.5:
            share *= 0.3
        known = f"{share:.0%} of its values name a known agent"
        # A name list that lacks this field's drugs does not speak against the header.
        return max(
            share, 0.3 if column.share(lambda v: len(v) < 120 and re.search(r"[^\W\d_]{4}", v)) > 0.6 else 0
        ), known
    if field in _PATTERNS:
        pattern, words = _PATTERNS[field]
        share = column.share(pattern.search)
        return share, f"{share:.0%} of its values {words}"
    if field in ("row_id", "publication_id", "condition_id"):
        distinct = len(column.kinds) / max(1, len(column.values))
        plain = column.share(
            lambda value: re.fullmatch(r"[\w.:/-]{1,40}", value.strip()) and re.search(r"\d", value)
        )
        told = f"{plain:.0%} of its values are ids, {distinct:.0%} of them different"
        return (plain if field != "row_id" or distinct == 1 else 0.0), told
    if field in ("level", "grade"):
        short = column.share(lambda value: len(value.strip()) <= 6)
        few = len(column.kinds) <= 12
        return (short if few else 0.0), f"{len(column.kinds)} different short codes"
    if field == "operator":
        return (1.0 if 0 < len(column.kinds) <= 6 else 0.0), f"{len(column.kinds)} different values"
    share = column.share(lambda value: re.search(r"[^\W\d_]{3}", value))
    return share, f"{share:.0%} of its values are words"


_PATTERNS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "dose": (AMOUNT, "hold an amount"),
    "interval": (_TIME, "hold a time"),
    "reference": (_CITATION, "look like a citation"),
    "study_design": (_DESIGN, "name a study design"),
    "patients": (re.compile(r"^\s*(?:n\s*=\s*)?\d{1,7}\s*$", re.IGNORECASE), "are whole numbers"),
}
