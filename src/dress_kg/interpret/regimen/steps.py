"""Put the phrases of a dosing text together into dose statements, in order.

A statement has one amount. What stands before the first amount of a clause governs it and its
alternatives; what stands after an amount belongs to that amount. A new agent, a second amount, "then" or
a group's heading begin a new statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dress_kg.interpret.regimen.draft import Draft
from dress_kg.interpret.regimen.finish import BULLET, finish
from dress_kg.interpret.regimen.lookahead import is_and, lookahead
from dress_kg.interpret.regimen.phrases import Amount, Count, Divided, Phrase, Span, Timing, Word
from dress_kg.interpret.regimen.several import settle_several, several_times
from dress_kg.interpret.regimen.vocabulary import DAYS_IN, TIME_UNITS
from dress_kg.records import Agent


class Builder:
    """Walks once over the phrases; the last draft is the open one.

    :ivar drafts: the statements, also those that came to nothing. :ivar read: places of phrases that were
        understood without being part of a statement (links, "not specified").
    """

    def __init__(self, phrases: Sequence[Phrase], text: str) -> None:
        self.phrases = phrases
        self._text = text
        self.drafts: list[Draft] = []
        self.read: set[int] = set()
        self._phase = 1
        self._last_phase = self._last_common_phase = 0
        self._group: str | None = None
        self._bullets = 0
        self._joined = self._ended = self._unknown = False
        self._after_amount = self._towards = self._not_given = False
        self._opened: int | None = None
        self._linked: int | None = None
        self._closed: list[Draft] = []
        self._soon, self._next_named = lookahead(phrases)

    def build(self) -> list[Draft]:
        """The statements that state something, in order."""
        self._open()
        for i, phrase in enumerate(self.phrases):
            self._take(i, phrase)
        return finish(self.drafts, self._bullets)

    @property
    def _draft(self) -> Draft:
        return self.drafts[-1]

    def _settle(self) -> None:
        """Remember the phase of the draft that is about to be closed."""
        if self.drafts and self._draft.states_something:
            self._last_phase = max(self._last_phase, self._draft.phase)
            if self._draft.group is None:
                self._last_common_phase = max(self._last_common_phase, self._draft.phase)

    def _open(self, *, alternative: bool = False, source: Draft | None = None) -> Draft:
        self._settle()
        draft = Draft(self._phase, self._group, alternative, source=source)
        self.drafts.append(draft)
        self._ended = self._after_amount = False
        self._closed = []
        return draft

    def _take(self, i: int, phrase: Phrase) -> None:
        value = phrase.value
        if isinstance(value, Word):
            self._word(i, phrase, value)
            return
        if isinstance(value, Agent):
            self._not_given = False
            self._agent(i, phrase, value)
        elif self._not_given:
            return
        elif isinstance(value, Amount):
            self._amount(phrase, value)
        elif isinstance(value, Timing):
            self._timing(i, phrase, value)
        elif isinstance(value, Span):
            self._span(i, phrase, value)
        elif isinstance(value, Count):
            self._count(i, phrase, value)
        elif isinstance(value, Divided):
            self._divided(phrase, value)
        elif self._draft.strength is None and not (self._ended or self._unknown):
            self._draft.strength = value.printed
            self._draft.own.append(phrase)
        self._joined = False

    # ------------------------------------------------------------------ agents and amounts

    def _agent(self, i: int, phrase: Phrase, agent: Agent) -> None:
        draft = self._draft
        amount_follows = isinstance(self._value(self._next_named[i]), Amount)
        if draft.agents:
            if agent in draft.agents and draft.amount is None and not self._ended:
                draft.own.append(phrase)
                return
            if not (self._joined and draft.amount is None and not amount_follows and not self._ended):
                draft = self._open()
        elif draft.amount is not None and (self._ended or self._joined or amount_follows):
            draft = self._open()
        draft.agents.append(agent)
        draft.own.append(phrase)
        self._unknown = False

    def _listed(self, phrase: Phrase, amount: Amount) -> None:
        """Alternatives with one unit ("20, 40 or 60 mg"): what follows is said of each."""
        alternatives: list[Draft] = []
        for value in (*amount.others, amount.high):
            if alternatives:
                self._open(alternative=True, source=alternatives[-1])
            self._amount(phrase, replace(amount, low=value, high=value, others=()))
            alternatives.append(self._draft)
        self._closed = alternatives

    def _amount(self, phrase: Phrase, amount: Amount) -> None:
        if amount.others:
            self._listed(phrase, amount)
            return
        draft = self._draft
        if amount.low is None and draft.amount is not None and not draft.amount.rate:
            return  # "300 mg tid, up to 1800 mg/day" is a limit, no dose
        if amount.rate:
            draft.infusion.append(phrase)
            draft.own.append(phrase)
            return
        if draft.amount is not None and not self._makes_strength(draft, amount, phrase):
            if self._towards and not self._ended:
                self._phase += 1
            towards = self._towards
            draft = self._open(source=draft)
            draft.adjusted = towards
        if self._unknown and not draft.agents:
            draft.foreign = True
        draft.amount = amount
        draft.own.append(phrase)
        if amount.times is not None:
            several_times(draft, amount.times)
        self._after_amount, self._unknown, self._towards = True, False, False

    def _makes_strength(self, draft: Draft, amount: Amount, phrase: Phrase) -> bool:
        """As in "5 mg 8 tablets": what stands right before a count of tablets is their strength."""
        before = draft.own[-1]
        measured = draft.amount is not None and not draft.amount.counted and draft.amount is before.value
        if not (measured and amount.counted and before.after == phrase.first):
            return False
        draft.strength = self._text[before.start : before.end]
        return True

    # ------------------------------------------------------------------ when, how long, how often

    def _timing(self, i: int, phrase: Phrase, timing: Timing) -> None:
        draft = self._draft
        if timing.form == "bare" and draft.amount is None:
            return
        if self._joined and self._names_agent(i) and draft.agents:
            draft = self._open()
        if draft.on_weeks and timing.recurring and draft.own:
            draft = self._next(draft)  # "at weeks 0, 2, 6 and every 8 weeks"
        elif self._is_later(i, draft, timing):
            draft = self._next(draft)  # "every 4 weeks for 3 doses and every 8 weeks thereafter"
            self._linked = i + 1
        for each in self._closed or [draft]:
            if each.count is not None and each.count.what == "several":
                timing = settle_several(each, each.count, timing)
            if each.timing is None and (each.amount is None or each.amount.every is None):
                each.timing = timing
                each.adverb_of_amount = self._after_amount
                each.span_first = each.span is not None
            elif each.cycle is None and timing.recurring and timing.unit != "h":
                each.cycle = timing
            elif each.timing is None or not _same_rate(each.timing, timing):
                continue
            each.own.append(phrase)

    def _is_later(self, i: int, draft: Draft, timing: Timing) -> bool:
        """A second recurrence with "thereafter" right after it is that of the next statement."""
        if draft.timing is None or not timing.recurring or _same_rate(draft.timing, timing):
            return False
        following = self._value(i + 1 if i + 1 < len(self.phrases) else None)
        return (
            self._joined
            and isinstance(following, Word)
            and (following.kind, following.value) == ("link", "next")
        )

    def _span(self, i: int, phrase: Phrase, span: Span) -> None:
        draft = self._draft
        if span.role == "follow-up":
            self.read.add(i)
            return
        if span.role == "course" and draft.agents and self._names_agent(i):
            draft = self._open()
        for each in self._closed or [draft]:
            if each.take_span(span, phrase):
                each.own.append(phrase)

    def _count(self, i: int, phrase: Phrase, count: Count) -> None:
        draft = self._draft
        if draft.agents and draft.states_something and self._names_agent(i):
            draft = self._open()
        for each in self._closed or [draft]:
            if count.what == "cycle":
                if each.cycle_count is None and count.low == count.high:
                    each.cycle_count = int(count.low)
                    each.own.append(phrase)
            elif each.count is None or each.count == count:
                each.count = count
                each.route = each.route or count.route
                each.timing = each.timing or count.often
                each.own.append(phrase)

    def _divided(self, phrase: Phrase, divided: Divided) -> None:
        draft = self._draft
        draft.divided = True
        draft.parts = draft.parts or divided
        draft.own.append(phrase)

    # ------------------------------------------------------------------ words

    def _word(self, i: int, phrase: Phrase, value: Word) -> None:
        if value.kind in ("link", "boundary", "group"):
            self._not_given = False
        if self._not_given:
            return
        if value.kind == "link":
            self._link(i, phrase, value.value)
        elif value.kind == "group":
            self._heading(i, value.value)
            self._joined = self._towards = False
        elif value.kind in ("route", "qualitative", "basis", "as needed", "infusion"):
            self._slot(i, phrase, value)
            self._joined = self._towards = False
        else:
            self._sign(i, value)

    def _slot(self, i: int, phrase: Phrase, value: Word) -> None:
        """A word that fills a slot of the statement, or opens the next one."""
        draft = self._draft
        if value.kind == "route":
            self._route(i, phrase, value.value)
            return
        if value.kind == "qualitative":
            if draft.agents and self._names_agent(i):
                draft = self._open()
            if value.value == "taper" and self._text[phrase.end : phrase.end + 1] == ":":
                self.read.add(i)
                self._next(draft)  # "taper: 125 mg BID × 7 days" heads what comes next
                return
            if draft.qualitative is not None:
                return
            draft.qualitative = value.printed
        elif value.kind == "basis":
            if draft.amount is not None and isinstance(self._value(self._soon[i]), Amount):
                draft = self._open(source=draft)
            draft.basis = draft.basis or value.value
        elif value.kind == "as needed":
            if draft.amount is not None and self._of_another(i):
                return  # "chlorphenamine 4 mg tds, calamine prn": of what was not read
            draft.as_needed = True
        else:
            if draft.amount is not None and self._ended and not value.printed:
                draft = self._open(source=draft)  # "2 mg/kg IV induction; 100 µg/kg/min maintenance"
            draft.infusion.append(phrase)
        draft.own.append(phrase)

    def _of_another(self, i: int) -> bool:
        """Whether an unknown word behind a comma or "and" is all that stands before a phrase."""
        name, joint = self.phrases[max(i - 1, 0)], self.phrases[max(i - 2, 0)]
        return i > 1 and name.is_word("unread") and (joint.is_word("comma") or is_and(joint))

    def _sign(self, i: int, value: Word) -> None:
        if value.kind in ("not specified", "diluent", "equivalent"):
            self.read.add(i)  # a limit is no dose and stays unread
        elif value.kind == "boundary":
            self._ended, self._unknown, self._closed = True, False, []
        elif value.kind == "comma":
            self._joined, self._after_amount = True, False
        elif value.kind == "open":
            self._opened = len(self.drafts) - (self._draft.amount is None)
        elif value.kind == "close" and self._opened is not None:
            within = [d for d in self.drafts[self._opened :] if d.amount is not None]
            self._closed = within if len(within) > 1 else []
            self._opened = None
        elif value.kind == "unread" and value.value in ("days", "weeks"):
            self._draft.on_days = self._draft.on_days or value.value == "days"
            self._draft.on_weeks = value.value == "weeks"
        elif value.kind == "unread" and value.value in ("aside", "change"):
            self._joined = self._after_amount = False
        elif value.kind == "unread":
            self._not_given = value.value == "not given"
            self._joined = self._after_amount = False
            word = value.value
            named = len(word) > 3 and word.isalpha() and word not in TIME_UNITS
            self._unknown = self._unknown or named
        elif value.value == "to":
            self._towards = True

    def _route(self, i: int, phrase: Phrase, route: str) -> None:
        draft = self._draft
        if draft.agents and draft.states_something and self._names_agent(i):
            draft = self._open()
        elif draft.amount is not None and isinstance(self._value(self._soon[i]), Amount):
            draft = self._open(source=draft)
        elif draft.amount is not None and draft.route not in (None, route) and self._names_agent(i):
            draft = self._open()
        if draft.route in (None, route) and not draft.routes_differ:
            draft.route = route
            draft.own.append(phrase)

    def _link(self, i: int, phrase: Phrase, kind: str) -> None:
        draft = self._draft
        self._unknown = False
        if i == self._linked:
            self.read.add(i)
            return
        if kind == "and":
            self.read.add(i)
            self._joined, self._after_amount = True, False
            return
        if kind == "or":
            coming = self._value(self._soon[i])
            rated = isinstance(coming, Word) and coming.kind == "infusion" and coming.value == "rate"
            if draft.dosed and (rated or isinstance(coming, Amount | Agent)):
                self.read.add(i)
                self._open(alternative=True, source=draft)
            elif isinstance(coming, Word) and coming.kind == "route" and coming.value != draft.route:
                draft.routes_differ, draft.route = True, None
                draft.own = [p for p in draft.own if not p.is_word("route")]
            return
        self.read.add(i)
        draft = self._next(draft)
        if kind != "next":
            draft.adjusted = draft.adjusted or kind == "adjust"
            draft.own.append(phrase)

    def _next(self, draft: Draft) -> Draft:
        """The draft of what comes after this one in time."""
        if draft.own:
            self._settle()
            self._phase = max(self._phase, self._last_phase + 1)
            draft = self._open(source=draft)
        draft.continued = bool(self.drafts[:-1])
        return draft

    def _heading(self, i: int, name: str) -> None:
        self._settle()
        self.read.add(i)
        if name in "*•●▪■":
            self._bullets += 1
            self._group, self._phase = f"{BULLET}{self._bullets}", 1
        else:
            # Named groups run side by side, after what is said of all of them.
            self._group, self._phase = name, self._last_common_phase + 1
        self._last_phase = self._phase - 1
        self._unknown = False
        self._open()

    # ------------------------------------------------------------------ looking ahead

    def _value(self, i: int | None) -> object:
        return None if i is None else self.phrases[i].value

    def _names_agent(self, i: int) -> bool:
        return isinstance(self._value(self._soon[i]), Agent)


def _same_rate(one: Timing, other: Timing) -> bool:
    if one.times is None or other.times is None:
        return False
    days = [t.period * DAYS_IN[t.unit] for t in (one, other)]
    return one.times * days[1] == other.times * days[0]
