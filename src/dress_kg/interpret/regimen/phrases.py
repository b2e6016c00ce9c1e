"""What the grammar finds in a dosing text: phrases, each with the characters it covers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from dress_kg.records import Agent


@dataclass(frozen=True, slots=True)
class Timing:
    """How often: `times`-`times_max` per `period`-`period_max` `unit` (FHIR Timing).

    :ivar form: `adverb` ("daily", "/weekly", "every month"), `counted` ("twice daily", "q12h"),
        `bare` ("one a day", which may be an amount).
    :ivar recurring: "every 3 weeks", "monthly": may be the cycle of a course.
    """

    times: Decimal | None
    times_max: Decimal | None
    period: Decimal
    period_max: Decimal | None
    unit: str
    form: str = "counted"
    recurring: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """How much: `low`-`high` `unit`.

    :ivar unit: UCUM amount without time, or None ("take one").
    :ivar basis: `day`, `dose`, `week`, `month` where the denominator says so.
    :ivar every: a denominator like "/12h".
    :ivar rate: the denominator is an hour or a minute: a rate of infusion.
    :ivar times: "3 x 500 mg".
    :ivar others: the amounts before it in "20, 40 or 60 mg".
    :ivar slashed: the period is the printed denominator ("100 mg / monthly").
    """

    low: Decimal | None
    high: Decimal | None
    unit: str | None
    basis: str | None = None
    every: Timing | None = None
    rate: bool = False
    slashed: bool = False
    strength: str | None = None
    times: Decimal | None = None
    others: tuple[Decimal, ...] = ()

    @property
    def counted(self) -> bool:
        """True for tablets, drops and the like."""
        return self.unit is None or self.unit == "[drp]" or self.unit.startswith("{")


@dataclass(frozen=True, slots=True)
class Strength:
    """What a preparation holds: "0.05%", "5 mg/mL"."""

    printed: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time.

    :ivar role: `for` ("for 7 days", "x 5 d"), `over` ("over 60 min", "spread over 5 d"), `course` ("7-day
        course"), `per` ("per 7 days"), `bare` ("5 days").
    :ivar divided: "divided over", "spread over".
    """

    low: Decimal | None
    high: Decimal | None
    unit: str
    role: str
    divided: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How often in all. :ivar what: `dose`, `cycle`, `pulse`, `loading` or `times` ("x 3").

    :ivar route: printed within it ("1 intravenous pulse"). :ivar often: likewise ("4 weekly infusions").
    """

    low: Decimal
    high: Decimal
    what: str
    route: str | None = None
    often: Timing | None = None


@dataclass(frozen=True, slots=True)
class Divided:
    """An amount given in parts.

    :ivar parts: how often, where printed ("divided BID"). :ivar count: how many parts ("in 3 divided doses").
    """

    parts: Timing | None
    count: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A phrase whose kind and value say all.

    :ivar printed: its tokens, for a kind whose own words matter (`qualitative`).
    :ivar kind: `route`, `as needed`, `qualitative`, `basis`, `link`, `not specified`, `filler`, `limit`,
        `diluent`, `equivalent`, `infusion`, `follow-up`, `group`, `boundary`, `open`, `close`, `comma`,
        `between doses`, `skipped`, `unread`.
    """

    kind: str
    value: str
    printed: str = ""


Payload = Timing | Amount | Strength | Span | Count | Divided | Word | Agent


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase at `text[start:end]`, the tokens `first` up to `after` (exclusive)."""

    value: Payload
    start: int
    end: int
    first: int
    after: int

    def is_word(self, *kinds: str) -> bool:
        """True for a :class:`Word` of one of these kinds."""
        return isinstance(self.value, Word) and self.value.kind in kinds
